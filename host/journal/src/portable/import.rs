//! How a file of lines becomes a run: it is checked to its end before anything is written.
//!
//! The file is read twice, because a run may be larger than memory. The second reading checks
//! everything again, so that it does not matter if the file changed in between.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read, Seek, SeekFrom},
    sync::Arc,
};

use rusqlite::{Transaction, params};

use super::{BlobLine, FORMAT, Line, RecordLine, RunLine};
use crate::{
    blob::BlobRef,
    chain::Head,
    content::Content,
    digest::Digest,
    error::{Fault, JournalError},
    id::RunId,
    journal::{Journal, insert_run},
    limits::{MAX_BLOB_BYTES, MAX_RECORD_BYTES},
    lock::RunLock,
    record::{NewRun, Record, Status},
    writer,
};

/// The longest line: the largest blob in hexadecimal, and room for its digest. A record's line is
/// shorter than that.
const MAX_LINE_BYTES: usize = 2 * MAX_BLOB_BYTES + 1024 * 1024;

impl Journal {
    /// Takes in a run that was [exported](Self::export_run), and returns its head. Nothing is
    /// written unless the whole file is in order, and, if a head is expected, ends with it.
    ///
    /// A chain that is in order shows only that the file is whole. Who wrote it shows by comparing
    /// the head with one that somebody trusted has signed.
    pub fn import_run<R: Read + Seek + Send + 'static>(
        &self,
        file: R,
        expected: Option<Head>,
    ) -> Result<Head, JournalError> {
        self.take_in(file, expected, None)
    }

    /// The same for a run that nobody trusted has signed: a record is added that says so, together
    /// with the run or not at all. Returns the head before it.
    pub fn import_marked<R: Read + Seek + Send + 'static>(
        &self,
        file: R,
        mark: Record,
    ) -> Result<Head, JournalError> {
        self.take_in(file, None, Some(mark))
    }

    fn take_in<R: Read + Seek + Send + 'static>(
        &self,
        file: R,
        expected: Option<Head>,
        mark: Option<Record>,
    ) -> Result<Head, JournalError> {
        let mut lines = Lines::new(file);
        let (run, head) = read(&mut lines, &mut |_, _| Ok(()))?;
        if expected.is_some_and(|expected| expected != head) {
            return Err(lines.refused(format!("it ends with {}, not as expected", head.hash)));
        }
        let lock = RunLock::take(self.path(), &run.id)?;
        lines.rewind()?;
        let outcome =
            self.write(move |transaction| write(transaction, lines, &run, head, mark.as_ref()));
        drop(lock);
        outcome
    }
}

fn write<R: Read + Seek>(
    transaction: &Transaction<'_>,
    mut lines: Lines<R>,
    checked: &NewRun,
    end: Head,
    mark: Option<&Record>,
) -> Result<Head, JournalError> {
    let key = insert_run(transaction, checked)?;
    let mut status: Option<Status> = None;
    let again = read(&mut lines, &mut |before, (record, after)| {
        writer::insert(transaction, key, before, after.hash, record)?;
        status = record.body.status.clone().or_else(|| status.take());
        Ok(())
    })?;
    if again != (checked.clone(), end) {
        return Err(lines.refused("the file changed while it was read".into()));
    }
    let mut last = end;
    if let Some(mark) = mark {
        last = end.after(&checked.id, &mark.body);
        writer::insert(transaction, key, end, last.hash, mark)?;
    }
    transaction.execute(
        "UPDATE runs SET count = ?2, head = ?3, status = ?4, ended_ms = ?5 WHERE key = ?1",
        params![
            key,
            last.count,
            last.hash.as_bytes(),
            status.as_ref().map(|status| &status.text),
            status.as_ref().and_then(|status| status.ended_ms),
        ],
    )?;
    Ok(end)
}

/// Gets the head before a record, the record, and the head after it.
type Sink<'s> = dyn FnMut(Head, (&Record, Head)) -> Result<(), JournalError> + 's;

/// Reads a file to its end and gives each record, checked, to `sink`.
fn read<R: Read>(
    lines: &mut Lines<R>,
    sink: &mut Sink<'_>,
) -> Result<(NewRun, Head), JournalError> {
    let run = match lines.next_line()? {
        Line::Run(line) => run_of(line).map_err(|error| lines.refused(error))?,
        _ => return Err(lines.refused("the file does not begin with a run".into())),
    };
    let mut intake = Intake::new(&run);
    loop {
        match lines.next_line()? {
            Line::Run(_) => return Err(lines.refused("there is a second run".into())),
            Line::Blob(line) => intake.blob(line).map_err(|error| lines.refused(error))?,
            Line::Record(line) => {
                let before = intake.head;
                let record = intake.record(line).map_err(|error| lines.refused(error))?;
                sink(before, (&record, intake.head))?;
            }
            Line::End(line) => {
                intake
                    .end(line.count, &line.hash)
                    .map_err(|error| lines.refused(error))?;
                lines.expect_end()?;
                let head = intake.head;
                return Ok((run, head));
            }
        }
    }
}

fn run_of(line: RunLine) -> Result<NewRun, String> {
    if line.format != FORMAT {
        return Err(format!("format {} is not known", line.format));
    }
    RunId::new(&line.id)
        .and_then(|id| NewRun::new(id, line.started_ms, line.title, line.metadata))
        .map_err(text)
}

/// What has been read so far.
struct Intake {
    run: RunId,
    head: Head,
    /// The blobs that records have used.
    known: BTreeSet<Digest>,
    /// The blobs that wait for the record that uses them.
    waiting: Vec<Content>,
    waiting_bytes: usize,
}

impl Intake {
    fn new(run: &NewRun) -> Self {
        Self {
            run: run.id.clone(),
            head: Head::start(run),
            known: BTreeSet::new(),
            waiting: Vec::new(),
            waiting_bytes: 0,
        }
    }

    fn blob(&mut self, line: BlobLine) -> Result<(), String> {
        let digest: Digest = line.digest.parse().map_err(text)?;
        let bytes = line.bytes.decode().ok_or("the bytes are not hexadecimal")?;
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes.len());
        if bytes.len() > MAX_BLOB_BYTES || self.waiting_bytes > MAX_RECORD_BYTES {
            return Err("there are too many bytes for one record".into());
        }
        let content = Content::new(bytes);
        if content.digest() != digest {
            return Err(Fault::BlobChanged(digest).to_string());
        }
        if self.known.contains(&digest) || self.waiting.contains(&content) {
            return Err(format!("blob {digest} comes twice"));
        }
        self.waiting.push(content);
        Ok(())
    }

    fn record(&mut self, line: RecordLine) -> Result<Record, String> {
        if line.sequence != self.head.count {
            return Err(format!("record {}: {}", self.head.count, Fault::Missing));
        }
        let hash: Digest = line.hash.parse().map_err(text)?;
        let payload = line
            .payload
            .decode()
            .ok_or("the payload is not hexadecimal")?;
        let mut record = Record::new(line.kind, payload).map_err(text)?;
        for blob in line.blobs {
            let digest = blob.digest.parse().map_err(text)?;
            let reference = BlobRef::new(digest, blob.label, blob.media).map_err(text)?;
            record = record.with_stored_blob(reference).map_err(text)?;
        }
        if let Some(status) = line.status {
            record = record.with_status(Status::new(status.text, status.ended_ms).map_err(text)?);
        }
        self.take_blobs(&mut record)?;
        let after = self.head.after(&self.run, &record.body);
        if after.hash != hash {
            return Err(format!("record {}: {}", self.head.count, Fault::Changed));
        }
        self.head = after;
        Ok(record)
    }

    /// Gives a record the blobs that wait for it; it has to use them all, and no others that are
    /// not known.
    fn take_blobs(&mut self, record: &mut Record) -> Result<(), String> {
        record.contents = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let used: BTreeSet<Digest> = record.body.blobs.iter().map(|blob| blob.digest).collect();
        for digest in record.contents.iter().map(Content::digest) {
            if !used.contains(&digest) {
                return Err(format!("blob {digest} is not used by the next record"));
            }
            self.known.insert(digest);
        }
        match used.difference(&self.known).next() {
            Some(missing) => Err(Fault::BlobMissing(*missing).to_string()),
            None => Ok(()),
        }
    }

    fn end(&self, count: u64, hash: &str) -> Result<(), String> {
        if !self.waiting.is_empty() {
            return Err("a blob is not used by any record".into());
        }
        let hash = hash.parse().map_err(text)?;
        if (Head { count, hash }) == self.head {
            Ok(())
        } else {
            Err(Fault::Head.to_string())
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it has the form that `map_err` takes"
)]
fn text(error: JournalError) -> String {
    error.to_string()
}

/// Lines of bounded length, counted.
struct Lines<R> {
    from: BufReader<R>,
    line: u64,
}

impl<R: Read> Lines<R> {
    fn new(from: R) -> Self {
        Self {
            from: BufReader::new(from),
            line: 0,
        }
    }

    fn next_line(&mut self) -> Result<Line, JournalError> {
        let bytes = self.next_bytes()?;
        if bytes.is_empty() {
            return Err(self.refused("the file is cut off".into()));
        }
        serde_json::from_slice(&bytes).map_err(|error| self.refused(error.to_string()))
    }

    fn expect_end(&mut self) -> Result<(), JournalError> {
        if self.next_bytes()?.is_empty() {
            Ok(())
        } else {
            Err(self.refused("there is something after the end".into()))
        }
    }

    fn next_bytes(&mut self) -> Result<Vec<u8>, JournalError> {
        self.line += 1;
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let mut bounded = (&mut self.from).take(most.saturating_add(1));
        bounded.read_until(b'\n', &mut bytes).map_err(stream)?;
        if bytes.len() > MAX_LINE_BYTES {
            return Err(self.refused("the line is too long".into()));
        }
        Ok(bytes)
    }

    fn refused(&self, reason: String) -> JournalError {
        JournalError::Import {
            line: self.line,
            reason,
        }
    }
}

impl<R: Read + Seek> Lines<R> {
    fn rewind(&mut self) -> Result<(), JournalError> {
        self.line = 0;
        self.from.seek(SeekFrom::Start(0)).map_err(stream)?;
        Ok(())
    }
}

fn stream(error: std::io::Error) -> JournalError {
    JournalError::Stream(Arc::new(error))
}
