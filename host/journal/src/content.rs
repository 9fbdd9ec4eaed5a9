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
