//! What a journal says about its runs.

use lazaret_journal::{JournalError, Status};

use super::support::{Place, append_all, ended, id, new_run, record};

#[test]
fn runs_are_listed_newest_first_and_in_pages() {
    let place = Place::new();
    let journal = place.open();
    for number in [3, 1, 5, 2, 4] {
        drop(journal.create_run(new_run(number)).unwrap());
    }
    let ids = |limit, before: Option<usize>| {
        let before = before.map(id);
        let runs = journal.runs(limit, before.as_ref()).unwrap();
        runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(10, None), [5, 4, 3, 2, 1].map(id));
    assert_eq!(ids(2, None), [5, 4].map(id));
    assert_eq!(ids(2, Some(4)), [3, 2].map(id));
    assert_eq!(ids(2, Some(1)), []);
    assert_eq!(ids(0, None), []);
    assert!(matches!(
        journal.runs(1, Some(&id(9))),
        Err(JournalError::RunNotFound(_))
    ));
}

#[test]
fn a_run_tells_its_title_status_and_count() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(7)).unwrap();
    let info = || journal.run(&id(7)).unwrap();
    assert_eq!((info().title.as_str(), info().started_ms), ("run 7", 7));
    assert_eq!(info().metadata, r#"{"m":1}"#);
    assert_eq!((info().status, info().head.count), (None, 0));
    assert_eq!(info().head, run.head());
    append_all(&run, ["a".into()]);
    assert_eq!((info().status, info().head.count), (None, 1));
    let open = Status::open("waiting").unwrap();
    run.append(record("b").with_status(open.clone()))
        .wait()
        .unwrap();
    assert_eq!(info().status, Some(open));
    run.append_final(record("c"), ended(9)).wait().unwrap();
    assert_eq!(info().status, Some(ended(9)));
    assert_eq!(info().head, run.head());
    assert!(matches!(
        journal.run(&id(8)),
        Err(JournalError::RunNotFound(_))
    ));
}
