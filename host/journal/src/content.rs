//! Bytes under their digest.

use std::fmt;

use bytes::Bytes;

use crate::digest::Digest;

/// Bytes with their digest, which is computed once. A clone is the same bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    digest: Digest,
    bytes: Bytes,
}

impl Content {
    /// Takes bytes and computes their digest.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = Bytes::from(bytes.into());
        Self {
            digest: Digest::of(&bytes),
            bytes,
        }
    }

    /// Takes bytes that were just found to have this digest.
    pub(crate) fn checked(digest: Digest, bytes: Vec<u8>) -> Self {
        let bytes = Bytes::from(bytes);
        Self { digest, bytes }
    }

    /// Returns the digest of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        blob::Blob,
        error::JournalError,
        id::RunId,
        journal::Journal,
        record::{NewRun, Record},
    };

    #[test]
    fn a_content_that_is_read_back_is_the_one_that_was_stored() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal.db");
        let stored = Content::new("a component");
        let digest = stored.digest();
        {
            let journal = Journal::open(&path).unwrap();
            let absent = journal.read_content(digest);
            assert!(matches!(absent, Err(JournalError::BlobNotFound(of)) if of == digest));
            let id = RunId::new("k3v9x2m7q4ab").unwrap();
            let run = NewRun::new(id, 0, "", "{}").unwrap();
            let run = journal.create_run(run).unwrap();
            let blob = Blob::of(stored.clone(), "{}", "application/wasm").unwrap();
            let record = Record::new("test", "").unwrap().with_blob(blob).unwrap();
            run.append(record).wait().unwrap();
            let read = journal.read_content(digest).unwrap();
            assert_eq!(read, stored);
            assert_eq!(Digest::of(read.bytes()), digest);
        }
        let forger = rusqlite::Connection::open(&path).unwrap();
        forger
            .execute_batch("UPDATE blobs SET bytes = x'00'")
            .unwrap();
        drop(forger);
        let changed = Journal::open(&path).unwrap().read_content(digest);
        assert!(matches!(changed, Err(JournalError::BlobChanged(of)) if of == digest));
    }
}
