//! Every way of changing a run behind the journal's back is found, and found at its place.

use lazaret_journal::{BlobRef, Digest, Fault, Head, Journal, JournalError, Sequence};

use super::support::{Place, append_all, blob, ended, id, new_run, record};

/// Makes two runs of six records; the third of each has a blob, and the last ends it.
fn make(place: &Place) -> Head {
    let journal = place.open();
    let mut heads = Vec::new();
    for number in [1, 2] {
        let run = journal.create_run(new_run(number)).unwrap();
        append_all(&run, ["zero".into(), "one".into()]);
        let content = record("two").with_blob(blob("content")).unwrap();
        run.append(content).wait().unwrap();
        append_all(&run, ["three".into(), "four".into()]);
        run.append_final(record("five"), ended(9)).wait().unwrap();
        heads.push(run.head());
    }
    heads[0]
}

/// Returns where and how a run is broken.
fn broken(outcome: Result<Head, JournalError>) -> (u64, Fault) {
    match outcome {
        Err(JournalError::Broken {
            run,
            sequence,
            fault,
        }) => {
            assert_eq!(run, id(1));
            (sequence.get(), fault)
        }
        other => panic!("not found: {other:?}"),
    }
}

/// Does it to run 1 and checks what `verify` says.
fn check(statements: &str, sequence: u64, fault: Fault) {
    let place = Place::new();
    make(&place);
    place.forge(statements);
    let journal = place.open();
    assert_eq!(
        broken(journal.verify(&id(1))),
        (sequence, fault),
        "{statements}"
    );
    journal.verify(&id(2)).unwrap();
}

#[test]
fn a_run_that_nobody_touched_verifies() {
    let place = Place::new();
    let head = make(&place);
    let journal = place.open();
    assert_eq!(journal.verify(&id(1)).unwrap(), head);
    assert_eq!(journal.verify_against(&id(1), head).unwrap(), head);
}

#[test]
fn changed_content_is_found() {
    for change in [
        "UPDATE records SET payload = x'00' WHERE run = 1 AND seq = 2",
        "UPDATE records SET kind = 'other' WHERE run = 1 AND seq = 2",
        "UPDATE records SET status = 'x' WHERE run = 1 AND seq = 2",
        "UPDATE records SET hash = zeroblob(32) WHERE run = 1 AND seq = 2",
        "UPDATE record_blobs SET label = '{\"t\":[]}' WHERE run = 1",
        "UPDATE record_blobs SET media = 'text/html' WHERE run = 1",
        "UPDATE record_blobs SET digest = zeroblob(32) WHERE run = 1",
        "DELETE FROM record_blobs WHERE run = 1",
        "INSERT INTO record_blobs SELECT run, seq, 1, digest, label, media
         FROM record_blobs WHERE run = 1",
    ] {
        check(change, 2, Fault::Changed);
    }
    check(
        "UPDATE records SET ended_ms = 10 WHERE run = 1 AND seq = 5",
        5,
        Fault::Changed,
    );
    check(
        "UPDATE records SET previous = zeroblob(32) WHERE run = 1 AND seq = 2",
        2,
        Fault::WrongPrevious,
    );
}

#[test]
fn a_dropped_record_is_found() {
    let missing = |seq| format!("DELETE FROM records WHERE run = 1 AND seq = {seq}");
    for seq in 0..6 {
        check(&missing(seq), seq, Fault::Missing);
    }
    check("DELETE FROM records WHERE run = 1", 0, Fault::Missing);
    // The records after it move up to fill the gap.
    let moved = missing(3) + "; UPDATE records SET seq = seq - 1 WHERE run = 1 AND seq > 3";
    check(&moved, 3, Fault::WrongPrevious);
}

#[test]
fn reordered_records_are_found() {
    check(
        "UPDATE records SET seq = 99 WHERE run = 1 AND seq = 1;
         UPDATE records SET seq = 1 WHERE run = 1 AND seq = 3;
         UPDATE records SET seq = 3 WHERE run = 1 AND seq = 99",
        1,
        Fault::Reordered,
    );
}

#[test]
fn added_records_are_found() {
    let copy = |run, from, to| {
        format!(
            "INSERT INTO records SELECT 1, {to}, kind, payload, status, ended_ms, previous, hash
                 FROM records WHERE run = {run} AND seq = {from}"
        )
    };
    check(&copy(1, 5, 6), 6, Fault::Added);
    check(&copy(2, 5, 6), 6, Fault::Added);
    let counted = "; UPDATE runs SET count = 7 WHERE key = 1";
    check(&(copy(1, 3, 6) + counted), 6, Fault::Reordered);
    check(&(copy(2, 5, 6) + counted), 6, Fault::WrongPrevious);
}

#[test]
fn a_record_of_another_run_is_found() {
    let foreign = "DELETE FROM records WHERE run = 1 AND seq = 3;
        UPDATE records SET run = 1 WHERE run = 2 AND seq = 3";
    let place = Place::new();
    make(&place);
    place.forge(foreign);
    let journal = place.open();
    assert_eq!(broken(journal.verify(&id(1))), (3, Fault::WrongPrevious));
    // It also fits where it was put, and is still not of this run.
    drop(journal);
    place.forge(
        "UPDATE records SET previous = (SELECT hash FROM records WHERE run = 1 AND seq = 2)
        WHERE run = 1 AND seq = 3",
    );
    assert_eq!(broken(place.open().verify(&id(1))), (3, Fault::Changed));
}

#[test]
fn a_changed_header_head_or_status_is_found() {
    check(
        "UPDATE runs SET title = 'other' WHERE key = 1",
        0,
        Fault::Header,
    );
    check(
        "UPDATE runs SET started_ms = 9 WHERE key = 1",
        0,
        Fault::Header,
    );
    check(
        "UPDATE runs SET metadata = '{}' WHERE key = 1",
        0,
        Fault::Header,
    );
    check("UPDATE runs SET format = 9 WHERE key = 1", 0, Fault::Header);
    check(
        "UPDATE runs SET head = zeroblob(32) WHERE key = 1",
        6,
        Fault::Head,
    );
    check(
        "UPDATE runs SET status = 'failed' WHERE key = 1",
        6,
        Fault::Status,
    );
    check(
        "UPDATE runs SET ended_ms = NULL WHERE key = 1",
        6,
        Fault::Status,
    );
    check("UPDATE runs SET count = 7 WHERE key = 1", 6, Fault::Missing);
    check("UPDATE runs SET count = 5 WHERE key = 1", 5, Fault::Added);
}

#[test]
fn missing_and_changed_blobs_are_found() {
    let digest = Digest::of(b"content");
    for (change, fault) in [
        ("DELETE FROM blobs", Fault::BlobMissing(digest)),
        ("UPDATE blobs SET bytes = x'00'", Fault::BlobChanged(digest)),
    ] {
        let place = Place::new();
        make(&place);
        place.forge(change);
        let journal = place.open();
        assert_eq!(broken(journal.verify(&id(1))), (2, fault));
        journal.read_blob(digest).unwrap_err();
    }
}

/// Cuts the tail and makes the rest consistent, as someone with the file and this crate can.
fn cut(place: &Place, count: u64) {
    place.forge(&format!(
        "DELETE FROM records WHERE run = 1 AND seq >= {count};
         UPDATE runs SET count = {count}, status = NULL, ended_ms = NULL,
           head = (SELECT hash FROM records WHERE run = 1 AND seq = {count} - 1) WHERE key = 1"
    ));
}

#[test]
fn a_cut_tail_is_found_against_a_head_that_was_kept() {
    let place = Place::new();
    let expected = make(&place);
    cut(&place, 4);
    let journal = place.open();
    assert_eq!(
        journal.verify(&id(1)).unwrap().count,
        4,
        "the file alone cannot tell"
    );
    let fault = Fault::NotTheExpected { expected };
    assert_eq!(broken(journal.verify_against(&id(1), expected)), (3, fault));
}

#[test]
fn a_run_that_was_made_anew_is_found_against_a_head_that_was_kept() {
    let place = Place::new();
    let expected = make(&place);
    cut(&place, 4);
    let journal = place.open();
    let run = journal.open_run(&id(1)).unwrap();
    append_all(&run, ["another".into(), "end".into(), "and more".into()]);
    journal.verify(&id(1)).unwrap();
    let fault = Fault::NotTheExpected { expected };
    assert_eq!(broken(journal.verify_against(&id(1), expected)), (5, fault));
}

#[test]
fn a_run_that_went_on_still_holds_the_head_it_had() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let mut heads = vec![run.head()];
    for n in 0..5 {
        append_all(&run, [n.to_string()]);
        heads.push(run.head());
    }
    for earlier in heads {
        assert_eq!(journal.verify_against(&id(1), earlier).unwrap(), run.head());
    }
}

#[test]
fn reading_and_opening_find_what_they_come_across() {
    let read = |journal: &Journal, from| {
        let records = journal.records(&id(1), Sequence::new(from));
        records.collect::<Result<Vec<_>, _>>().map(|all| all.len())
    };
    for (change, reads, opens) in [
        (
            "UPDATE records SET payload = x'00' WHERE run = 1 AND seq = 2",
            false,
            true,
        ),
        ("DELETE FROM records WHERE run = 1 AND seq = 3", false, true),
        (
            "DELETE FROM records WHERE run = 1 AND seq = 5",
            false,
            false,
        ),
        (
            "UPDATE runs SET head = zeroblob(32) WHERE key = 1",
            false,
            false,
        ),
        ("UPDATE runs SET count = 5 WHERE key = 1", false, false),
        ("UPDATE runs SET title = 'other' WHERE key = 1", false, true),
    ] {
        let place = Place::new();
        make(&place);
        place.forge(change);
        let journal = place.open();
        assert_eq!(read(&journal, 0).is_ok(), reads, "{change}");
        assert_eq!(journal.open_run(&id(1)).is_ok(), opens, "{change}");
    }
}

#[test]
fn a_run_written_behind_its_driver_stops_the_journal() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    append_all(&run, ["zero".into()]);
    place.forge("UPDATE runs SET count = 9 WHERE key = 1");
    let failed = run.append(record("one")).wait().unwrap_err();
    assert!(matches!(
        failed,
        JournalError::Broken {
            fault: Fault::Head,
            ..
        }
    ));
    let refused = run.append(record("two")).wait().unwrap_err();
    assert!(matches!(refused, JournalError::Poisoned(_)));
}

#[test]
fn a_stored_use_needs_its_bytes_even_in_the_same_transaction() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let content = blob("content");
    let again = BlobRef::new(content.digest(), "[]", "").unwrap();
    let first = run.append(record("a").with_blob(content).unwrap());
    let second = run.append(record("b").with_stored_blob(again).unwrap());
    first.wait().unwrap();
    second.wait().unwrap();
    journal.verify(&id(1)).unwrap();
}
