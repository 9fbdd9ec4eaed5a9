//! What the one thread that writes does: it turns all that waits into one transaction.
//!
//! Each transaction is one fsync, so the more runs and agents write at once, the cheaper a record
//! is. A record is acknowledged only after its transaction is on the disk.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::{
    ack::Ack,
    chain::Head,
    content::Content,
    digest::Digest,
    error::{Fault, JournalError},
    id::{RunId, Sequence},
    limits::{
        MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_QUEUED_BYTES, MAX_QUEUED_RECORDS,
        MAX_RECORDS_PER_RUN,
    },
    lock::RunLock,
    queue::{Queue, Room},
    record::{Record, Status},
    schema,
};

const QUEUE: Room = Room {
    entries: MAX_QUEUED_RECORDS,
    bytes: MAX_QUEUED_BYTES,
};
const BATCH: Room = Room {
    entries: MAX_BATCH_RECORDS,
    bytes: MAX_BATCH_BYTES,
};

/// What a run that is being driven has in memory. The lock goes when the last user does, which is
/// after its last queued record, so no other process can come between.
#[derive(Debug)]
pub(crate) struct Driven {
    pub(crate) id: RunId,
    pub(crate) key: i64,
    progress: Mutex<Progress>,
    _lock: RunLock,
}

/// How far a run is, durably.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    pub(crate) head: Head,
    pub(crate) ended: bool,
}

impl Driven {
    pub(crate) fn new(id: RunId, key: i64, progress: Progress, lock: RunLock) -> Self {
        Self {
            id,
            key,
            progress: Mutex::new(progress),
            _lock: lock,
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        *self.lock()
    }

    fn set_progress(&self, progress: Progress) {
        *self.lock() = progress;
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A record with its run and whom to tell.
#[derive(Debug)]
pub(crate) struct Append {
    pub(crate) driven: Arc<Driven>,
    pub(crate) record: Record,
    pub(crate) ack: Ack,
}

/// Anything else that writes, in a transaction of its own.
pub(crate) type Work = Box<dyn FnOnce(&Shared, &mut Connection) + Send>;

/// What the writer is asked.
pub(crate) enum Command {
    /// Append a record, together with others.
    Append(Append),
    /// Do something else.
    Work(Work),
}

/// What the writer shares with those who ask it.
pub(crate) struct Shared {
    pub(crate) queue: Queue<Command>,
    poison: OnceLock<JournalError>,
    commits: AtomicU64,
    thread: OnceLock<ThreadId>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            queue: Queue::new(QUEUE),
            poison: OnceLock::new(),
            commits: AtomicU64::new(0),
            thread: OnceLock::new(),
        }
    }

    /// Says whether we are in the writer's own thread, that is, in a callback.
    pub(crate) fn is_writer(&self) -> bool {
        self.thread.get() == Some(&thread::current().id())
    }

    /// Returns an error if a write has failed before.
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        match self.poison.get() {
            Some(cause) => Err(JournalError::Poisoned(Arc::new(cause.clone()))),
            None => Ok(()),
        }
    }

    /// Returns how many transactions with records are on the disk.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Stops all writing if the error leaves the file in an unknown state.
    pub(crate) fn note<T>(&self, outcome: &Result<T, JournalError>) {
        if let Err(error) = outcome
            && error.is_failure()
        {
            // The first cause stays.
            drop(self.poison.set(error.clone()));
        }
    }
}

/// Writes what comes, until the queue is closed and empty.
pub(crate) fn run(shared: &Shared, mut connection: Connection) {
    let _ = shared.thread.set(thread::current().id());
    while let Some(commands) = shared.queue.pop_many(BATCH) {
        let mut batch = Vec::with_capacity(commands.len());
        for command in commands {
            match command {
                Command::Append(append) => batch.push(append),
                Command::Work(work) => {
                    commit(shared, &mut connection, std::mem::take(&mut batch));
                    work(shared, &mut connection);
                }
            }
        }
        commit(shared, &mut connection, batch);
    }
}

/// Does some work in a transaction of its own; an error undoes it.
pub(crate) fn transact<T>(
    shared: &Shared,
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, JournalError>,
) -> Result<T, JournalError> {
    shared.check()?;
    let outcome = begin(connection).and_then(|transaction| {
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    });
    shared.note(&outcome);
    outcome
}

/// Writes a batch and tells everybody. Their runs are let go first, so that whoever waited for a
/// run's last record finds the run unlocked.
fn commit(shared: &Shared, connection: &mut Connection, batch: Vec<Append>) {
    if batch.is_empty() {
        return;
    }
    let outcome = shared.check().and_then(|()| write(connection, &batch));
    shared.note(&outcome);
    if outcome.is_ok() {
        shared.commits.fetch_add(1, Ordering::Relaxed);
    }
    let acks: Vec<Ack> = batch.into_iter().map(|append| append.ack).collect();
    match outcome {
        Ok(outcomes) => {
            for (ack, outcome) in acks.into_iter().zip(outcomes) {
                ack.answer(outcome);
            }
        }
        Err(error) => {
            for ack in acks {
                ack.answer(Err(error.clone()));
            }
        }
    }
}

fn begin(connection: &mut Connection) -> Result<Transaction<'_>, JournalError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::check(&transaction)?;
    Ok(transaction)
}

/// Writes a batch in one transaction. The outer error is for all, an inner one refuses a record
/// before anything of it was written.
fn write(
    connection: &mut Connection,
    batch: &[Append],
) -> Result<Vec<Result<Sequence, JournalError>>, JournalError> {
    let transaction = begin(connection)?;
    let mut touched = BTreeMap::new();
    let mut outcomes = Vec::with_capacity(batch.len());
    for append in batch {
        let driven = &append.driven;
        let run = touched.entry(driven.key).or_insert_with(|| Touched {
            driven,
            now: driven.progress(),
            status: None,
        });
        match run.append(&transaction, &append.record) {
            Err(error) if error.is_failure() => return Err(error),
            outcome => outcomes.push(outcome),
        }
    }
    touched
        .values()
        .try_for_each(|run| run.finish(&transaction))?;
    transaction.commit()?;
    for run in touched.into_values() {
        run.driven.set_progress(run.now);
    }
    Ok(outcomes)
}

/// A run within a transaction.
struct Touched<'b> {
    driven: &'b Driven,
    now: Progress,
    status: Option<&'b Status>,
}

impl<'b> Touched<'b> {
    fn append(
        &mut self,
        transaction: &Transaction<'_>,
        record: &'b Record,
    ) -> Result<Sequence, JournalError> {
        self.check(transaction, record)?;
        let before = self.now.head;
        let after = before.after(&self.driven.id, &record.body);
        insert(transaction, self.driven.key, before, after.hash, record)?;
        self.now.head = after;
        if let Some(status) = &record.body.status {
            self.now.ended = status.ended_ms.is_some();
            self.status = Some(status);
        }
        Ok(Sequence::new(before.count))
    }

    /// Refuses a record before anything of it is written.
    fn check(&self, transaction: &Transaction<'_>, record: &Record) -> Result<(), JournalError> {
        let reopens = record.body.status.is_some();
        if self.now.ended && !reopens {
            return Err(JournalError::Ended(self.driven.id.clone()));
        }
        if self.now.head.count >= MAX_RECORDS_PER_RUN {
            return Err(JournalError::RunFull(self.driven.id.clone()));
        }
        let comes_along = |digest| record.contents.iter().any(|known| known.digest() == digest);
        for blob in &record.body.blobs {
            if !comes_along(blob.digest) && !is_stored(transaction, blob.digest)? {
                return Err(JournalError::BlobNotFound(blob.digest));
            }
        }
        Ok(())
    }

    /// Moves the run's head. That it was where we left it is checked again here: if it was not,
    /// somebody wrote this run without its lock.
    fn finish(&self, transaction: &Transaction<'_>) -> Result<(), JournalError> {
        let (key, before, now) = (self.driven.key, self.driven.progress().head, self.now.head);
        let moved = transaction
            .prepare_cached(
                "UPDATE runs SET count = ?2, head = ?3 WHERE key = ?1 AND count = ?4 AND head = ?5",
            )?
            .execute(params![
                key,
                now.count,
                now.hash.as_bytes(),
                before.count,
                before.hash.as_bytes(),
            ])?;
        if moved != 1 {
            return Err(JournalError::Broken {
                run: self.driven.id.clone(),
                sequence: Sequence::new(before.count),
                fault: Fault::Head,
            });
        }
        if let Some(status) = self.status {
            transaction
                .prepare_cached("UPDATE runs SET status = ?2, ended_ms = ?3 WHERE key = ?1")?
                .execute(params![key, status.text, status.ended_ms])?;
        }
        Ok(())
    }
}

/// From how many bytes on it is cheaper to look whether they are stored than to write a row that
/// may be there.
const LARGE_BYTES: usize = 64 * 1024;

fn insert_content(transaction: &Transaction<'_>, content: &Content) -> Result<(), JournalError> {
    let (digest, bytes) = (content.digest(), content.bytes());
    if bytes.len() >= LARGE_BYTES && is_stored(transaction, digest)? {
        return Ok(());
    }
    transaction
        .prepare_cached("INSERT INTO blobs (digest, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![digest.as_bytes(), bytes])?;
    Ok(())
}

/// Writes a record, its blobs and its uses of blobs.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    run: i64,
    before: Head,
    hash: Digest,
    record: &Record,
) -> Result<(), JournalError> {
    let (body, sequence) = (&record.body, before.count);
    let status = body.status.as_ref();
    transaction
        .prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![
            run,
            sequence,
            body.kind,
            body.payload,
            status.map(|status| &status.text),
            status.and_then(|status| status.ended_ms),
            before.hash.as_bytes(),
            hash.as_bytes(),
        ])?;
    for content in &record.contents {
        insert_content(transaction, content)?;
    }
    for (position, blob) in body.blobs.iter().enumerate() {
        transaction
            .prepare_cached("INSERT INTO record_blobs VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                run,
                sequence,
                position,
                blob.digest.as_bytes(),
                blob.label,
                blob.media,
            ])?;
    }
    Ok(())
}

fn is_stored(transaction: &Transaction<'_>, digest: Digest) -> Result<bool, JournalError> {
    Ok(transaction
        .prepare_cached("SELECT 1 FROM blobs WHERE digest = ?1")?
        .query_row([digest.as_bytes()], |_| Ok(()))
        .optional()?
        .is_some())
}
