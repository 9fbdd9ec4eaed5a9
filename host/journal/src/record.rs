//! What is written: a run's header, records, and a run's status.

use crate::{
    blob::{Blob, BlobRef},
    content::Content,
    digest::Digest,
    error::JournalError,
    id::{RunId, Sequence},
    limits::{
        self, MAX_BLOBS_PER_RECORD, MAX_KIND_BYTES, MAX_METADATA_BYTES, MAX_PAYLOAD_BYTES,
        MAX_RECORD_BYTES, MAX_STATUS_BYTES, MAX_TITLE_BYTES,
    },
};

/// What a run starts with. All of it goes into the hash that the chain begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    pub(crate) id: RunId,
    pub(crate) started_ms: u64,
    pub(crate) title: String,
    pub(crate) metadata: String,
}

impl NewRun {
    /// Takes the id, the time in milliseconds since 1970, a line for people, and JSON of the
    /// caller's own that the journal only keeps.
    pub fn new(
        id: RunId,
        started_ms: u64,
        title: impl Into<String>,
        metadata_json: impl Into<String>,
    ) -> Result<Self, JournalError> {
        let (title, metadata) = (title.into(), metadata_json.into());
        limits::check_millis(started_ms)?;
        limits::check("the title", title.len(), MAX_TITLE_BYTES)?;
        limits::check("the metadata", metadata.len(), MAX_METADATA_BYTES)?;
        limits::check_json("the metadata", &metadata)?;
        Ok(Self {
            id,
            started_ms,
            title,
            metadata,
        })
    }
}

/// How a run stands. The text is the caller's; the journal knows only whether the run has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub(crate) text: String,
    pub(crate) ended_ms: Option<u64>,
}

impl Status {
    /// Returns the status of a run that has not ended, or goes on again.
    pub fn open(text: impl Into<String>) -> Result<Self, JournalError> {
        Self::new(text.into(), None)
    }

    /// Returns the status of a run that ended at this time, in milliseconds since 1970.
    pub fn ended(text: impl Into<String>, ended_ms: u64) -> Result<Self, JournalError> {
        Self::new(text.into(), Some(ended_ms))
    }

    /// Returns the caller's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns when the run ended, if it has.
    pub fn ended_ms(&self) -> Option<u64> {
        self.ended_ms
    }

    pub(crate) fn new(text: String, ended_ms: Option<u64>) -> Result<Self, JournalError> {
        limits::check("the status", text.len(), MAX_STATUS_BYTES)?;
        limits::check_millis(ended_ms.unwrap_or(0))?;
        Ok(Self { text, ended_ms })
    }
}

/// What all records consist of, and what their hash covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) kind: String,
    pub(crate) payload: Vec<u8>,
    /// INVARIANT: sorted, no two alike.
    pub(crate) blobs: Vec<BlobRef>,
    pub(crate) status: Option<Status>,
}

/// A record to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub(crate) body: Body,
    /// The bytes that come with the record, each at most once.
    pub(crate) contents: Vec<Content>,
    /// Bytes of payload and contents.
    pub(crate) size: usize,
}

impl Record {
    /// Takes a kind (`a-z`, `0-9`, `.`, `_`, `-`) and the payload, in the caller's canonical bytes.
    pub fn new(kind: impl Into<String>, payload: impl Into<Vec<u8>>) -> Result<Self, JournalError> {
        let (kind, payload) = (kind.into(), payload.into());
        check_kind(&kind)?;
        limits::check("the payload", payload.len(), MAX_PAYLOAD_BYTES)?;
        let size = payload.len();
        let body = Body {
            kind,
            payload,
            blobs: Vec::new(),
            status: None,
        };
        Ok(Self {
            body,
            contents: Vec::new(),
            size,
        })
    }

    /// Adds a blob with its bytes, which are stored unless they already are.
    pub fn with_blob(mut self, blob: Blob) -> Result<Self, JournalError> {
        let digest = blob.digest();
        if !self.contents.iter().any(|known| known.digest() == digest) {
            self.size = self.size.saturating_add(blob.content.bytes().len());
            limits::check("the record", self.size, MAX_RECORD_BYTES)?;
            self.contents.push(blob.content);
        }
        self.with_stored_blob(blob.reference)
    }

    /// Adds a use of a blob whose bytes are in the journal already. If they are not, the record is
    /// refused when it is written.
    pub fn with_stored_blob(mut self, reference: BlobRef) -> Result<Self, JournalError> {
        let blobs = &mut self.body.blobs;
        if let Err(place) = blobs.binary_search(&reference) {
            limits::check("the list of blobs", blobs.len() + 1, MAX_BLOBS_PER_RECORD)?;
            blobs.insert(place, reference);
        }
        Ok(self)
    }

    /// Sets the run's status together with this record. The record's hash covers it.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.body.status = Some(status);
        self
    }
}

/// A record as it was read back and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    pub(crate) sequence: Sequence,
    pub(crate) body: Body,
    pub(crate) previous: Digest,
    pub(crate) hash: Digest,
}

impl StoredRecord {
    /// Returns its place in the run.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// Returns its kind.
    pub fn kind(&self) -> &str {
        &self.body.kind
    }

    /// Returns its payload.
    pub fn payload(&self) -> &[u8] {
        &self.body.payload
    }

    /// Returns its uses of blobs, in the order of their digests, labels and media types.
    pub fn blobs(&self) -> &[BlobRef] {
        &self.body.blobs
    }

    /// Returns the status that it gave the run, if it did.
    pub fn status(&self) -> Option<&Status> {
        self.body.status.as_ref()
    }

    /// Returns its hash in the chain.
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// Returns the payload without copying it.
    pub fn into_payload(self) -> Vec<u8> {
        self.body.payload
    }
}

fn check_kind(kind: &str) -> Result<(), JournalError> {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    if (1..=MAX_KIND_BYTES).contains(&kind.len()) && kind.bytes().all(plain) {
        Ok(())
    } else {
        Err(JournalError::InvalidKind(kind.chars().take(80).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_may_reach_its_limit_and_not_pass_it() {
        Record::new("k", vec![0; MAX_PAYLOAD_BYTES]).unwrap();
        let refused = Record::new("k", vec![0; MAX_PAYLOAD_BYTES + 1]).unwrap_err();
        assert_eq!(refused.code(), "journal.too-large");
    }

    #[test]
    fn a_kind_is_a_plain_word_of_limited_length() {
        Record::new("a".repeat(MAX_KIND_BYTES), "").unwrap();
        for bad in ["", "A", "a b", "é", &"a".repeat(MAX_KIND_BYTES + 1)] {
            assert!(Record::new(bad, "").is_err(), "{bad}");
        }
    }

    #[test]
    fn title_metadata_status_and_time_have_limits() {
        let run = |title: usize, metadata: &str, at| {
            let id = RunId::new("abcdefghij23").unwrap();
            NewRun::new(id, at, "t".repeat(title), metadata).is_ok()
        };
        let text = |length: usize| format!("\"{}\"", "m".repeat(length - 2));
        assert!(run(
            MAX_TITLE_BYTES,
            &text(MAX_METADATA_BYTES),
            limits::MAX_MILLIS
        ));
        assert!(!run(MAX_TITLE_BYTES + 1, "{}", 0));
        assert!(!run(0, &text(MAX_METADATA_BYTES + 1), 0));
        assert!(!run(0, "{", 0));
        assert!(!run(0, "{}", limits::MAX_MILLIS + 1));
        Status::open("s".repeat(MAX_STATUS_BYTES)).unwrap();
        Status::open("s".repeat(MAX_STATUS_BYTES + 1)).unwrap_err();
        Status::ended("", limits::MAX_MILLIS + 1).unwrap_err();
    }

    #[test]
    fn the_same_use_of_a_blob_counts_once_and_another_label_is_another_use() {
        let blob = |label: &str| Blob::new("bytes", label, "text/plain").unwrap();
        let record = Record::new("k", "").unwrap();
        let record = record.with_blob(blob("[]")).unwrap();
        let record = record.with_blob(blob("{}")).unwrap();
        let record = record.with_blob(blob("[]")).unwrap();
        assert_eq!(record.body.blobs.len(), 2);
        assert_eq!(record.contents.len(), 1);
        assert_eq!(record.size, 5);
    }

    #[test]
    fn a_record_has_a_limited_number_of_blobs() {
        let reference =
            |label: usize| BlobRef::new(Digest::of(b""), label.to_string(), "text/plain").unwrap();
        let mut record = Record::new("k", "").unwrap();
        for label in 0..MAX_BLOBS_PER_RECORD {
            record = record.with_stored_blob(reference(label)).unwrap();
        }
        let refused = record.with_stored_blob(reference(MAX_BLOBS_PER_RECORD));
        assert_eq!(refused.unwrap_err().code(), "journal.too-large");
    }

    #[test]
    fn a_record_has_a_limited_number_of_bytes() {
        let blob = |fill| Blob::new(vec![fill; limits::MAX_BLOB_BYTES], "{}", "").unwrap();
        let mut record = Record::new("k", "").unwrap();
        for fill in 0..4 {
            record = record.with_blob(blob(fill)).unwrap();
        }
        let one = Blob::new("1", "{}", "").unwrap();
        record.with_blob(one).unwrap_err();
    }
}
