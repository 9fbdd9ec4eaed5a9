//! What the journal keeps when the disk does not do what it should: writes are torn, the disk is
//! full, syncs fail, reads are short, and the power goes at every moment.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop a test as tests do"
)]

mod layer;
#[path = "../journal/support.rs"]
#[expect(
    dead_code,
    clippy::explicit_write,
    reason = "the other tests use the rest of it, and libtest takes what is printed"
)]
mod support;

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use layer::{Act, Fault};
use lazaret_journal::{Journal, JournalError, Options, RunWriter};
use support::{Place, Random, blob, id, new_run, payloads, record};

fn open(place: &Place) -> Result<Journal, JournalError> {
    let mut options = Options::default();
    options.file_layer = Some(layer::NAME);
    Journal::open_with(place.path(), options)
}

fn watched() -> Place {
    let place = Place::new();
    layer::watch(place.directory.path());
    place
}

/// Appends records with contents, one transaction each, until one fails or there are enough.
fn append(run: &RunWriter, from: u64, most: u64) -> (u64, Option<JournalError>) {
    for number in from..from + most {
        let content = blob(&format!("content {number} {}", "x".repeat(3_000)));
        let record = record(&format!("record {number}"))
            .with_blob(content)
            .unwrap();
        if let Err(error) = run.append(record).wait() {
            return (number, Some(error));
        }
    }
    (from + most, None)
}

/// Opens what is left without faults: whatever was acknowledged is there, the chain is whole, and
/// writing goes on.
fn assert_recovers(path: &Path, acknowledged: u64, why: &str) {
    let journal = Journal::open(path).unwrap();
    let head = journal
        .verify(&id(1))
        .unwrap_or_else(|error| panic!("{why}: {error}"));
    assert!(
        head.count >= acknowledged,
        "{why}: {} of {acknowledged}",
        head.count
    );
    for (number, text) in payloads(&journal, &id(1)).into_iter().enumerate() {
        assert_eq!(text, format!("record {number}"), "{why}");
    }
    let run = journal.open_run(&id(1)).unwrap();
    let (count, error) = append(&run, head.count, 2);
    assert!(error.is_none() && count == head.count + 2, "{why}");
    assert_eq!(journal.verify(&id(1)).unwrap().count, count, "{why}");
}

/// Writes until the fault strikes; the journal says so, writes nothing more, and recovers.
fn strike(fault: Fault) -> bool {
    let place = watched();
    let directory = place.directory.path().to_owned();
    let journal = open(&place).unwrap();
    let run = journal.create_run(new_run(1)).unwrap();
    let (before, error) = append(&run, 0, 3);
    assert!(error.is_none());
    layer::fail(&directory, Some(fault));
    let (acknowledged, error) = append(&run, before, 30);
    let Some(error) = error else {
        assert_eq!(layer::failed(&directory), 0, "{fault:?} was not noticed");
        return false;
    };
    assert!(error.code().starts_with("journal."), "{fault:?}: {error}");
    // The disk is well again, but nobody knows what is on it: nothing more is written.
    layer::fail(&directory, None);
    let writes = layer::logged(&directory);
    let refused = run.append(record("more")).wait().unwrap_err();
    assert!(
        matches!(refused, JournalError::Poisoned(_)),
        "{fault:?}: {refused}"
    );
    assert!(run.sync().is_err() && journal.create_run(new_run(2)).is_err());
    assert_eq!(
        layer::logged(&directory),
        writes,
        "{fault:?}: it wrote after a failure"
    );
    assert_eq!(run.head().count, acknowledged);
    drop((run, journal));
    assert_recovers(&place.path(), acknowledged, &format!("{fault:?}"));
    true
}

/// Strikes at the first act of a kind, the second, and so on.
fn strike_everywhere(fault: fn(u64) -> Fault) {
    let struck = (0..12).filter(|number| strike(fault(*number))).count();
    assert!(struck >= 6, "it struck {struck} times");
}

#[test]
fn a_torn_write_on_a_full_disk_loses_nothing_that_was_acknowledged() {
    strike_everywhere(Fault::TornWrite);
}

#[test]
fn a_failed_write_loses_nothing_that_was_acknowledged() {
    strike_everywhere(Fault::Write);
}

#[test]
fn a_failed_fsync_poisons_the_journal_and_what_was_acknowledged_stays() {
    strike_everywhere(Fault::Sync);
}

#[test]
fn reads_that_fail_or_are_short_are_told_and_never_wrong() {
    for fault in [Fault::Read as fn(u64) -> Fault, Fault::ShortRead] {
        for number in 0..8 {
            let place = watched();
            let directory = place.directory.path().to_owned();
            let journal = open(&place).unwrap();
            let run = journal.create_run(new_run(1)).unwrap();
            let (count, _) = append(&run, 0, 20);
            drop((run, journal));
            layer::fail(&directory, Some(fault(number)));
            if let Ok(journal) = open(&place) {
                // Either the truth or an error.
                if let Ok(head) = journal.verify(&id(1)) {
                    assert_eq!(head.count, count, "{number}");
                }
                for (at, record) in journal
                    .records(&id(1), lazaret_journal::Sequence::FIRST)
                    .enumerate()
                {
                    let Ok(record) = record else { break };
                    assert_eq!(record.payload(), format!("record {at}").as_bytes());
                }
            }
            layer::fail(&directory, None);
            assert_recovers(&place.path(), count, &format!("read {number}"));
        }
    }
}

#[test]
fn a_journal_that_cannot_be_cut_back_stops_and_recovers() {
    // Cutting happens when the log is reset or the file gives pages back: rarely, so that most of
    // these never strike.
    for number in 0..3 {
        strike(Fault::Truncate(number));
    }
}

/// A disk after the power went: what was synced is there; of what was written since, any part
/// may be, in any order, and any write may be torn at a sector.
struct Disk<'a> {
    random: &'a mut Random,
    files: BTreeMap<PathBuf, Vec<u8>>,
    unsynced: BTreeMap<PathBuf, Vec<Act>>,
}

const SECTOR: usize = 512;

impl Disk<'_> {
    fn take(&mut self, path: &Path, act: &Act) {
        match act {
            Act::Sync => {
                for act in self.unsynced.remove(path).unwrap_or_default() {
                    apply(self.files.entry(path.to_owned()).or_default(), &act);
                }
            }
            Act::Delete => {
                self.files.remove(path);
                self.unsynced.remove(path);
            }
            act => self
                .unsynced
                .entry(path.to_owned())
                .or_default()
                .push(act.clone()),
        }
    }

    /// The power goes.
    fn lose_power(mut self) -> BTreeMap<PathBuf, Vec<u8>> {
        for (path, acts) in std::mem::take(&mut self.unsynced) {
            for mut act in acts {
                match self.random.below(3) {
                    0 => continue,
                    1 => {
                        if let Act::Write { bytes, .. } = &mut act {
                            let sectors = bytes.len().div_ceil(SECTOR);
                            bytes.truncate(self.random.below(sectors + 1) * SECTOR);
                        }
                    }
                    _ => {}
                }
                apply(self.files.entry(path.clone()).or_default(), &act);
            }
        }
        self.files
    }
}

fn apply(file: &mut Vec<u8>, act: &Act) {
    match act {
        Act::Write { at, bytes } => {
            let at = usize::try_from(*at).unwrap();
            if file.len() < at + bytes.len() {
                file.resize(at + bytes.len(), 0);
            }
            file[at..at + bytes.len()].copy_from_slice(bytes);
        }
        Act::Truncate { to } => file.truncate(usize::try_from(*to).unwrap()),
        Act::Sync | Act::Delete => {}
    }
}

#[test]
fn the_power_goes_at_any_moment_and_nothing_acknowledged_is_lost() {
    let place = watched();
    let directory = place.directory.path().to_owned();
    let journal = open(&place).unwrap();
    let run = journal.create_run(new_run(1)).unwrap();
    let began = layer::logged(&directory);
    // How much was written down when each record was acknowledged.
    let mut marks = Vec::new();
    for number in 0..25 {
        append(&run, number, 1);
        marks.push(layer::logged(&directory));
    }
    drop((run, journal));
    let log = layer::log(&directory);
    let is_full = std::env::var_os("LAZARET_FULL").is_some();
    let step = if is_full { 1 } else { 5 };
    let mut random = Random::new(20_261_128);
    let mut tried = 0;
    for cut in (began..=log.len()).step_by(step) {
        let mut disk = Disk {
            random: &mut random,
            files: BTreeMap::new(),
            unsynced: BTreeMap::new(),
        };
        for (path, act) in &log[..cut] {
            disk.take(path, act);
        }
        let after = tempfile::tempdir().unwrap();
        for (path, bytes) in disk.lose_power() {
            let path = after.path().join(path.file_name().unwrap());
            let mut options = OpenOptions::new();
            let file = options
                .create(true)
                .truncate(true)
                .write(true)
                .open(path)
                .unwrap();
            file.write_all_at(&bytes, 0).unwrap();
        }
        let acknowledged = marks.iter().filter(|mark| **mark <= cut).count();
        let acknowledged = u64::try_from(acknowledged).unwrap();
        let left = after.path().join(place.path().file_name().unwrap());
        assert!(fs::exists(&left).unwrap());
        assert_recovers(&left, acknowledged, &format!("cut at {cut}"));
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}
