//! Whether a run is what was written: the whole chain, every blob, the head and the status.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::{
    chain::Head,
    digest::Digest,
    error::{Fault, JournalError},
    id::RunId,
    journal::broken,
    read::{self, RunRow},
    record::{Status, StoredRecord},
};

/// Checks a run, and that it held the expected head at some time, and returns its head.
pub(crate) fn verify(
    transaction: &Transaction<'_>,
    run: &RunId,
    expected: Option<Head>,
) -> Result<Head, JournalError> {
    let row = read::run_row(transaction, run)?;
    let mut walk = Walk {
        transaction,
        head: row.start()?,
        row: &row,
        expected,
        status: None,
        seen: BTreeSet::new(),
    };
    walk.expect()?;
    loop {
        let page = read::next_page(transaction, row.key, walk.head.count)?;
        if page.is_empty() {
            return walk.finish();
        }
        for record in page {
            walk.step(record)?;
        }
    }
}

/// How far the check has come.
struct Walk<'a> {
    transaction: &'a Transaction<'a>,
    row: &'a RunRow,
    head: Head,
    expected: Option<Head>,
    status: Option<Status>,
    seen: BTreeSet<Digest>,
}

impl Walk<'_> {
    fn step(&mut self, record: StoredRecord) -> Result<(), JournalError> {
        if self.head.count >= self.row.head.count {
            return Err(self.fault(Fault::Added));
        }
        self.head = match self.head.accept(&self.row.run.id, &record) {
            Ok(head) => {
                self.blobs(&record)?;
                head
            }
            Err(Fault::WrongPrevious) => return Err(self.wrong_previous(&record)?),
            Err(fault) => return Err(self.fault(fault)),
        };
        self.status = record.body.status.or_else(|| self.status.take());
        self.expect()
    }

    /// Says more about a record that does not follow the one before.
    fn wrong_previous(&self, record: &StoredRecord) -> Result<JournalError, JournalError> {
        let follows_another = self
            .transaction
            .prepare_cached("SELECT 1 FROM records WHERE run = ?1 AND hash = ?2")?
            .query_row(
                params![self.row.key, record.previous.as_bytes()],
                |_| Ok(()),
            )
            .optional()?
            .is_some();
        let starts = record.previous == Head::start(&self.row.run).hash;
        Ok(self.fault(if follows_another || starts {
            Fault::Reordered
        } else if self.head.count == 0 {
            Fault::Header
        } else {
            Fault::WrongPrevious
        }))
    }

    fn blobs(&mut self, record: &StoredRecord) -> Result<(), JournalError> {
        for blob in &record.body.blobs {
            if !self.seen.insert(blob.digest) {
                continue;
            }
            match read::blob(self.transaction, blob.digest)? {
                Some(bytes) if Digest::of(&bytes) == blob.digest => {}
                Some(_) => return Err(self.fault(Fault::BlobChanged(blob.digest))),
                None => return Err(self.fault(Fault::BlobMissing(blob.digest))),
            }
        }
        Ok(())
    }

    /// Compares with the expected head where the run has reached its length.
    fn expect(&self) -> Result<(), JournalError> {
        match self.expected {
            Some(expected) if expected.count == self.head.count && expected != self.head => {
                Err(self.not_the_expected(expected))
            }
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<Head, JournalError> {
        if self.head.count < self.row.head.count {
            return Err(self.fault(Fault::Missing));
        }
        if self.head != self.row.head {
            return Err(self.fault(Fault::Head));
        }
        if self.status != self.row.status {
            return Err(self.fault(Fault::Status));
        }
        match self.expected {
            Some(expected) if expected.count > self.head.count => {
                Err(self.not_the_expected(expected))
            }
            _ => Ok(self.head),
        }
    }

    fn not_the_expected(&self, expected: Head) -> JournalError {
        let place = self.head.count.min(expected.count).saturating_sub(1);
        broken(&self.row.run.id, place, Fault::NotTheExpected { expected })
    }

    fn fault(&self, fault: Fault) -> JournalError {
        broken(&self.row.run.id, self.head.count, fault)
    }
}
