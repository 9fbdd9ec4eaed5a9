//! How the one who drives a run writes it.

use std::sync::Arc;

use crate::{
    ack::{Ack, Callback, Pending},
    chain::Head,
    error::JournalError,
    id::RunId,
    journal::Journal,
    record::{Record, Status},
    writer::{Append, Command, Driven},
};

/// The right to append to one run.
///
/// There is one in all processes, until it and its clones are dropped and the records they queued
/// are on the disk. Records get consecutive places in the order in which they were appended.
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct RunWriter {
    journal: Journal,
    driven: Arc<Driven>,
}

impl RunWriter {
    pub(crate) fn new(journal: Journal, driven: Driven) -> Self {
        Self {
            journal,
            driven: Arc::new(driven),
        }
    }

    /// Returns the run's id.
    pub fn id(&self) -> &RunId {
        &self.driven.id
    }

    /// Returns the head of what is durable now.
    pub fn head(&self) -> Head {
        self.driven.progress().head
    }

    /// Queues a record. It blocks only while the queue is full.
    pub fn append(&self, record: Record) -> Pending {
        let (pending, callback) = Pending::new();
        self.append_then(record, callback);
        pending
    }

    /// Queues the record with which the run ends, and its status, which are written together.
    ///
    /// After it only a record with a [status](Record::with_status) is taken.
    pub fn append_final(&self, record: Record, status: Status) -> Pending {
        self.append(record.with_status(status))
    }

    /// Queues a record and calls back when it is durable, or is not going to be: exactly once, in
    /// the order of the records, from the thread that writes for all runs. So a callback must be
    /// brief. It may append further records (which then never blocks), but not wait for one.
    pub fn append_then(&self, record: Record, callback: Callback) {
        let ack = Ack::new(callback);
        if let Err(error) = self.journal.shared().check() {
            return ack.answer(Err(error));
        }
        let size = record.size;
        let append = Append {
            driven: Arc::clone(&self.driven),
            record,
            ack,
        };
        self.journal.send(Command::Append(append), size);
    }

    /// Returns the journal that the run is in.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Blocks until all that was queued before is durable, and returns the head then.
    pub fn sync(&self) -> Result<Head, JournalError> {
        let driven = Arc::clone(&self.driven);
        self.journal.write(move |_| Ok(driven.progress().head))
    }
}
