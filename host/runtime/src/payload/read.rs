//! Payloads as values: put together, written, and read again where only the journal has them.

use std::borrow::Cow;

use lazaret_journal::{Blob, Digest, Journal, JournalError};
use serde_json::Value;

use super::{Payload, Piece, Shape, TOO_LARGE, error};

/// Said where the journal does not give back what it took. The run ends with its next record.
pub(super) const LOST: &str = "the host could not read this value again";

impl Payload {
    /// Returns the whole as a JSON value; a text is a string.
    pub fn to_value(&self) -> Value {
        self.value().into_owned()
    }

    /// Writes the whole as JSON, without a copy of a value that is there as one.
    pub(crate) fn to_json(&self) -> String {
        self.value().to_string()
    }

    /// Returns its JSON for the content store. Its digest, which that takes, is kept.
    pub(crate) fn to_blob(&self, label_json: String) -> Result<Blob, JournalError> {
        let blob = Blob::new(self.to_json(), label_json, "application/json")?;
        // Whoever was faster has kept the same.
        self.node.digest.set(blob.digest()).ok();
        Ok(blob)
    }

    /// Returns the SHA-256 of its bytes as the content store has them.
    pub(crate) fn digest(&self) -> String {
        self.sha256().to_string()
    }

    /// The same as bytes: what the monitor tells contents of earlier parts of a run apart by.
    pub(crate) fn identity(&self) -> [u8; 32] {
        *self.sha256().as_bytes()
    }

    pub(super) fn sha256(&self) -> Digest {
        let digest = || Digest::of(self.to_json().as_bytes());
        *self.node.digest.get_or_init(digest)
    }

    pub(super) fn value(&self) -> Cow<'_, Value> {
        Cow::Owned(match &self.node.shape {
            Shape::Json(value) => return Cow::Borrowed(value),
            Shape::Part { of, pointer } => match of.value() {
                Cow::Borrowed(whole) => {
                    return whole
                        .pointer(pointer)
                        .map_or_else(Cow::default, Cow::Borrowed);
                }
                Cow::Owned(mut whole) => whole
                    .pointer_mut(pointer)
                    .map(Value::take)
                    .unwrap_or_default(),
            },
            Shape::Pieces(_) => Value::String(self.to_text()),
            Shape::Stored { journal, digest } => read_again(journal, *digest),
            Shape::Composition {
                is_too_large: true, ..
            } => error(TOO_LARGE),
            Shape::Composition {
                skeleton, leaves, ..
            } => {
                let mut whole = skeleton.to_value();
                for (pointer, leaf) in leaves {
                    if let Some(slot) = whole.pointer_mut(&pointer.to_string()) {
                        *slot = leaf.to_value();
                    }
                }
                whole
            }
        })
    }

    /// Returns the whole as text: a text or a JSON string as it is, other JSON written out.
    pub fn to_text(&self) -> String {
        match &self.node.shape {
            Shape::Pieces(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.clone(),
                    Piece::Content(content) => content.to_text(),
                })
                .collect(),
            Shape::Json(_)
            | Shape::Part { .. }
            | Shape::Composition { .. }
            | Shape::Stored { .. } => match self.value() {
                Cow::Borrowed(Value::String(text)) => text.clone(),
                Cow::Owned(Value::String(text)) => text,
                other => other.to_string(),
            },
        }
    }
}

fn read_again(journal: &Journal, digest: Digest) -> Value {
    let bytes = journal.read_blob(digest).ok();
    let value = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    value.unwrap_or_else(|| error(LOST))
}
