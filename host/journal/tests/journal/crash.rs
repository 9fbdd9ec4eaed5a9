//! A process that is killed loses nothing that it acknowledged.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _, stdout},
    process::{Command, Stdio},
    sync::mpsc,
};

use lazaret_journal::Journal;

use super::support::{Place, Random, append_all, blob, id, new_run, read_all, record};

const PLACE: &str = "LAZARET_JOURNAL_TEST_CRASH";
const RUNS: usize = 3;

/// Not a test of its own: what the child process below runs. It appends to several runs for ever,
/// with many records on their way, and prints each that was acknowledged.
#[test]
fn child_that_appends() {
    let Some(path) = env::var_os(PLACE) else {
        return;
    };
    let journal = Journal::open(path).unwrap();
    let runs: Vec<_> = (0..RUNS)
        .map(|number| journal.open_run(&id(number)).unwrap())
        .collect();
    let (sender, acknowledged) = mpsc::sync_channel(64);
    std::thread::scope(|scope| {
        for (number, run) in runs.iter().enumerate() {
            let sender = sender.clone();
            scope.spawn(move || {
                for n in run.head().count.. {
                    let content = blob(&format!("content {number} {n}"));
                    let record = record(&format!("{number} {n}")).with_blob(content).unwrap();
                    let sender = sender.clone();
                    run.append_then(
                        record,
                        Box::new(move |outcome| {
                            sender.send((number, outcome.unwrap().get())).unwrap();
                        }),
                    );
                }
            });
        }
        for (number, sequence) in acknowledged {
            writeln!(stdout(), "\nack {number} {sequence}").unwrap();
        }
    });
}

/// Starts the child, kills it after so many acknowledgements, and returns how many records of each
/// run it acknowledged.
fn kill_after(place: &Place, acknowledgements: usize) -> [u64; RUNS] {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["crash::child_that_appends", "--exact", "--nocapture"])
        .env(PLACE, place.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut counts = [0; RUNS];
    let mut count = |line: String| {
        let mut words = line.strip_prefix("ack ")?.split(' ');
        let run: usize = words.next()?.parse().ok()?;
        let sequence: u64 = words.next()?.parse().ok()?;
        counts[run] = counts[run].max(sequence + 1);
        Some(())
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let seen = lines
        .by_ref()
        .filter_map(&mut count)
        .take(acknowledgements)
        .count();
    assert_eq!(seen, acknowledgements);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had printed before it died counts, too; a line that was cut does not.
    let mut rest: Vec<_> = lines.collect();
    rest.pop();
    rest.into_iter().filter_map(&mut count).for_each(drop);
    counts
}

#[test]
fn a_killed_process_leaves_every_acknowledged_record_and_a_whole_chain() {
    let mut random = Random::new(20_261_122);
    let place = Place::new();
    let journal = place.open();
    for number in 0..RUNS {
        drop(journal.create_run(new_run(number)).unwrap());
    }
    drop(journal);
    for acknowledgements in [
        1,
        2,
        7,
        40,
        100 + random.below(400),
        1 + random.below(100),
        1000,
    ] {
        let acknowledged = kill_after(&place, acknowledgements);
        let journal = place.open();
        for (number, least) in acknowledged.into_iter().enumerate() {
            let head = journal.verify(&id(number)).unwrap();
            assert!(
                head.count >= least,
                "run {number}: {} of {least}",
                head.count
            );
            for (n, record) in read_all(&journal, &id(number)).into_iter().enumerate() {
                assert_eq!(record.payload(), format!("{number} {n}").as_bytes());
                let content = journal.read_blob(record.blobs()[0].digest()).unwrap();
                assert_eq!(content, format!("content {number} {n}").as_bytes());
            }
        }
    }
}

#[test]
fn a_killed_process_does_not_keep_its_runs() {
    let place = Place::new();
    let journal = place.open();
    for number in 0..RUNS {
        drop(journal.create_run(new_run(number)).unwrap());
    }
    let acknowledged = kill_after(&place, 10);
    let run = journal.open_run(&id(0)).unwrap();
    assert!(run.head().count >= acknowledged[0]);
    append_all(&run, ["goes on".into()]);
    assert_eq!(journal.verify(&id(0)).unwrap(), run.head());
}
