//! How the records of a run are chained by hashes, so that no change goes unseen.
//!
//! Every hash is the SHA-256 of a domain (with the version of this format), then of fields, each
//! preceded by its length as 8 bytes, big-endian; numbers are 8 bytes, big-endian, too.
//!
//! | hash | domain | fields |
//! |---|---|---|
//! | of a run's start | `lazaret-journal run v1` | id, start, title, metadata |
//! | of a record | `lazaret-journal record v1` | run id, sequence, hash before, kind, payload, number of blobs, of each blob digest, label and media type in this order, then `0`, or `1`, status, `0`; or `1`, status, `1`, end |
//!
//! The hash before the first record is that of the run's start, so a record cannot move to another
//! run, nor a run get another title. A label that changed is as visible as a payload that did.

use sha2::{Digest as _, Sha256};

use crate::{
    digest::Digest,
    error::Fault,
    id::{RunId, Sequence},
    record::{Body, NewRun, Status, StoredRecord},
};

/// The version of the format above, stored with each run.
pub(crate) const FORMAT: i64 = 1;

const RUN_DOMAIN: &[u8] = b"lazaret-journal run v1";
const RECORD_DOMAIN: &[u8] = b"lazaret-journal record v1";

/// The state of a run's chain, which is all that a receipt has to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number of records.
    pub count: u64,
    /// The hash of the last record, or of the run's start if there is none.
    pub hash: Digest,
}

impl Head {
    /// Returns the head of a run that has no records.
    pub(crate) fn start(run: &NewRun) -> Self {
        let mut fields = Fields::new(RUN_DOMAIN);
        fields.bytes(run.id.as_str().as_bytes());
        fields.number(run.started_ms);
        fields.bytes(run.title.as_bytes());
        fields.bytes(run.metadata.as_bytes());
        Self {
            count: 0,
            hash: fields.finish(),
        }
    }

    /// Returns the head after one more record.
    pub(crate) fn after(self, run: &RunId, body: &Body) -> Self {
        Self {
            count: self.count.saturating_add(1),
            hash: record_hash(run, Sequence::new(self.count), self.hash, body),
        }
    }

    /// Takes one more stored record, or says what is wrong with it.
    pub(crate) fn accept(self, run: &RunId, record: &StoredRecord) -> Result<Self, Fault> {
        if record.sequence.get() != self.count {
            return Err(Fault::Missing);
        }
        if record.previous != self.hash {
            return Err(Fault::WrongPrevious);
        }
        let next = self.after(run, &record.body);
        if next.hash == record.hash {
            Ok(next)
        } else {
            Err(Fault::Changed)
        }
    }
}

fn record_hash(run: &RunId, sequence: Sequence, previous: Digest, body: &Body) -> Digest {
    let mut fields = Fields::new(RECORD_DOMAIN);
    fields.bytes(run.as_str().as_bytes());
    fields.number(sequence.get());
    fields.bytes(previous.as_bytes());
    fields.bytes(body.kind.as_bytes());
    fields.bytes(&body.payload);
    fields.length(body.blobs.len());
    for blob in &body.blobs {
        fields.bytes(blob.digest.as_bytes());
        fields.bytes(blob.label.as_bytes());
        fields.bytes(blob.media.as_bytes());
    }
    fields.status(body.status.as_ref());
    fields.finish()
}

/// A hash that is being made. Each field's length comes first, so fields cannot run together.
struct Fields(Sha256);

impl Fields {
    fn new(domain: &[u8]) -> Self {
        let mut fields = Self(Sha256::new());
        fields.bytes(domain);
        fields
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.length(bytes.len());
        self.0.update(bytes);
    }

    fn length(&mut self, length: usize) {
        self.number(u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn number(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }

    fn status(&mut self, status: Option<&Status>) {
        let Some(status) = status else {
            return self.number(0);
        };
        self.number(1);
        self.bytes(status.text.as_bytes());
        match status.ended_ms {
            None => self.number(0),
            Some(end) => {
                self.number(1);
                self.number(end);
            }
        }
    }

    fn finish(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::BlobRef;

    fn run(title: &str) -> NewRun {
        NewRun::new(RunId::new("abcdefghij23").unwrap(), 7, title, "{}").unwrap()
    }

    fn body() -> Body {
        Body {
            kind: "kind".into(),
            payload: b"payload".to_vec(),
            blobs: vec![BlobRef::new(Digest::of(b"b"), "[]", "text/plain").unwrap()],
            status: Some(Status::ended("done", 9).unwrap()),
        }
    }

    #[test]
    fn the_hash_is_the_one_of_format_version_1() {
        let head = Head::start(&run("title"));
        assert_eq!(head.hash.to_string(), include_str!("chain/v1.start").trim());
        let head = head.after(&run("").id, &body());
        assert_eq!(
            head.hash.to_string(),
            include_str!("chain/v1.record").trim()
        );
        assert_eq!(head.count, 1);
    }

    #[test]
    fn every_part_of_a_record_changes_its_hash() {
        let start = Head::start(&run("title"));
        let id = run("").id;
        let mut changed = vec![body(); 7];
        changed[0].kind = "kine".into();
        changed[1].payload.push(0);
        changed[2].blobs[0].digest = Digest::of(b"c");
        changed[3].blobs[0].label = "{}".into();
        changed[4].blobs[0].media = "text/html".into();
        changed[5].status = Some(Status::ended("done", 10).unwrap());
        changed[6].status = Some(Status::open("done").unwrap());
        let mut hashes: Vec<_> = changed.iter().map(|body| start.after(&id, body)).collect();
        hashes.push(start.after(&id, &body()));
        hashes.push(start.after(&RunId::new("abcdefghij24").unwrap(), &body()));
        hashes.push(Head { count: 1, ..start }.after(&id, &body()));
        hashes.push(Head::start(&run("other title")).after(&id, &body()));
        let mut distinct: Vec<_> = hashes.iter().map(|head| head.hash).collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), hashes.len());
    }
}
