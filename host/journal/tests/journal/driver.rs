//! Nobody but one drives a run.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _, Write as _, stdin, stdout},
    process::{Command, Stdio},
};

use lazaret_journal::{Journal, JournalError};

use super::support::{Place, append_all, id, new_run, payloads, record};

const PLACE: &str = "LAZARET_JOURNAL_TEST_DRIVER";

#[test]
fn a_second_driver_is_refused_until_the_first_has_gone() {
    let place = Place::new();
    let (first, second) = (place.open(), place.open());
    let run = first.create_run(new_run(1)).unwrap();
    for journal in [&first, &second] {
        let refused = journal.open_run(&id(1)).unwrap_err();
        assert!(matches!(refused, JournalError::Busy { .. }));
        assert!(refused.hint().is_some());
        assert!(
            refused
                .to_string()
                .contains(&std::process::id().to_string())
        );
    }
    let other = second.create_run(new_run(2)).unwrap();
    append_all(&run, ["a".into()]);
    append_all(&other, ["b".into()]);
    let clone = run.clone();
    drop(run);
    second.open_run(&id(1)).unwrap_err();
    drop(clone);
    let run = second.open_run(&id(1)).unwrap();
    append_all(&run, ["c".into()]);
    assert_eq!(payloads(&first, &id(1)), ["a", "c"]);
    first.verify(&id(1)).unwrap();
    first.verify(&id(2)).unwrap();
}

#[test]
fn whoever_waited_for_the_last_record_finds_the_run_unlocked() {
    let place = Place::new();
    let journal = place.open();
    drop(journal.create_run(new_run(1)).unwrap());
    for n in 0..200 {
        let run = journal.open_run(&id(1)).unwrap();
        let pending = run.append(record(&n.to_string()));
        drop(run);
        pending.wait().unwrap();
    }
    assert_eq!(journal.verify(&id(1)).unwrap().count, 200);
}

#[test]
fn a_run_is_created_once_and_opened_only_if_it_is_there() {
    let place = Place::new();
    let journal = place.open();
    assert!(matches!(
        journal.open_run(&id(1)),
        Err(JournalError::RunNotFound(_))
    ));
    drop(journal.create_run(new_run(1)).unwrap());
    assert!(matches!(
        journal.create_run(new_run(1)),
        Err(JournalError::RunExists(_))
    ));
    journal
        .create_run(new_run(2))
        .unwrap()
        .append(record("still writes"))
        .wait()
        .unwrap();
}

/// Not a test of its own: what the child process below runs.
#[test]
fn child_that_drives() {
    let Some(path) = env::var_os(PLACE) else {
        return;
    };
    let run = Journal::open(path).unwrap().open_run(&id(1)).unwrap();
    writeln!(stdout(), "\ndriving").unwrap();
    stdin().read_to_end(&mut Vec::new()).unwrap();
    drop(run);
}

#[test]
fn a_driver_in_another_process_is_named() {
    let place = Place::new();
    let journal = place.open();
    drop(journal.create_run(new_run(1)).unwrap());
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["driver::child_that_drives", "--exact", "--nocapture"])
        .env(PLACE, place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "driving"));
    let refused = journal.open_run(&id(1)).unwrap_err();
    assert!(matches!(refused, JournalError::Busy { process, .. } if process == Some(child.id())));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    drop(journal.open_run(&id(1)).unwrap());
}
