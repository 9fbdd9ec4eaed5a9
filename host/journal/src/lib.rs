//! The append-only log and the content store of a host, in one file on disk.
//!
//! A journal holds **runs**. A run is a list of **records**, chained by hashes, each with a payload
//! of the caller's and with uses of **blobs**, which are stored once under their SHA-256. What a
//! record means is not known here.
//!
//! ```
//! use lazaret_journal::{Blob, Journal, NewRun, Record, RunId, Sequence, Status};
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("journal.db");
//! let journal = Journal::open(path)?;
//! let id = RunId::new("k3v9x2m7q4ab")?;
//! let run = journal.create_run(NewRun::new(id.clone(), 1_700_000_000_000, "triage", "{}")?)?;
//!
//! // Appending queues; waiting says that it is on the disk. What waits together goes together.
//! let mail = Blob::new("Dear agent, …", r#"{"taint":["mail"]}"#, "text/plain")?;
//! let digest = mail.digest();
//! let opened = run.append(Record::new("opened", r#"{"item":1}"#)?.with_blob(mail)?);
//! let answer = run.append(Record::new("answered", r#"{"spam":true}"#)?);
//! assert_eq!(opened.wait()?, Sequence::FIRST);
//! assert_eq!(answer.wait()?, Sequence::new(1));
//! let end = Status::ended("done", 1_700_000_009_000)?;
//! run.append_final(Record::new("end", "{}")?, end).wait()?;
//!
//! // Reading checks every record against the one before.
//! let kinds: Result<Vec<_>, _> = journal
//!     .records(&id, Sequence::FIRST)
//!     .map(|record| Ok::<_, lazaret_journal::JournalError>(record?.kind().to_owned()))
//!     .collect();
//! assert_eq!(kinds?, ["opened", "answered", "end"]);
//! assert_eq!(journal.read_blob(digest)?, "Dear agent, …".as_bytes());
//!
//! // The head is what a receipt signs, and what the run can be held to later.
//! let head = run.head();
//! assert_eq!(journal.verify_against(&id, head)?.count, 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What holds:
//!
//! - **Durable before it is acknowledged.** One thread writes; all that waits becomes one
//!   transaction with one fsync. After a kill, or a loss of power, every acknowledged record is
//!   there, and what is there is a whole number of records.
//! - **Nothing is written after a failed write.** Every later append gives
//!   [`JournalError::Poisoned`]; opening the file again recovers.
//! - **One driver a run**, in all processes; any number of readers, and of other runs.
//! - **No change goes unseen.** [`Journal::verify`] names the first record that is not what was
//!   written. A tail cut off, or a run made anew, shows against a head that was kept elsewhere:
//!   [`Journal::verify_against`].
//! - **Everything has a limit**: see [`limits`].
//! - No clock, no randomness, no environment: times and ids are arguments. All calls block; async
//!   code uses [`RunWriter::append_then`] to fill a channel of its own.
//!
//! Where to look: `record` and `blob` are what is written, `chain` how it is hashed, `writer` the
//! thread that writes, `run` the handle to it, `read` and `verify` the way back, `portable` the
//! exported form, `schema` the tables.
#![forbid(unsafe_code)]

mod ack;
mod blob;
mod chain;
mod connection;
mod content;
mod digest;
mod error;
mod gc;
mod id;
mod journal;
pub mod limits;
mod lock;
mod portable;
mod private;
mod queue;
mod read;
mod record;
mod run;
mod schema;
mod verify;
mod writer;

pub use crate::{
    ack::{Callback, Pending},
    blob::{Blob, BlobRef},
    chain::Head,
    content::Content,
    digest::Digest,
    error::{Fault, JournalError},
    gc::{Collect, GcReport},
    id::{RunId, Sequence},
    journal::{Journal, Options},
    read::{Records, RunInfo},
    record::{NewRun, Record, Status, StoredRecord},
    run::RunWriter,
};
