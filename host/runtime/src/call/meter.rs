//! How many bytes one instance may make the host keep, and be given.

use std::sync::atomic::Ordering;

use serde_json::Value;

use super::Caller;
use crate::bindings::types::Error as GuestError;
use crate::payload::Payload;
use crate::words;

/// The most bytes that one call may hand over as text or JSON.
pub(crate) const MAX_CREATE_BYTES: usize = 8 << 20;

/// The most bytes that one instance may have the host keep.
pub(super) const MAX_KEPT_BYTES: u64 = 256 << 20;

/// The most bytes of answers that one instance may be given: its handles keep them all.
pub(super) const MAX_HELD_BYTES: u64 = 512 << 20;

/// What a piece or a leaf of a composition counts for besides its text: without it a
/// list of handles would be free.
pub(super) const PART_BYTES: usize = 64;

impl Caller {
    /// Counts the bytes of an answer. Their number is the answer's secret: past the limit
    /// the call has failed, and that goes where its success would have gone.
    pub(super) fn holds_too_much(&self, answer: &Payload) -> bool {
        let bytes = answer.bytes() as u64;
        self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_HELD_BYTES
    }

    /// Counts bytes that the caller makes the host keep. It knows their number itself.
    pub(super) fn keep(&self, bytes: usize) -> Result<(), GuestError> {
        self.keep_as(bytes, bytes)
    }

    /// The same for bytes that take more room with the host than where they come from.
    pub(super) fn keep_as(&self, given: usize, kept: usize) -> Result<(), GuestError> {
        let sum = self.kept.fetch_add(kept as u64, Ordering::Relaxed) + kept as u64;
        let limit = if given > MAX_CREATE_BYTES {
            words::limit("create-bytes", MAX_CREATE_BYTES as u64)
        } else if sum > MAX_KEPT_BYTES {
            words::limit("kept-bytes", MAX_KEPT_BYTES)
        } else {
            return Ok(());
        };
        Err(self.refuse("content.create", &limit))
    }
}

pub(super) fn json_bytes(text: &str) -> usize {
    let separators = text.bytes().filter(|byte| b",[{".contains(byte));
    text.len() + separators.count() * size_of::<Value>()
}
