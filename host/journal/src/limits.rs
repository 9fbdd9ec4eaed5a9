//! How much of anything the journal takes.
//!
//! A limit is checked where a value is made, so what is inside the crate already keeps it.

use crate::error::JournalError;

/// The most bytes of one blob: what a whole page, mail or file of a run needs, and little enough
/// to be held in memory by each of the two cores that hash and write it.
pub const MAX_BLOB_BYTES: usize = 64 * 1024 * 1024;

/// The most bytes of one record's payload; anything longer belongs into a blob.
pub const MAX_PAYLOAD_BYTES: usize = 1024 * 1024;

/// The most uses of blobs in one record: a batch of answers to a thousand agents fits.
pub const MAX_BLOBS_PER_RECORD: usize = 4096;

/// The most bytes of new blobs in one record, since a record is written in one piece.
pub const MAX_RECORD_BYTES: usize = 256 * 1024 * 1024;

/// The most bytes of a blob's label: every tag and reader named in full stays far below.
pub const MAX_LABEL_BYTES: usize = 16 * 1024;

/// The most bytes of a blob's media type, as in RFC 6838 (two names of 127 and a slash).
pub const MAX_MEDIA_BYTES: usize = 255;

/// The most bytes of a record's kind, which is a word or two.
pub const MAX_KIND_BYTES: usize = 64;

/// The most bytes of a run's title, which is a line.
pub const MAX_TITLE_BYTES: usize = 1024;

/// The most bytes of a run's metadata.
pub const MAX_METADATA_BYTES: usize = 1024 * 1024;

/// The most bytes of a run's status.
pub const MAX_STATUS_BYTES: usize = 64 * 1024;

/// The most records of one run: a thousand calls of each of a million agents, twice over.
pub const MAX_RECORDS_PER_RUN: u64 = 1 << 31;

/// The most runs in one answer of [`Journal::runs`](crate::Journal::runs).
pub const MAX_LISTED_RUNS: usize = 10_000;

/// The latest time the file can hold, in milliseconds.
pub const MAX_MILLIS: u64 = i64::MAX.unsigned_abs();

/// The most records that wait for the writer; then [`append`](crate::RunWriter::append) blocks.
pub const MAX_QUEUED_RECORDS: usize = 4096;

/// The most bytes that wait for the writer, unless a single record has more.
pub const MAX_QUEUED_BYTES: usize = 256 * 1024 * 1024;

/// The most records in one transaction: past a thousand, one more costs what the last one did,
/// and the first would wait longer for its acknowledgement.
pub const MAX_BATCH_RECORDS: usize = 1024;

/// The most bytes in one transaction, unless a single record has more.
pub const MAX_BATCH_BYTES: usize = 64 * 1024 * 1024;

/// The largest journal file, unless [`Options`](crate::Options) say otherwise: 64 GiB, so that a
/// run that goes wrong fills its journal before it fills the disk.
pub const DEFAULT_MAX_FILE_BYTES: u64 = 64 * 1024 * 1024 * 1024;

/// Checks that `size` bytes of `what` are not more than `max`.
pub(crate) fn check(what: &'static str, size: usize, max: usize) -> Result<(), JournalError> {
    if size > max {
        return Err(JournalError::TooLarge { what, size, max });
    }
    Ok(())
}

/// Checks that a time can be stored.
pub(crate) fn check_millis(millis: u64) -> Result<(), JournalError> {
    if millis > MAX_MILLIS {
        return Err(JournalError::InvalidTime(millis));
    }
    Ok(())
}

/// Checks that `text` is one JSON value.
pub(crate) fn check_json(what: &'static str, text: &str) -> Result<(), JournalError> {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(reason) => Err(JournalError::NotJson {
            what,
            reason: reason.to_string(),
        }),
    }
}
