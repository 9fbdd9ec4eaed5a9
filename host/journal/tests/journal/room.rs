//! After a failed write nothing more is written, and opening again recovers.

use std::sync::mpsc;

use lazaret_journal::{Journal, JournalError, Options, Record};

use super::support::{Place, append_all, id, new_run, record};

fn small(place: &Place, max_file_bytes: u64) -> Journal {
    let mut options = Options::default();
    options.max_file_bytes = max_file_bytes;
    Journal::open_with(place.path(), options).unwrap()
}

fn large() -> Record {
    Record::new("large", vec![b'x'; 100_000]).unwrap()
}

#[test]
fn a_full_disk_stops_the_journal_and_keeps_what_was_acknowledged() {
    let place = Place::new();
    let journal = small(&place, 1_000_000);
    let other = journal.create_run(new_run(2)).unwrap();
    append_all(&other, ["before".into()]);
    let run = journal.create_run(new_run(1)).unwrap();
    let mut acknowledged = 0;
    let failed = loop {
        match run.append(large()).wait() {
            Ok(sequence) => acknowledged = sequence.next().get(),
            Err(error) => break error,
        }
    };
    assert!(matches!(failed, JournalError::NoRoom(_)), "{failed}");
    assert!(failed.hint().is_some());
    assert!((5..10).contains(&acknowledged));

    // Nothing more is written: no small record, not for another run, no new run, no collection.
    for refused in [
        run.append(record("small")).wait().unwrap_err(),
        other.append(record("small")).wait().unwrap_err(),
        other.sync().unwrap_err(),
        journal.create_run(new_run(3)).unwrap_err(),
        journal.open_run(&id(1)).unwrap_err(),
    ] {
        let JournalError::Poisoned(cause) = refused else {
            panic!("{refused}");
        };
        assert!(matches!(*cause, JournalError::NoRoom(_)));
    }
    // Reading goes on.
    assert_eq!(journal.verify(&id(1)).unwrap().count, acknowledged);
    assert_eq!(run.head().count, acknowledged);
    drop((run, other, journal));

    let journal = place.open();
    let run = journal.open_run(&id(1)).unwrap();
    assert_eq!(run.head().count, acknowledged);
    append_all(&run, ["there is room".into()]);
    assert_eq!(journal.verify(&id(1)).unwrap().count, acknowledged + 1);
    assert_eq!(journal.verify(&id(2)).unwrap().count, 1);
}

#[test]
fn a_failed_transaction_fails_for_all_that_are_in_it_and_behind_it() {
    let place = Place::new();
    let journal = small(&place, 1_000_000);
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
    let mut pending = vec![run.append(record("small"))];
    pending.extend((0..20).map(|_| run.append(large())));
    let_go.send(()).unwrap();
    for pending in pending {
        pending.wait().unwrap_err();
    }
    assert_eq!(run.head().count, 1);
    assert_eq!(journal.verify(&id(1)).unwrap(), run.head());
}

#[test]
fn a_file_that_has_its_size_already_takes_nothing() {
    let place = Place::new();
    drop(place.open().create_run(new_run(1)).unwrap());
    let journal = small(&place, 1);
    let run = journal.open_run(&id(1)).unwrap();
    let failed = run.append(large()).wait().unwrap_err();
    assert!(matches!(failed, JournalError::NoRoom(_)), "{failed}");
}
