//! How many bytes one instance may make the host keep, and hold for it in memory.

use std::sync::atomic::Ordering;

use lazaret_journal::Digest;
use lazaret_journal::limits::MAX_RECORD_BYTES;
use serde_json::Value;

use super::Caller;
use crate::bindings::types::Error as GuestError;
use crate::payload::Payload;
use crate::words::{self, Limit};

/// The most bytes that one call may hand over as text or JSON.
pub(crate) const MAX_CREATE_BYTES: usize = 8 << 20;

/// The most bytes that one instance may have the host keep.
pub(super) const MAX_KEPT_BYTES: u64 = 256 << 20;

/// The most bytes of answers that are held in memory for one instance: its handles keep them all.
/// What bounds the others is the journal, which has a largest size.
const MAX_HELD_BYTES: u64 = 512 << 20;

/// The most bytes of all arguments of one call. The journal has them in one record.
const MAX_ARGUMENT_BYTES: usize = MAX_RECORD_BYTES / 2;

/// Told in the place of an answer.
pub(super) const TOO_MUCH: &str = "the arguments are larger than `argument-bytes` allows";

/// What a piece or a leaf of a composition counts for besides its text: without it a
/// list of handles would be free.
pub(super) const PART_BYTES: usize = 64;

impl Caller {
    /// Holds an answer that was recorded: in memory, or past the limit in the journal alone.
    ///
    /// Nothing is refused. How many bytes an answer has may be the secret of a stranger's page,
    /// and the sum of several is that of all: a refusal would tell it to whoever asked last.
    pub(super) fn hold(&self, answer: Payload, digest: Digest) -> Payload {
        let bytes = answer.bytes() as u64;
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) <= MAX_HELD_BYTES {
            return answer;
        }
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        answer.on_disk(self.run.writer.journal(), digest)
    }

    /// Counts bytes that the caller makes the host keep. It knows their number itself.
    pub(super) fn keep(&self, bytes: usize) -> Result<(), GuestError> {
        self.keep_as(bytes, bytes)
    }

    /// The same for bytes that take more room with the host than where they come from.
    pub(super) fn keep_as(&self, given: usize, kept: usize) -> Result<(), GuestError> {
        let sum = self.kept.fetch_add(kept as u64, Ordering::Relaxed) + kept as u64;
        let limit = if given > MAX_CREATE_BYTES {
            words::limit(Limit::CreateBytes, MAX_CREATE_BYTES as u64)
        } else if sum > MAX_KEPT_BYTES {
            words::limit(Limit::KeptBytes, MAX_KEPT_BYTES)
        } else {
            return Ok(());
        };
        Err(self.refuse("content.create", &limit))
    }
}

/// Whether these are more than one call may hand over. The caller may not have read them: that
/// they are too much goes where the answer would have gone.
pub(super) fn is_too_much(arguments: &[(String, Payload)]) -> bool {
    let bytes = arguments.iter().map(|(_, given)| given.bytes());
    bytes.sum::<usize>() > MAX_ARGUMENT_BYTES
}

pub(super) fn json_bytes(text: &str) -> usize {
    let separators = text.bytes().filter(|byte| b",[{".contains(byte));
    text.len() + separators.count() * size_of::<Value>()
}
