//! What content is to the journal: bytes under their digest, and each use of them with its label.

use crate::{
    content::Content,
    digest::Digest,
    error::JournalError,
    limits::{self, MAX_BLOB_BYTES, MAX_LABEL_BYTES, MAX_MEDIA_BYTES},
};

/// One use of stored bytes. The label belongs to the use: the same bytes may be secret in one
/// place and public in another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobRef {
    pub(crate) digest: Digest,
    pub(crate) label: String,
    pub(crate) media: String,
}

impl BlobRef {
    /// Takes the digest of stored bytes, the label of this use as JSON, and the media type.
    pub fn new(
        digest: Digest,
        label_json: impl Into<String>,
        media: impl Into<String>,
    ) -> Result<Self, JournalError> {
        let (label, media) = (label_json.into(), media.into());
        limits::check("the label", label.len(), MAX_LABEL_BYTES)?;
        limits::check("the media type", media.len(), MAX_MEDIA_BYTES)?;
        limits::check_json("the label", &label)?;
        Ok(Self {
            digest,
            label,
            media,
        })
    }

    /// Returns the digest of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the label of this use, as JSON.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the media type of this use.
    pub fn media(&self) -> &str {
        &self.media
    }
}

/// Bytes to be stored, with the label and media type of their first use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    pub(crate) reference: BlobRef,
    pub(crate) content: Content,
}

impl Blob {
    /// Takes bytes and computes their digest, here rather than in the writer, so that it holds up nobody.
    pub fn new(
        bytes: impl Into<Vec<u8>>,
        label_json: impl Into<String>,
        media: impl Into<String>,
    ) -> Result<Self, JournalError> {
        let bytes = bytes.into();
        check_size(bytes.len())?;
        Self::of(Content::new(bytes), label_json, media)
    }

    /// Takes bytes whose digest is known.
    pub fn of(
        content: Content,
        label_json: impl Into<String>,
        media: impl Into<String>,
    ) -> Result<Self, JournalError> {
        check_size(content.bytes().len())?;
        let reference = BlobRef::new(content.digest(), label_json, media)?;
        Ok(Self { reference, content })
    }

    /// Returns the digest of the bytes.
    pub fn digest(&self) -> Digest {
        self.reference.digest
    }

    /// Returns the use that this is, for further records.
    pub fn reference(&self) -> &BlobRef {
        &self.reference
    }
}

fn check_size(bytes: usize) -> Result<(), JournalError> {
    limits::check("the blob", bytes, MAX_BLOB_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_may_reach_its_limit_and_not_pass_it() {
        Blob::new(vec![0; MAX_BLOB_BYTES], "{}", "").unwrap();
        let refused = Blob::new(vec![0; MAX_BLOB_BYTES + 1], "{}", "").unwrap_err();
        assert_eq!(refused.code(), "journal.too-large");
    }

    #[test]
    fn label_and_media_type_have_limits_and_a_label_is_json() {
        let text = |length: usize| format!("\"{}\"", "l".repeat(length - 2));
        Blob::new("", text(MAX_LABEL_BYTES), "m".repeat(MAX_MEDIA_BYTES)).unwrap();
        Blob::new("", text(MAX_LABEL_BYTES + 1), "").unwrap_err();
        Blob::new("", "{}", "m".repeat(MAX_MEDIA_BYTES + 1)).unwrap_err();
        Blob::new("", "tainted", "").unwrap_err();
    }
}
