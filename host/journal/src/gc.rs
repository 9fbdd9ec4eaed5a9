//! Which runs and blobs are removed, and how without holding up those who write.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::{
    connection::MAX_WAIT, error::JournalError, id::RunId, journal::Journal, lock::RunLock,
};

/// The blobs looked at in one transaction, so that runs can write in between.
const BLOBS_AT_ONCE: i64 = 256;

/// Which runs may go. Both conditions have to hold, and a run that has not ended, or that somebody
/// drives, stays in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collect {
    /// Runs that ended before this time, in milliseconds since 1970.
    pub ended_before_ms: u64,
    /// How many of the ended runs that began last stay.
    pub keep_latest: usize,
}

/// What a collection removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct GcReport {
    /// Runs removed.
    pub runs: u64,
    /// Runs that would have been removed, had nobody held their lock.
    pub locked: u64,
    /// Records removed with their runs.
    pub records: u64,
    /// Blobs that no record used any more.
    pub blobs: u64,
    /// Bytes of payloads and blobs removed.
    pub bytes: u64,
}

/// Removes what may go. It can be interrupted at any place and started again.
pub(crate) fn collect(journal: &Journal, what: Collect) -> Result<GcReport, JournalError> {
    let mut report = GcReport::default();
    for run in journal.read(|transaction| candidates(transaction, what))? {
        match RunLock::take(journal.path(), &run) {
            Ok(lock) => {
                remove_run(journal, &run, what, &mut report)?;
                drop(lock);
            }
            Err(JournalError::Busy { .. }) => report.locked += 1,
            Err(error) => return Err(error),
        }
    }
    remove_blobs(journal, &mut report)?;
    journal.with_writer(|shared, connection| {
        let outcome = shrink(connection);
        shared.note(&outcome);
        outcome
    })?;
    Ok(report)
}

fn candidates(transaction: &Transaction<'_>, what: Collect) -> Result<Vec<RunId>, JournalError> {
    let mut statement = transaction.prepare(
        "SELECT id FROM
           (SELECT id, ended_ms FROM runs WHERE ended_ms IS NOT NULL
            ORDER BY started_ms DESC, key DESC LIMIT -1 OFFSET ?1)
         WHERE ended_ms < ?2",
    )?;
    let ids = statement.query_map(params![what.keep_latest, before(what)], |row| {
        row.get::<_, String>(0)
    })?;
    ids.map(|id| RunId::new(&id?)).collect()
}

fn before(what: Collect) -> i64 {
    i64::try_from(what.ended_before_ms).unwrap_or(i64::MAX)
}

/// Removes a run whole, in one transaction.
fn remove_run(
    journal: &Journal,
    run: &RunId,
    what: Collect,
    report: &mut GcReport,
) -> Result<(), JournalError> {
    let run = run.clone();
    let removed = journal.write(move |transaction| remove(transaction, &run, what))?;
    if let Some((records, bytes)) = removed {
        report.runs += 1;
        report.records += records;
        report.bytes += bytes;
    }
    Ok(())
}

/// Returns how many records and bytes of payload went. `None` if the run may not go after all: it
/// was resumed, or removed, before we had its lock.
fn remove(
    transaction: &Transaction<'_>,
    run: &RunId,
    what: Collect,
) -> Result<Option<(u64, u64)>, JournalError> {
    let key: Option<i64> = transaction
        .query_row(
            "SELECT key FROM runs WHERE id = ?1 AND ended_ms < ?2",
            params![run.as_str(), before(what)],
            |row| row.get(0),
        )
        .optional()?;
    let Some(key) = key else { return Ok(None) };
    let removed = transaction.query_row(
        "SELECT count(*), coalesce(sum(length(payload)), 0) FROM records WHERE run = ?1",
        [key],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    transaction.execute("DELETE FROM record_blobs WHERE run = ?1", [key])?;
    transaction.execute("DELETE FROM records WHERE run = ?1", [key])?;
    transaction.execute("DELETE FROM runs WHERE key = ?1", [key])?;
    Ok(Some(removed))
}

fn remove_blobs(journal: &Journal, report: &mut GcReport) -> Result<(), JournalError> {
    let mut after = 0;
    while let Some(step) = journal.write(move |transaction| sweep(transaction, after))? {
        after = step.last;
        report.blobs += step.blobs;
        report.bytes += step.bytes;
    }
    Ok(())
}

struct Sweep {
    last: i64,
    blobs: u64,
    bytes: u64,
}

/// Looks at the next blobs and removes those that no record uses. `None` at the end.
fn sweep(transaction: &Transaction<'_>, after: i64) -> Result<Option<Sweep>, JournalError> {
    let last: Option<i64> = transaction.query_row(
        "SELECT max(key) FROM (SELECT key FROM blobs WHERE key > ?1 ORDER BY key LIMIT ?2)",
        params![after, BLOBS_AT_ONCE],
        |row| row.get(0),
    )?;
    let Some(last) = last else { return Ok(None) };
    let unused = "key > ?1 AND key <= ?2 AND NOT EXISTS
                  (SELECT 1 FROM record_blobs WHERE record_blobs.digest = blobs.digest)";
    let (blobs, bytes) = transaction.query_row(
        &format!("SELECT count(*), coalesce(sum(length(bytes)), 0) FROM blobs WHERE {unused}"),
        params![after, last],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    transaction.execute(
        &format!("DELETE FROM blobs WHERE {unused}"),
        params![after, last],
    )?;
    Ok(Some(Sweep { last, blobs, bytes }))
}

/// Gives free pages back to the file system. Whatever a reader keeps in use stays for the next
/// time, since nobody can write while we would wait for it.
fn shrink(connection: &Connection) -> Result<(), JournalError> {
    let mut vacuum = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut pages = vacuum.query(())?;
    // Each step frees one page.
    while pages.next()?.is_some() {}
    connection.busy_timeout(Duration::ZERO)?;
    let cut = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
    connection.busy_timeout(MAX_WAIT)?;
    match cut.map_err(JournalError::from) {
        Err(JournalError::Contended(_)) => Ok(()),
        outcome => outcome,
    }
}
