//! How runs, records and blobs are read back, and checked while they are.

use std::collections::VecDeque;

use rusqlite::{OptionalExtension as _, Row, RowIndex, Transaction, params};

use crate::{
    blob::BlobRef,
    chain::{FORMAT, Head},
    digest::Digest,
    error::{Fault, JournalError},
    id::{RunId, Sequence},
    journal::{Journal, broken},
    limits::MAX_LISTED_RUNS,
    record::{Body, NewRun, Status, StoredRecord},
};

/// The most records read at once.
const PAGE_RECORDS: usize = 256;

/// The size past which a page takes no further record.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// What the journal knows about a run without reading its records.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunInfo {
    /// The run's id.
    pub id: RunId,
    /// The line for people.
    pub title: String,
    /// When it began, in milliseconds since 1970.
    pub started_ms: u64,
    /// The caller's own JSON.
    pub metadata: String,
    /// The latest status that a record gave it, with the end if it has ended.
    pub status: Option<Status>,
    /// The number of records and the hash of the last.
    pub head: Head,
}

/// A run's row.
#[derive(Debug)]
pub(crate) struct RunRow {
    pub(crate) key: i64,
    pub(crate) run: NewRun,
    pub(crate) status: Option<Status>,
    pub(crate) head: Head,
    format: i64,
}

impl RunRow {
    /// Returns the head before the first record.
    pub(crate) fn start(&self) -> Result<Head, JournalError> {
        let start = Head::start(&self.run);
        let is_empty = self.head.count == 0;
        if self.format != FORMAT || is_empty && start != self.head {
            return Err(broken(&self.run.id, 0, Fault::Header));
        }
        Ok(start)
    }
}

impl From<RunRow> for RunInfo {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.run.id,
            title: row.run.title,
            started_ms: row.run.started_ms,
            metadata: row.run.metadata,
            status: row.status,
            head: row.head,
        }
    }
}

/// Reads the row of a run.
pub(crate) fn run_row(transaction: &Transaction<'_>, run: &RunId) -> Result<RunRow, JournalError> {
    transaction
        .prepare_cached("SELECT * FROM runs WHERE id = ?1")?
        .query_row([run.as_str()], |row| run_of(row, run.clone()))
        .optional()?
        .ok_or_else(|| JournalError::RunNotFound(run.clone()))
}

/// Reads the rows of the latest runs.
pub(crate) fn list(
    transaction: &Transaction<'_>,
    limit: usize,
    before: Option<&RunId>,
) -> Result<Vec<RunInfo>, JournalError> {
    let last = match before {
        Some(run) => run_row(transaction, run)?,
        None => return list_below(transaction, limit, i64::MAX, i64::MAX),
    };
    let started = i64::try_from(last.run.started_ms).unwrap_or(i64::MAX);
    list_below(transaction, limit, started, last.key)
}

fn list_below(
    transaction: &Transaction<'_>,
    limit: usize,
    started_ms: i64,
    key: i64,
) -> Result<Vec<RunInfo>, JournalError> {
    let mut statement = transaction.prepare_cached(
        "SELECT * FROM runs WHERE (started_ms, key) < (?1, ?2)
         ORDER BY started_ms DESC, key DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![started_ms, key, limit.min(MAX_LISTED_RUNS)])?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        let id = RunId::new(row.get_ref("id")?.as_str().unwrap_or_default())?;
        runs.push(run_of(row, id)?.into());
    }
    Ok(runs)
}

fn run_of(row: &Row<'_>, id: RunId) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        key: row.get("key")?,
        status: status_of(row, ("status", "ended_ms"))?,
        head: Head {
            count: row.get("count")?,
            hash: digest_of(row, "head")?,
        },
        format: row.get("format")?,
        run: NewRun {
            id,
            started_ms: row.get("started_ms")?,
            title: row.get("title")?,
            metadata: row.get("metadata")?,
        },
    })
}

fn status_of<I: RowIndex>(
    row: &Row<'_>,
    (status, ended_ms): (I, I),
) -> rusqlite::Result<Option<Status>> {
    let text: Option<String> = row.get(status)?;
    let ended_ms = row.get(ended_ms)?;
    Ok(text.map(|text| Status { text, ended_ms }))
}

fn digest_of(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Digest> {
    row.get(column).map(Digest::from_bytes)
}

/// Checks that a run's last record is the one its head names.
pub(crate) fn check_last(transaction: &Transaction<'_>, row: &RunRow) -> Result<(), JournalError> {
    let start = row.start()?;
    let last = match row.head.count.checked_sub(1) {
        Some(last) => hash_at(transaction, row, last)?,
        None => start.hash,
    };
    let beyond = page(transaction, row.key, row.head.count, 1)?;
    match beyond.is_empty() {
        _ if last != row.head.hash => Err(broken(&row.run.id, row.head.count, Fault::Head)),
        true => Ok(()),
        false => Err(broken(&row.run.id, row.head.count, Fault::Added)),
    }
}

fn hash_at(
    transaction: &Transaction<'_>,
    row: &RunRow,
    sequence: u64,
) -> Result<Digest, JournalError> {
    transaction
        .prepare_cached("SELECT hash FROM records WHERE run = ?1 AND seq = ?2")?
        .query_row(params![row.key, sequence], |row| digest_of(row, "hash"))
        .optional()?
        .ok_or_else(|| broken(&row.run.id, sequence, Fault::Missing))
}

/// Reads the next page of records as they are stored, unchecked. An empty page is the end.
pub(crate) fn next_page(
    transaction: &Transaction<'_>,
    run: i64,
    from: u64,
) -> Result<Vec<StoredRecord>, JournalError> {
    page(transaction, run, from, PAGE_RECORDS)
}

fn page(
    transaction: &Transaction<'_>,
    run: i64,
    from: u64,
    limit: usize,
) -> Result<Vec<StoredRecord>, JournalError> {
    let mut statement = transaction.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM records WHERE run = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3"
    ))?;
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![run, from, limit])?;
    let (mut records, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES
        && let Some(row) = rows.next()?
    {
        let record = record_of(row)?;
        bytes += record.body.payload.len();
        records.push(record);
    }
    with_blobs(transaction, run, &mut records)?;
    Ok(records)
}

/// What a record is read from, in this order: looking a column up by its name costs as much as
/// reading it.
const COLUMNS: &str = "seq, kind, payload, status, ended_ms, previous, hash";

fn record_of(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    Ok(StoredRecord {
        sequence: Sequence::new(row.get(0)?),
        body: Body {
            kind: row.get(1)?,
            payload: row.get(2)?,
            blobs: Vec::new(),
            status: status_of(row, (3, 4))?,
        },
        previous: digest_of(row, 5)?,
        hash: digest_of(row, 6)?,
    })
}

/// Adds the uses of blobs to records that follow each other, with one query for all. Where the
/// labels alone are a page, the records after it are left out.
fn with_blobs(
    transaction: &Transaction<'_>,
    run: i64,
    records: &mut Vec<StoredRecord>,
) -> Result<(), JournalError> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else {
        return Ok(());
    };
    let (first, last) = (first.sequence.get(), last.sequence.get());
    let mut statement = transaction.prepare_cached(
        "SELECT seq, digest, label, media FROM record_blobs
         WHERE run = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq, position",
    )?;
    let mut rows = statement.query(params![run, first, last])?;
    let (mut at, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        let sequence: u64 = row.get(0)?;
        while records
            .get(at)
            .is_some_and(|record| record.sequence.get() < sequence)
        {
            at += 1;
        }
        if bytes >= PAGE_BYTES && at > 0 {
            records.truncate(at);
            break;
        }
        let blob = BlobRef {
            digest: digest_of(row, 1)?,
            label: row.get(2)?,
            media: row.get(3)?,
        };
        bytes += blob.label.len();
        if let Some(record) = records.get_mut(at) {
            record.body.blobs.push(blob);
        }
    }
    Ok(())
}

/// Reads a run's records of some kinds, each checked by itself: what stands between them is not
/// read.
pub(crate) fn of_kinds(
    transaction: &Transaction<'_>,
    run: &RunId,
    kinds: &[&str],
) -> Result<Vec<StoredRecord>, JournalError> {
    let row = run_row(transaction, run)?;
    let mut found = Vec::new();
    for kind in kinds {
        let mut statement = transaction.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM records WHERE run = ?1 AND kind = ?2 ORDER BY seq"
        ))?;
        let mut rows = statement.query(params![row.key, kind])?;
        while let Some(stored) = rows.next()? {
            let mut record = vec![record_of(stored)?];
            with_blobs(transaction, row.key, &mut record)?;
            found.extend(record);
        }
    }
    found.sort_by_key(|record| record.sequence);
    for record in &found {
        let before = Head {
            count: record.sequence.get(),
            hash: record.previous,
        };
        let fault = |fault| broken(run, before.count, fault);
        before.accept(run, record).map_err(fault)?;
    }
    Ok(found)
}

/// Reads the bytes of a blob, unchecked.
pub(crate) fn blob(
    transaction: &Transaction<'_>,
    digest: Digest,
) -> Result<Option<Vec<u8>>, JournalError> {
    Ok(transaction
        .prepare_cached("SELECT bytes FROM blobs WHERE digest = ?1")?
        .query_row([digest.as_bytes()], |row| row.get(0))
        .optional()?)
}

/// A run's records from a place on, in order.
///
/// It holds no lock and no transaction between pages, so the run may grow while it is read; the
/// reading ends where the run ended when its last page was read.
#[derive(Debug)]
pub struct Records {
    journal: Journal,
    run: RunId,
    from: Sequence,
    /// The chain up to the last record read, once something was.
    head: Option<Head>,
    page: VecDeque<StoredRecord>,
    done: bool,
}

impl Records {
    pub(crate) fn new(journal: Journal, run: RunId, from: Sequence) -> Self {
        Self {
            journal,
            run,
            from,
            head: None,
            page: VecDeque::new(),
            done: false,
        }
    }

    fn fetch(&mut self) -> Result<(), JournalError> {
        let (run, from, head) = (&self.run, self.from, self.head);
        let (page, head, end) = self.journal.read(|transaction| {
            let row = run_row(transaction, run)?;
            let head = match head {
                Some(head) => head,
                None => head_before(transaction, &row, from)?,
            };
            let page = next_page(transaction, row.key, head.count)?;
            let head = accept_all(&row, head, &page)?;
            Ok((page, head, row.head))
        })?;
        self.page = page.into();
        self.head = Some(head);
        self.done = head.count >= end.count;
        Ok(())
    }
}

impl Iterator for Records {
    type Item = Result<StoredRecord, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.done
            && let Err(error) = self.fetch()
        {
            self.done = true;
            return Some(Err(error));
        }
        self.page.pop_front().map(Ok)
    }
}

/// Returns the chain before a place, trusting the hash that is stored there.
fn head_before(
    transaction: &Transaction<'_>,
    row: &RunRow,
    from: Sequence,
) -> Result<Head, JournalError> {
    let start = row.start()?;
    match from.get().min(row.head.count).checked_sub(1) {
        None => Ok(start),
        Some(last) => Ok(Head {
            count: last + 1,
            hash: hash_at(transaction, row, last)?,
        }),
    }
}

/// Takes a page, and checks that it is as long as the run says, and ends as the run does.
fn accept_all(row: &RunRow, mut head: Head, page: &[StoredRecord]) -> Result<Head, JournalError> {
    let run = &row.run.id;
    for record in page {
        let fault = |fault| broken(run, head.count, fault);
        head = head.accept(run, record).map_err(fault)?;
    }
    let fault = if page.is_empty() && head.count < row.head.count {
        Fault::Missing
    } else if head.count > row.head.count {
        Fault::Added
    } else if head.count == row.head.count && head.hash != row.head.hash {
        Fault::Head
    } else {
        return Ok(head);
    };
    Err(broken(run, head.count, fault))
}
