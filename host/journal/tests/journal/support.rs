//! What the tests share: journals in directories of their own, runs, and a small random number
//! generator whose seed is printed.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use lazaret_journal::{
    Blob, Journal, NewRun, Record, RunId, RunWriter, Sequence, Status, StoredRecord,
};
use tempfile::TempDir;

/// A directory with a journal in it.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("journal.db")
    }

    pub(crate) fn open(&self) -> Journal {
        Journal::open(self.path()).unwrap()
    }

    /// Does with the file what the journal never would.
    pub(crate) fn forge(&self, statements: &str) {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        connection.execute_batch(statements).unwrap();
    }
}

pub(crate) fn id(number: usize) -> RunId {
    RunId::new(&format!("testrun{number:05}")).unwrap()
}

pub(crate) fn new_run(number: usize) -> NewRun {
    let start = u64::try_from(number).unwrap();
    NewRun::new(id(number), start, format!("run {number}"), r#"{"m":1}"#).unwrap()
}

pub(crate) fn record(text: &str) -> Record {
    Record::new("test", text).unwrap()
}

pub(crate) fn blob(text: &str) -> Blob {
    Blob::new(text, r#"{"t":["web"]}"#, "text/plain").unwrap()
}

pub(crate) fn ended(at: u64) -> Status {
    Status::ended("done", at).unwrap()
}

/// Appends records with these payloads and waits for them.
pub(crate) fn append_all(run: &RunWriter, payloads: impl IntoIterator<Item = String>) {
    let pending: Vec<_> = payloads
        .into_iter()
        .map(|payload| run.append(record(&payload)))
        .collect();
    for pending in pending {
        pending.wait().unwrap();
    }
}

pub(crate) fn read_all(journal: &Journal, run: &RunId) -> Vec<StoredRecord> {
    journal
        .records(run, Sequence::FIRST)
        .collect::<Result<_, _>>()
        .unwrap()
}

pub(crate) fn payloads(journal: &Journal, run: &RunId) -> Vec<String> {
    read_all(journal, run)
        .into_iter()
        .map(|record| String::from_utf8(record.into_payload()).unwrap())
        .collect()
}

/// Copies a journal as it lies on the disk, with its log.
pub(crate) fn copy(from: &Path, to: &Path) {
    for suffix in ["", "-wal"] {
        let name = |path: &Path| format!("{}{suffix}", path.display());
        if Path::new(&name(from)).exists() {
            std::fs::copy(name(from), name(to)).unwrap();
        }
    }
}

/// A small generator (`SplitMix64`). Its seed is printed, so a failure can be repeated.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        writeln!(std::io::stderr(), "seed {seed}").unwrap();
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        usize::try_from(bits % u64::try_from(bound).unwrap()).unwrap()
    }
}
