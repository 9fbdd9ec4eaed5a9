//! What is appended is there, in order, grouped, and told exactly once.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
};

use lazaret_journal::{
    Blob, BlobRef, Digest, JournalError, Record, Sequence, Status,
    limits::{MAX_BATCH_RECORDS, MAX_RECORDS_PER_RUN},
};
use proptest::prelude::*;

use super::support::{Place, append_all, blob, ended, id, new_run, payloads, read_all, record};

type Written = (
    String,
    Vec<u8>,
    Vec<(Vec<u8>, String)>,
    Option<(String, Option<u64>)>,
);

fn any_record() -> impl Strategy<Value = Written> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    let blobs = prop::collection::vec((bytes(), "[a-z]{0,4}"), 0..4);
    let status = prop::option::of((".{0,8}", prop::option::of(0..1_u64 << 63)));
    ("[a-z0-9._-]{1,8}", bytes(), blobs, status)
}

fn make((kind, payload, blobs, status): &Written) -> Record {
    let mut record = Record::new(kind, payload.clone()).unwrap();
    for (bytes, label) in blobs {
        let blob = Blob::new(bytes.clone(), format!("\"{label}\""), "m").unwrap();
        record = record.with_blob(blob).unwrap();
    }
    match status {
        None => record,
        Some((text, None)) => record.with_status(Status::open(text).unwrap()),
        Some((text, Some(at))) => record.with_status(Status::ended(text, *at).unwrap()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_appended_is_read_back(written in prop::collection::vec(any_record(), 0..12)) {
        let place = Place::new();
        let journal = place.open();
        let run = journal.create_run(new_run(1)).unwrap();
        let mut open = true;
        let mut kept = Vec::new();
        for each in &written {
            let outcome = run.append(make(each)).wait();
            if open || each.3.is_some() {
                prop_assert_eq!(outcome.unwrap().get(), u64::try_from(kept.len()).unwrap());
                kept.push(each);
            } else {
                prop_assert!(matches!(outcome, Err(JournalError::Ended(_))));
            }
            open = each.3.as_ref().map_or(open, |(_, at)| at.is_none());
        }
        let head = run.head();
        drop((run, journal));

        let journal = place.open();
        prop_assert_eq!(journal.verify(&id(1)).unwrap(), head);
        let stored = read_all(&journal, &id(1));
        prop_assert_eq!(stored.len(), kept.len());
        for (stored, (kind, payload, blobs, status)) in stored.iter().zip(kept) {
            prop_assert_eq!(stored.kind(), kind);
            prop_assert_eq!(stored.payload(), &payload[..]);
            let status_read = stored.status().map(|s| (s.text().to_owned(), s.ended_ms()));
            prop_assert_eq!(&status_read, status);
            let mut uses: Vec<_> = blobs
                .iter()
                .map(|(bytes, label)| (Digest::of(bytes), format!("\"{label}\"")))
                .collect();
            uses.sort_unstable();
            uses.dedup();
            let uses_read: Vec<_> = stored
                .blobs()
                .iter()
                .map(|blob| (blob.digest(), blob.label().to_owned()))
                .collect();
            prop_assert_eq!(uses_read, uses);
            for (bytes, _) in blobs {
                prop_assert_eq!(&journal.read_blob(Digest::of(bytes)).unwrap(), bytes);
            }
        }
    }
}

#[test]
fn records_of_many_threads_get_every_place_once_and_each_thread_keeps_its_order() {
    const THREADS: usize = 8;
    const EACH: usize = 300;
    let place = Place::new();
    let journal = place.open();
    let runs = [1, 2].map(|number| journal.create_run(new_run(number)).unwrap());
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let run = &runs[thread % 2];
            scope.spawn(move || {
                let pending: Vec<_> = (0..EACH)
                    .map(|n| run.append(record(&format!("{thread} {n:04}"))))
                    .collect();
                let places: Vec<_> = pending.into_iter().map(|p| p.wait().unwrap()).collect();
                assert!(places.is_sorted());
            });
        }
    });
    for (number, run) in [(1, &runs[0]), (2, &runs[1])] {
        let all = payloads(&journal, &id(number));
        assert_eq!(all.len(), EACH * THREADS / 2);
        for thread in (0..THREADS).filter(|thread| thread % 2 == number - 1) {
            let prefix = format!("{thread} ");
            let own: Vec<_> = all
                .iter()
                .filter(|text| text.starts_with(&prefix))
                .collect();
            assert_eq!(own.len(), EACH);
            assert!(own.is_sorted());
        }
        assert_eq!(journal.verify(&id(number)).unwrap(), run.head());
    }
}

/// Holds the writer in a callback while `queue` appends, and returns the number of transactions
/// that what was queued took.
fn transactions(extra: usize) -> u64 {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let (let_go, held) = mpsc::channel::<()>();
    let (arrived, arrival) = mpsc::channel::<()>();
    run.append_then(
        record("first"),
        Box::new(move |_| {
            arrived.send(()).unwrap();
            held.recv().unwrap();
        }),
    );
    arrival.recv().unwrap();
    let before = journal.commits();
    let pending: Vec<_> = (0..extra)
        .map(|n| run.append(record(&n.to_string())))
        .collect();
    let_go.send(()).unwrap();
    for pending in pending {
        pending.wait().unwrap();
    }
    journal.commits() - before
}

#[test]
fn what_waits_together_is_one_transaction_up_to_the_largest_batch() {
    assert_eq!(transactions(1), 1);
    assert_eq!(transactions(MAX_BATCH_RECORDS), 1);
    assert_eq!(transactions(MAX_BATCH_RECORDS + 1), 2);
}

#[test]
fn callbacks_come_once_each_in_order_and_may_append() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (done, all_done) = mpsc::channel();
    for n in 0..50 {
        let (seen, done, again) = (Arc::clone(&seen), done.clone(), run.clone());
        run.append_then(
            record(&n.to_string()),
            Box::new(move |outcome| {
                seen.lock().unwrap().push(outcome.unwrap().get());
                let callback = Box::new(move |outcome| done.send(outcome).unwrap());
                again.append_then(record("again"), callback);
            }),
        );
    }
    drop(done);
    let again: Vec<_> = all_done.iter().map(|outcome| outcome.unwrap()).collect();
    assert_eq!(again.len(), 50);
    assert!(again.is_sorted());
    assert!(seen.lock().unwrap().is_sorted());
    assert_eq!(seen.lock().unwrap().len(), 50);
    assert_eq!(run.head().count, 100);
}

#[test]
fn the_last_handle_may_be_dropped_in_a_callback() {
    let place = Place::new();
    let run = place.open().create_run(new_run(1)).unwrap();
    let (sender, receiver) = mpsc::channel();
    let last = run.clone();
    run.append_then(
        record("a"),
        Box::new(move |outcome| {
            drop(last);
            sender.send(outcome).unwrap();
        }),
    );
    drop(run);
    receiver.recv().unwrap().unwrap();
}

#[test]
fn dropping_everything_writes_what_is_queued() {
    let place = Place::new();
    let run = place.open().create_run(new_run(1)).unwrap();
    for n in 0..2000 {
        run.append_then(record(&n.to_string()), Box::new(|_| ()));
    }
    drop(run);
    let all = payloads(&place.open(), &id(1));
    assert_eq!(
        all,
        (0..2000).map(|n: i32| n.to_string()).collect::<Vec<_>>()
    );
}

#[test]
fn reading_starts_anywhere_and_goes_over_pages() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    append_all(&run, (0..1000).map(|n| n.to_string()));
    for from in [0, 1, 255, 256, 257, 999, 1000, 5000] {
        let read: Vec<_> = journal
            .records(&id(1), Sequence::new(from))
            .map(|record| record.unwrap().sequence().get())
            .collect();
        assert_eq!(read, (from..1000).collect::<Vec<_>>());
    }
}

#[test]
fn large_records_are_read_in_pages_of_bounded_size() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let pending: Vec<_> = (0..20)
        .map(|fill| run.append(Record::new("large", vec![fill; 1024 * 1024]).unwrap()))
        .collect();
    for pending in pending {
        pending.wait().unwrap();
    }
    let all = read_all(&journal, &id(1));
    assert_eq!(all.len(), 20);
    assert_eq!(journal.verify(&id(1)).unwrap(), run.head());
}

#[test]
fn the_same_bytes_are_stored_once_and_keep_a_label_for_each_use() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let shared = blob("the same");
    let digest = shared.digest();
    let other = BlobRef::new(digest, r#"{"t":[]}"#, "text/html").unwrap();
    run.append(record("a").with_blob(shared.clone()).unwrap())
        .wait()
        .unwrap();
    run.append(record("b").with_blob(shared).unwrap())
        .wait()
        .unwrap();
    run.append(record("c").with_stored_blob(other.clone()).unwrap())
        .wait()
        .unwrap();
    let stored = read_all(&journal, &id(1));
    assert_eq!(stored[2].blobs(), [other]);
    assert_ne!(stored[0].blobs()[0].label(), stored[2].blobs()[0].label());
    drop((run, journal));
    let connection = rusqlite::Connection::open(place.path()).unwrap();
    let count = connection.query_row("SELECT count(*) FROM blobs", (), |row| row.get(0));
    assert_eq!(count, Ok(1));
}

#[test]
fn a_use_of_bytes_that_are_not_there_is_refused_and_nothing_else_is() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let absent = blob("absent");
    let refused = run.append(
        record("a")
            .with_stored_blob(absent.reference().clone())
            .unwrap(),
    );
    let fine = run.append(record("b"));
    assert!(
        matches!(refused.wait(), Err(JournalError::BlobNotFound(digest))
        if digest == absent.digest())
    );
    assert_eq!(fine.wait().unwrap(), Sequence::FIRST);
    assert!(matches!(
        journal.read_blob(absent.digest()),
        Err(JournalError::BlobNotFound(_))
    ));
}

#[test]
fn an_ended_run_takes_only_a_record_that_opens_it_again() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    run.append_final(record("end"), ended(9)).wait().unwrap();
    drop(run);
    let run = journal.open_run(&id(1)).unwrap();
    assert!(matches!(
        run.append(record("late")).wait(),
        Err(JournalError::Ended(_))
    ));
    let open = Status::open("running").unwrap();
    run.append(record("resumed").with_status(open.clone()))
        .wait()
        .unwrap();
    run.append(record("more")).wait().unwrap();
    assert_eq!(journal.run(&id(1)).unwrap().status, Some(open));
    assert_eq!(payloads(&journal, &id(1)), ["end", "resumed", "more"]);
    assert_eq!(run.sync().unwrap(), journal.verify(&id(1)).unwrap());
}

#[test]
fn a_run_has_a_limited_number_of_records() {
    let place = Place::new();
    let journal = place.open();
    append_all(&journal.create_run(new_run(1)).unwrap(), ["only".into()]);
    place.forge(&format!(
        "UPDATE records SET seq = {MAX_RECORDS_PER_RUN} - 2;
         UPDATE runs SET count = {MAX_RECORDS_PER_RUN} - 1"
    ));
    let run = journal.open_run(&id(1)).unwrap();
    append_all(&run, ["the last".into()]);
    let refused = run.append(record("one more")).wait().unwrap_err();
    assert!(matches!(refused, JournalError::RunFull(_)));
    let other = journal.create_run(new_run(2)).unwrap();
    append_all(&other, ["still writes".into()]);
}
