//! How the file itself behaves: its modes, its versions, and old files.

use std::{fs, path::PathBuf};

use lazaret_journal::{Digest, Journal, JournalError};

use super::support::{Place, append_all, id, new_run, payloads, read_all};

#[cfg(unix)]
#[test]
fn files_and_directory_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let path = place
        .directory
        .path()
        .join("new")
        .join("deep")
        .join("journal.db");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let open = || {
        let journal = Journal::open(&path).unwrap();
        let run = journal.create_run(new_run(1));
        for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        drop(run);
    };
    open();
    let set = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set(&path, 0o644);
    set(path.parent().unwrap(), 0o755);
    open();
}

#[cfg(unix)]
#[test]
fn a_directory_that_is_everybodys_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let directory = place.directory.path().join("shared");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o1777)).unwrap();
    let refused = Journal::open(directory.join("journal.db")).unwrap_err();
    assert!(matches!(refused, JournalError::Exposed(_)));
    assert!(refused.hint().is_some());
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
}

#[test]
fn a_newer_file_is_refused_and_left_as_it_is() {
    let place = Place::new();
    drop(place.open());
    place.forge("PRAGMA user_version = 2");
    let before = fs::read(place.path()).unwrap();
    let refused = Journal::open(place.path()).unwrap_err();
    assert!(matches!(
        refused,
        JournalError::NewerSchema {
            found: 2,
            supported: 1
        }
    ));
    assert!(refused.to_string().contains('2'));
    assert!(refused.hint().is_some());
    assert!(
        fs::read(place.path()).unwrap() == before,
        "the file has changed"
    );
}

#[test]
fn a_file_that_was_migrated_meanwhile_is_not_written() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    place.forge("PRAGMA user_version = 2");
    let failed = run.append(super::support::record("a")).wait().unwrap_err();
    assert!(matches!(failed, JournalError::NewerSchema { .. }));
}

#[test]
fn the_database_of_another_program_is_refused() {
    let place = Place::new();
    place.forge("CREATE TABLE theirs (x)");
    let before = fs::read(place.path()).unwrap();
    let refused = Journal::open(place.path()).unwrap_err();
    assert!(matches!(refused, JournalError::Foreign(_)));
    assert!(
        fs::read(place.path()).unwrap() == before,
        "the file has changed"
    );
}

#[test]
fn many_may_make_the_same_file_at_once() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let place = &place;
            scope.spawn(move || {
                let run = place.open().create_run(new_run(number)).unwrap();
                append_all(&run, ["a".into(), "b".into()]);
            });
        }
    });
    let journal = place.open();
    for number in 0..8 {
        assert_eq!(journal.verify(&id(number)).unwrap().count, 2);
    }
}

/// The fixture is kept for ever; see its README.
#[test]
fn a_file_of_version_1_opens() {
    let fixture: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", "v1.db"]
        .iter()
        .collect();
    let place = Place::new();
    fs::copy(fixture, place.path()).unwrap();
    let journal = place.open();
    let runs = journal.runs(10, None).unwrap();
    let titles: Vec<_> = runs.iter().map(|run| run.title.as_str()).collect();
    assert_eq!(titles, ["still open", "ended"]);
    let ended = &runs[1];
    assert_eq!(ended.metadata, r#"{"made":"by version 1"}"#);
    assert_eq!(
        ended.status.as_ref().unwrap().ended_ms(),
        Some(1_700_000_009_000)
    );
    let hash = "1bfc3864b21394ea78dba1c5fa578f64f51bf2f1c3b7ed852a7583a933c8491c";
    assert_eq!(ended.head.hash.to_string(), hash);
    assert_eq!(journal.verify(&ended.id).unwrap(), ended.head);
    let records = read_all(&journal, &ended.id);
    assert_eq!(records[0].kind(), "opened");
    assert_eq!(records[0].blobs()[0].label(), r#"{"taint":["mail"]}"#);
    assert_eq!(
        journal.read_blob(Digest::of(b"Dear agent")).unwrap(),
        b"Dear agent"
    );
    let open = journal.open_run(&runs[0].id).unwrap();
    append_all(&open, ["goes on".into()]);
    assert_eq!(payloads(&journal, &runs[0].id), ["{}", "goes on"]);
    assert_eq!(journal.verify(&runs[0].id).unwrap().count, 2);
}

#[test]
fn who_closes_last_leaves_nothing_that_the_next_one_has_to_read_again() {
    let place = Place::new();
    let journal = place.open();
    let run = journal.create_run(new_run(1)).unwrap();
    append_all(&run, ["one".to_owned()]);
    // A connection for reading is kept open, and must not outlive the one that writes.
    assert_eq!(payloads(&journal, &id(1)), ["one"]);
    drop(run);
    drop(journal);
    let log = place.path().with_file_name(format!(
        "{}-wal",
        place.path().file_name().unwrap().to_str().unwrap()
    ));
    assert!(!log.exists(), "{}", log.display());
}
