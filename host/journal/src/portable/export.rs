//! How a run is written to a file of lines.

use std::{collections::BTreeSet, io::Write, sync::Arc};

use rusqlite::Transaction;

use super::{BlobLine, Bytes, EndLine, FORMAT, Line, RecordLine, RunLine, StatusLine, UseLine};
use crate::{
    chain::Head,
    digest::Digest,
    error::{Fault, JournalError},
    id::RunId,
    journal::{Journal, broken},
    read::{self, RunRow},
    record::StoredRecord,
    verify,
};

impl Journal {
    /// Writes a run to `out`, from one state of the file, and returns the head that was written.
    /// A run that does not verify is refused before anything is written.
    pub fn export_run(&self, run: &RunId, out: &mut dyn Write) -> Result<Head, JournalError> {
        self.read(|transaction| {
            let head = verify::verify(transaction, run, None)?;
            let row = read::run_row(transaction, run)?;
            let mut export = Export {
                transaction,
                out,
                written: BTreeSet::new(),
            };
            export.run(&row)?;
            export.records(&row)?;
            export.end(head)?;
            Ok(head)
        })
    }
}

struct Export<'a> {
    transaction: &'a Transaction<'a>,
    out: &'a mut dyn Write,
    written: BTreeSet<Digest>,
}

impl Export<'_> {
    fn run(&mut self, row: &RunRow) -> Result<(), JournalError> {
        let run = &row.run;
        self.line(&Line::Run(RunLine {
            format: FORMAT,
            id: run.id.to_string(),
            started_ms: run.started_ms,
            title: run.title.clone(),
            metadata: run.metadata.clone(),
        }))
    }

    fn records(&mut self, row: &RunRow) -> Result<(), JournalError> {
        let mut from = 0;
        while from < row.head.count {
            let page = read::next_page(self.transaction, row.key, from)?;
            if page.is_empty() {
                return Err(broken(&row.run.id, from, Fault::Missing));
            }
            for record in page {
                from = record.sequence().next().get();
                self.blobs(&row.run.id, &record)?;
                self.record(record)?;
            }
        }
        Ok(())
    }

    /// Writes the blobs of a record that were not written before.
    fn blobs(&mut self, run: &RunId, record: &StoredRecord) -> Result<(), JournalError> {
        for blob in record.blobs() {
            let digest = blob.digest();
            if !self.written.insert(digest) {
                continue;
            }
            let bytes = read::blob(self.transaction, digest)?
                .ok_or_else(|| broken(run, record.sequence().get(), Fault::BlobMissing(digest)))?;
            self.line(&Line::Blob(BlobLine {
                digest: digest.to_string(),
                bytes: Bytes::encode(bytes),
            }))?;
        }
        Ok(())
    }

    fn record(&mut self, record: StoredRecord) -> Result<(), JournalError> {
        let body = record.body;
        self.line(&Line::Record(RecordLine {
            sequence: record.sequence.get(),
            kind: body.kind,
            payload: Bytes::encode(body.payload),
            blobs: body
                .blobs
                .into_iter()
                .map(|blob| UseLine {
                    digest: blob.digest.to_string(),
                    label: blob.label,
                    media: blob.media,
                })
                .collect(),
            status: body.status.map(|status| StatusLine {
                text: status.text,
                ended_ms: status.ended_ms,
            }),
            hash: record.hash.to_string(),
        }))
    }

    fn end(&mut self, head: Head) -> Result<(), JournalError> {
        self.line(&Line::End(EndLine {
            count: head.count,
            hash: head.hash.to_string(),
        }))?;
        self.out
            .flush()
            .map_err(|error| JournalError::Stream(Arc::new(error)))
    }

    fn line(&mut self, line: &Line) -> Result<(), JournalError> {
        let failed = |error| JournalError::Stream(Arc::new(error));
        serde_json::to_writer(&mut *self.out, line).map_err(|error| failed(error.into()))?;
        self.out.write_all(b"\n").map_err(failed)
    }
}
