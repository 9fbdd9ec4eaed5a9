//! What can go wrong with a journal, under which code, and what to try.

use std::{io, path::PathBuf, sync::Arc};

use crate::{
    chain::Head,
    digest::Digest,
    id::{RunId, Sequence},
};

/// Says why the journal refused or failed.
///
/// It can be cloned, because one failed transaction answers everybody who waited for it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Something is past its limit; the limits are in [`limits`](crate::limits).
    #[error("{what} has {size} bytes or entries, more than the {max} allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        size: usize,
        /// The limit.
        max: usize,
    },
    /// The text is not the id of a run.
    #[error("`{0}` is not a run id: 12 to 26 lowercase letters and digits")]
    InvalidRunId(String),
    /// The text is not a digest.
    #[error("`{0}` is not a SHA-256 digest: 64 lowercase hexadecimal digits")]
    InvalidDigest(String),
    /// The text is not the kind of a record.
    #[error("`{0}` is not a kind: 1 to 64 of `a-z`, `0-9`, `.`, `_`, `-`")]
    InvalidKind(String),
    /// The time is past what the file can hold.
    #[error("{0} milliseconds are past the latest time that can be stored")]
    InvalidTime(u64),
    /// The text should be JSON.
    #[error("{what} is not JSON: {reason}")]
    NotJson {
        /// What should be JSON.
        what: &'static str,
        /// What the parser said.
        reason: String,
    },
    /// There is no such run.
    #[error("there is no run `{0}`")]
    RunNotFound(RunId),
    /// There is such a run already.
    #[error("there is already a run `{0}`")]
    RunExists(RunId),
    /// Somebody else drives this run now.
    #[error("run `{run}` is driven by {}", holder(*.process))]
    Busy {
        /// The run.
        run: RunId,
        /// The process that holds its lock, where that could be read.
        process: Option<u32>,
    },
    /// The run has ended, and the record does not open it again.
    #[error("run `{0}` has ended")]
    Ended(RunId),
    /// The run has as many records as a run can have.
    #[error("run `{0}` has as many records as a run can have")]
    RunFull(RunId),
    /// There are no such bytes.
    #[error("there is no blob {0}")]
    BlobNotFound(Digest),
    /// The bytes of a blob are not those of its digest.
    #[error("the bytes of blob {0} have changed")]
    BlobChanged(Digest),
    /// The records of a run are not what was written.
    #[error("run `{run}` is broken at record {sequence}: {fault}")]
    Broken {
        /// The run.
        run: RunId,
        /// The first sequence at which it shows.
        sequence: Sequence,
        /// What is wrong there.
        fault: Fault,
    },
    /// The file was written by a later version.
    #[error("the journal has schema version {found}, and this program knows up to {supported}")]
    NewerSchema {
        /// The version of the file.
        found: i64,
        /// The latest version that this program knows.
        supported: i64,
    },
    /// The file is a database of something else.
    #[error("`{}` is a database, but not a journal", .0.display())]
    Foreign(PathBuf),
    /// The file's directory cannot be made private.
    #[error("`{}` is open to other users of this machine", .0.display())]
    Exposed(PathBuf),
    /// An exported run cannot be taken in.
    #[error("line {line} of the exported run: {reason}")]
    Import {
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or directory could not be used.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// An exported run could not be read or written.
    #[error("cannot read or write the exported run")]
    Stream(#[source] Arc<io::Error>),
    /// The file is damaged.
    #[error("the journal file is damaged")]
    Damaged(#[source] Arc<rusqlite::Error>),
    /// There is no more room for the file.
    #[error("there is no more room for the journal")]
    NoRoom(#[source] Arc<rusqlite::Error>),
    /// Another process held the file for too long.
    #[error("another process is holding the journal")]
    Contended(#[source] Arc<rusqlite::Error>),
    /// The file could not be read or written.
    #[error("the journal file cannot be read or written")]
    Storage(#[source] Arc<rusqlite::Error>),
    /// A write failed before, and nothing is written after a failed write.
    #[error("the journal stopped writing after an earlier failure")]
    Poisoned(#[source] Arc<Self>),
    /// The thread that writes is gone.
    #[error("the journal's writer is gone")]
    Stopped,
}

/// Says what is wrong with a record, or with the run at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Kind, payload, references or status are not what the record's hash was made of.
    #[error("its content has changed")]
    Changed,
    /// A later record follows, or the run counts more records.
    #[error("the record is missing")]
    Missing,
    /// The hash of the record before, as stored in this one, is not that of the record before.
    #[error("it does not follow the record before it")]
    WrongPrevious,
    /// The record belongs to another place of this run.
    #[error("it belongs to another place of the run")]
    Reordered,
    /// There are more records than the run counts.
    #[error("the run does not count this record")]
    Added,
    /// Id, start, title or metadata of the run have changed.
    #[error("the run's id, start, title or metadata have changed")]
    Header,
    /// The head stored with the run is not the hash of its last record.
    #[error("the run's head is not its last record")]
    Head,
    /// The status stored with the run is not the one its records give.
    #[error("the run's status is not the one in its records")]
    Status,
    /// The run does not contain the head that was expected.
    #[error("the run does not hold the expected head {}", .expected.hash)]
    NotTheExpected {
        /// What was expected.
        expected: Head,
    },
    /// A blob that the record uses is gone.
    #[error("its blob {0} is missing")]
    BlobMissing(Digest),
    /// A blob that the record uses has other bytes.
    #[error("its blob {0} has changed")]
    BlobChanged(Digest),
}

impl JournalError {
    /// Returns the code under which the error is documented.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "journal.too-large",
            Self::InvalidRunId(_)
            | Self::InvalidDigest(_)
            | Self::InvalidKind(_)
            | Self::InvalidTime(_)
            | Self::NotJson { .. } => "journal.invalid",
            Self::RunNotFound(_) => "journal.run-not-found",
            Self::RunExists(_) => "journal.run-exists",
            Self::Busy { .. } => "journal.busy",
            Self::Ended(_) => "journal.ended",
            Self::RunFull(_) => "journal.run-full",
            Self::BlobNotFound(_) => "journal.blob-not-found",
            Self::Broken { .. } | Self::BlobChanged(_) => "journal.broken",
            Self::NewerSchema { .. } => "journal.newer-schema",
            Self::Foreign(_) => "journal.foreign",
            Self::Exposed(_) => "journal.exposed",
            Self::Import { .. } => "journal.import",
            Self::Io { .. } | Self::Stream(_) => "journal.io",
            Self::Damaged(_) => "journal.damaged",
            Self::NoRoom(_) => "journal.no-room",
            Self::Contended(_) => "journal.contended",
            Self::Storage(_) => "journal.storage",
            Self::Poisoned(_) | Self::Stopped => "journal.poisoned",
        }
    }

    /// Returns what to do next, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Busy { .. } => Some("wait for the other process, or end it, then try again"),
            Self::Ended(_) => Some("resume the run to go on with it"),
            Self::Broken { .. } | Self::BlobChanged(_) => {
                Some("do not trust this run; take it from an export or a backup")
            }
            Self::NewerSchema { .. } => Some("use the version of the program that wrote it"),
            Self::Foreign(_) => Some("name another file"),
            Self::Exposed(_) => {
                Some("keep the journal in a directory that only you can use (`chmod 700`)")
            }
            Self::Damaged(_) => Some("restore the file from a backup, or start a new one"),
            Self::NoRoom(_) => {
                Some("make room, by `lazaret gc` or on the disk, then resume the run")
            }
            Self::Contended(_) | Self::Poisoned(_) | Self::Stopped => {
                Some("resume the run: everything that was acknowledged is there")
            }
            _ => None,
        }
    }

    /// Says whether the file may be in an unknown state now, rather than the request be refused.
    pub(crate) fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Damaged(_)
                | Self::NoRoom(_)
                | Self::Contended(_)
                | Self::Storage(_)
                | Self::Broken { .. }
                | Self::NewerSchema { .. }
        )
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match (error.sqlite_error_code(), &error) {
            (Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::TooBig), _)
            | (
                _,
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..),
            ) => Self::Damaged(Arc::new(error)),
            (Some(ErrorCode::DiskFull), _) => Self::NoRoom(Arc::new(error)),
            (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => {
                Self::Contended(Arc::new(error))
            }
            _ => Self::Storage(Arc::new(error)),
        }
    }
}

fn holder(process: Option<u32>) -> String {
    process.map_or_else(
        || String::from("another process"),
        |id| format!("process {id}"),
    )
}
