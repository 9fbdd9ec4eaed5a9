//! Runs one program so that the kernel keeps it to what it was given: files, processes, network.
//!
//! Two stages of this same binary stand between the host and the program, because the kernel
//! gives a process new namespaces only while it has one thread. The [`outer`] makes the
//! namespaces and ends everything when the host is gone. The [`inner`] is the first process of
//! the new process namespace: it builds a root in which only what was named is there, sets the
//! limits, gives up what is left of its rights (Landlock), starts the program, and with it ends
//! everything that it has started.
//!
//! Nothing here knows labels or policies.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::BorrowedFd;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use pdf::MAX_PDF_BYTES;
pub(crate) use relay::{PORT, SOCKET};

mod give_up;
mod inner;
mod outer;
mod pdf;
mod relay;
mod root;

/// The first argument by which the binary knows that it is the outer stage.
pub const OUTER: &str = "--confine";

/// The first argument of the inner stage.
const INNER: &str = "--confined";

/// The first argument of a process that takes the text out of a PDF.
pub(crate) const PDF: &str = "--pdf-text";

/// How a stage ends that could not confine the program, which then was not started.
pub const NOT_CONFINED: u8 = 125;

/// What stands before the reason on the error output of such a stage.
pub const REASON: &str = "lazaret: not confined: ";

/// The most bytes of a specification.
const MAX_SPECIFICATION: u32 = 64 << 20;

/// What runs, and what it is given.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Specification {
    /// The program by its path in the new root; none only looks whether it could be confined.
    pub program: Option<PathBuf>,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub variables: Vec<(String, String)>,
    /// Where it starts, in the new root.
    pub directory: PathBuf,
    /// An empty directory over which the new root is made.
    pub root: PathBuf,
    /// What is there, outer directories before inner ones.
    pub shown: Vec<Shown>,
    /// Symbolic links of the new root: where each is and where it leads.
    pub links: Vec<(PathBuf, PathBuf)>,
    /// A socket of the new root to which the program's one way out leads.
    pub relay: Option<PathBuf>,
    /// The most processes and threads.
    pub processes: u64,
    /// The most memory of one process, in bytes.
    pub memory_bytes: u64,
    /// The most bytes of one file.
    pub file_bytes: u64,
}

/// A file or directory that is there.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Shown {
    /// Where it is on this machine.
    pub from: PathBuf,
    /// Where it is in the new root, absolute.
    pub at: PathBuf,
    /// Whether it may be written to.
    pub write: bool,
}

/// Goes on as a stage, where the binary's own arguments say that it is one. It gives the exit
/// status, or why the program was not confined.
///
/// `input` and `output` are the process's own.
///
/// To be called first of all, while the process has one thread.
pub fn entered(
    mut arguments: impl Iterator<Item = OsString>,
    input: BorrowedFd<'_>,
    output: BorrowedFd<'_>,
) -> Option<Result<u8, String>> {
    arguments.next();
    let stage: fn(File, File) -> Result<u8, String> = match arguments.next()?.to_str()? {
        OUTER => |input, _| outer::run(input),
        INNER => |input, _| inner::run(input),
        PDF => pdf::run,
        _ => return None,
    };
    let own = |given: BorrowedFd<'_>| {
        let own = given.try_clone_to_owned().map(File::from);
        own.map_err(|error| format!("no input or output: {error}"))
    };
    Some(own(input).and_then(|input| stage(input, own(output)?)))
}

impl Specification {
    /// Writes it with its length before it.
    pub fn write(&self, into: &mut impl Write) -> std::io::Result<()> {
        let bytes = serde_json::to_vec(self)?;
        let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
        into.write_all(&length.to_le_bytes())?;
        into.write_all(&bytes)?;
        into.flush()
    }

    fn read(from: &mut impl Read) -> Result<Self, String> {
        let mut length = [0; 4];
        let short = |error: std::io::Error| format!("no specification came: {error}");
        from.read_exact(&mut length).map_err(short)?;
        let length = u32::from_le_bytes(length);
        if length > MAX_SPECIFICATION {
            return Err("the specification is too long".to_owned());
        }
        let mut bytes = Vec::new();
        let mut limited = from.take(u64::from(length));
        limited.read_to_end(&mut bytes).map_err(short)?;
        serde_json::from_slice(&bytes).map_err(|error| format!("malformed: {error}"))
    }
}

/// What a shell would call the end of a program.
fn code_of(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| signal.saturating_add(128)));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(255)
}
