//! What a collection removes, and what it never does.

use std::fs;

use lazaret_journal::{Blob, Collect, Digest, Journal, JournalError, RunId};

use super::support::{Place, append_all, blob, ended, id, new_run, payloads, record};

/// Makes a run that ended at `number`, with a blob of its own and one that all share.
fn make(journal: &Journal, number: usize) {
    let run = journal.create_run(new_run(number)).unwrap();
    let own = record("own")
        .with_blob(blob(&format!("own {number}")))
        .unwrap();
    run.append(own.with_blob(blob("shared")).unwrap())
        .wait()
        .unwrap();
    let at = u64::try_from(number).unwrap();
    run.append_final(record("end"), ended(at)).wait().unwrap();
}

fn collect(ended_before_ms: u64, keep_latest: usize) -> Collect {
    Collect {
        ended_before_ms,
        keep_latest,
    }
}

fn left(journal: &Journal) -> Vec<RunId> {
    journal
        .runs(100, None)
        .unwrap()
        .into_iter()
        .map(|run| run.id)
        .collect()
}

#[test]
fn old_runs_go_with_their_blobs_and_the_latest_stay() {
    let place = Place::new();
    let journal = place.open();
    (1..=5).for_each(|number| make(&journal, number));
    let report = journal.gc(collect(100, 3)).unwrap();
    assert_eq!(left(&journal), [5, 4, 3].map(id));
    assert_eq!((report.runs, report.records, report.blobs), (2, 4, 2));
    assert_eq!(report.bytes, 2 * (3 + 3 + 5));
    assert_eq!(journal.gc(collect(4, 0)).unwrap().runs, 1);
    assert_eq!(
        left(&journal),
        [5, 4].map(id),
        "a run that ended at 4 did not end before 4"
    );
    for gone in ["own 1", "own 2", "own 3"] {
        let read = journal.read_blob(Digest::of(gone.as_bytes()));
        assert!(matches!(read, Err(JournalError::BlobNotFound(_))));
    }
    assert_eq!(journal.read_blob(Digest::of(b"shared")).unwrap(), b"shared");
    for run in left(&journal) {
        journal.verify(&run).unwrap();
    }
    assert_eq!(journal.gc(collect(100, 0)).unwrap().blobs, 3);
    assert_eq!(
        journal.gc(collect(100, 0)).unwrap(),
        lazaret_journal::GcReport::default()
    );
}

#[test]
fn open_and_driven_runs_stay() {
    let place = Place::new();
    let journal = place.open();
    let open = journal.create_run(new_run(1)).unwrap();
    open.append(record("own").with_blob(blob("own 1")).unwrap())
        .wait()
        .unwrap();
    drop(open);
    make(&journal, 2);
    make(&journal, 3);
    let elsewhere = place.open();
    let driven = elsewhere.open_run(&id(2)).unwrap();
    let report = journal.gc(collect(u64::MAX, 0)).unwrap();
    assert_eq!((report.runs, report.locked), (1, 1));
    assert_eq!(left(&journal), [2, 1].map(id));
    assert_eq!(journal.read_blob(Digest::of(b"own 1")).unwrap(), b"own 1");
    assert_eq!(journal.verify(&id(2)).unwrap(), driven.head());
}

#[test]
fn a_removed_run_may_be_made_again_and_is_another() {
    let place = Place::new();
    let journal = place.open();
    make(&journal, 1);
    journal.gc(collect(u64::MAX, 0)).unwrap();
    let run = journal.create_run(new_run(1)).unwrap();
    append_all(&run, ["new".into()]);
    assert_eq!(payloads(&journal, &id(1)), ["new"]);
}

#[test]
fn what_was_removed_is_no_longer_in_the_file_and_the_file_shrinks() {
    const SECRET: &str = "the secret that was in a run";
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    let content = Blob::new(SECRET.repeat(100_000), "{}", "").unwrap();
    run.append(record(SECRET).with_blob(content).unwrap())
        .wait()
        .unwrap();
    run.append_final(record("end"), ended(1)).wait().unwrap();
    drop(run);
    let files = || {
        let entries = fs::read_dir(place.directory.path()).unwrap();
        entries
            .map(|entry| fs::read(entry.unwrap().path()).unwrap())
            .collect::<Vec<_>>()
    };
    let holds = |bytes: &Vec<u8>| {
        bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes())
    };
    assert!(files().iter().any(holds));
    journal.gc(collect(u64::MAX, 0)).unwrap();
    assert!(!files().iter().any(holds));
    assert!(files().iter().map(Vec::len).sum::<usize>() < 300_000);
}

#[test]
fn many_blobs_are_swept_while_others_write() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    for n in 0..700 {
        let content = record("x").with_blob(blob(&n.to_string())).unwrap();
        run.append_then(content, Box::new(|_| ()));
    }
    run.append_final(record("end"), ended(1)).wait().unwrap();
    drop(run);
    let other = journal.create_run(new_run(2)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| append_all(&other, (0..300).map(|n| n.to_string())));
        assert_eq!(journal.gc(collect(u64::MAX, 0)).unwrap().blobs, 700);
    });
    assert_eq!(journal.verify(&id(2)).unwrap().count, 300);
}
