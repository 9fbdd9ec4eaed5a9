//! How a journal is opened, written and read: the handle that everybody holds.

use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc::sync_channel},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::{
    chain::{FORMAT, Head},
    connection,
    content::Content,
    digest::Digest,
    error::{Fault, JournalError},
    gc::{self, Collect, GcReport},
    id::{RunId, Sequence},
    limits::DEFAULT_MAX_FILE_BYTES,
    lock::RunLock,
    private::{self, failed},
    read::{self, Records, RunInfo},
    record::{NewRun, StoredRecord},
    run::RunWriter,
    verify,
    writer::{self, Command, Driven, Progress, Shared},
};

/// The most connections for reading that are kept open while nobody reads.
const MAX_IDLE_READERS: usize = 4;

/// How a journal is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The size past which the file does not grow: writing then fails with
    /// [`NoRoom`](JournalError::NoRoom).
    pub max_file_bytes: u64,
    /// The name of a layer between `SQLite` and the files, registered with `SQLite`, instead of the
    /// system's own: tests put faults there.
    pub file_layer: Option<&'static str>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_file_bytes: DEFAULT_MAX_FILE_BYTES,
            file_layer: None,
        }
    }
}

/// A journal file. Cheap to clone; when the last clone is dropped, what is queued gets written.
///
/// All methods block. Any number of processes may have the same file open.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    path: PathBuf,
    file_layer: Option<&'static str>,
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
    readers: Mutex<Vec<Connection>>,
}

impl Journal {
    /// Opens the journal at `path`, making or migrating it if need be, with the default options.
    ///
    /// The directory is taken to be the journal's own, and closed to other users.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        Self::open_with(path, Options::default())
    }

    /// Opens the journal at `path` with options.
    pub fn open_with(path: impl AsRef<Path>, options: Options) -> Result<Self, JournalError> {
        let path = std::path::absolute(&path).map_err(failed(path.as_ref()))?;
        let connection = connection::writer(&path, &options)?;
        let shared = Arc::new(Shared::new());
        let writer = thread::Builder::new()
            .name("lazaret-journal".into())
            .spawn({
                let shared = Arc::clone(&shared);
                move || writer::run(&shared, connection)
            })
            .map_err(failed(&path))?;
        Ok(Self(Arc::new(Inner {
            path,
            file_layer: options.file_layer,
            shared,
            writer: Some(writer),
            readers: Mutex::default(),
        })))
    }

    /// Begins a run that nobody has begun before, and takes its lock.
    pub fn create_run(&self, run: NewRun) -> Result<RunWriter, JournalError> {
        let id = run.id.clone();
        let lock = RunLock::take(&self.0.path, &id)?;
        let head = Head::start(&run);
        let key = self.write(move |transaction| insert_run(transaction, &run))?;
        let progress = Progress { head, ended: false };
        Ok(RunWriter::new(
            self.clone(),
            Driven::new(id, key, progress, lock),
        ))
    }

    /// Takes the lock of a run to go on with it. Whether its last record is in order is checked;
    /// whether all are is for [`verify`](Self::verify).
    pub fn open_run(&self, run: &RunId) -> Result<RunWriter, JournalError> {
        self.0.shared.check()?;
        let lock = RunLock::take(&self.0.path, run)?;
        let row = self.read(|transaction| {
            let row = read::run_row(transaction, run)?;
            read::check_last(transaction, &row)?;
            Ok(row)
        })?;
        let ended = row.status.is_some_and(|status| status.ended_ms.is_some());
        let progress = Progress {
            head: row.head,
            ended,
        };
        Ok(RunWriter::new(
            self.clone(),
            Driven::new(run.clone(), row.key, progress, lock),
        ))
    }

    /// Returns the process that last took the run's lock and did not give it up, if one did. It
    /// may have died meanwhile.
    pub fn driver(&self, run: &RunId) -> Option<u32> {
        RunLock::holder(&self.0.path, run)
    }

    /// Returns the path of a file of the caller's own beside a run's lock.
    pub fn path_beside(&self, run: &RunId, name: &str) -> PathBuf {
        private::beside(&self.0.path, &format!(".run-{run}.{name}"))
    }

    /// Opens such a file, which only its owner can read and write; it is made if it is not there.
    pub fn file_beside(&self, run: &RunId, name: &str) -> Result<File, JournalError> {
        private::file(&self.path_beside(run, name))
    }

    /// Returns all such files, locks apart, that stand beside the journal, with their runs.
    pub fn files_beside(&self) -> Result<Vec<(RunId, PathBuf)>, JournalError> {
        private::of_runs(&self.0.path)
    }

    /// Returns one run.
    pub fn run(&self, run: &RunId) -> Result<RunInfo, JournalError> {
        self.read(|transaction| Ok(read::run_row(transaction, run)?.into()))
    }

    /// Returns the latest runs, newest first, or those that began before a given one: at most
    /// `limit`, and never more than [`MAX_LISTED_RUNS`](crate::limits::MAX_LISTED_RUNS).
    pub fn runs(&self, limit: usize, before: Option<&RunId>) -> Result<Vec<RunInfo>, JournalError> {
        self.read(|transaction| read::list(transaction, limit, before))
    }

    /// Reads a run's records from a place on, in order, a page at a time. Each is checked against
    /// the hash of the one before; the first error ends the reading.
    pub fn records(&self, run: &RunId, from: Sequence) -> Records {
        Records::new(self.clone(), run.clone(), from)
    }

    /// Reads a run's records of some kinds, in order. Each is checked by itself; that none is
    /// missing between them shows only when all are read.
    pub fn records_of(
        &self,
        run: &RunId,
        kinds: &[&str],
    ) -> Result<Vec<StoredRecord>, JournalError> {
        self.read(|transaction| read::of_kinds(transaction, run, kinds))
    }

    /// Reads the bytes of several blobs from one state of the file, and checks them: as many as
    /// `most_bytes` hold, at least the first.
    pub fn read_blobs(
        &self,
        digests: &[Digest],
        most_bytes: usize,
    ) -> Result<Vec<Vec<u8>>, JournalError> {
        let blobs = self.read(|transaction| {
            let (mut blobs, mut bytes) = (Vec::new(), 0);
            for digest in digests {
                let blob = read::blob(transaction, *digest)?;
                let blob = blob.ok_or(JournalError::BlobNotFound(*digest))?;
                bytes += blob.len();
                if bytes > most_bytes && !blobs.is_empty() {
                    break;
                }
                blobs.push(blob);
            }
            Ok(blobs)
        })?;
        for (bytes, digest) in blobs.iter().zip(digests) {
            if Digest::of(bytes) != *digest {
                return Err(JournalError::BlobChanged(*digest));
            }
        }
        Ok(blobs)
    }

    /// Reads the bytes of a blob and checks that they are those of its digest.
    pub fn read_blob(&self, digest: Digest) -> Result<Vec<u8>, JournalError> {
        let bytes = self.read(|transaction| read::blob(transaction, digest))?;
        let bytes = bytes.ok_or(JournalError::BlobNotFound(digest))?;
        if Digest::of(&bytes) == digest {
            Ok(bytes)
        } else {
            Err(JournalError::BlobChanged(digest))
        }
    }

    /// Reads the bytes of a blob as a content: they are hashed once, for the check.
    pub fn read_content(&self, digest: Digest) -> Result<Content, JournalError> {
        let bytes = self.read_blob(digest)?;
        Ok(Content::checked(digest, bytes))
    }

    /// Recomputes a run's whole chain and the digests of all blobs it uses.
    pub fn verify(&self, run: &RunId) -> Result<Head, JournalError> {
        self.read(|transaction| verify::verify(transaction, run, None))
    }

    /// Does the same and checks that the run is the one whose head was `expected` once, at its end
    /// or earlier. This alone shows a tail that was cut off, or a run that was made anew.
    pub fn verify_against(&self, run: &RunId, expected: Head) -> Result<Head, JournalError> {
        self.read(|transaction| verify::verify(transaction, run, Some(expected)))
    }

    /// Removes ended runs that nobody drives, and all blobs that no record uses any more.
    pub fn gc(&self, what: Collect) -> Result<GcReport, JournalError> {
        gc::collect(self, what)
    }

    /// Returns how many transactions with records this handle and its clones have written.
    pub fn commits(&self) -> u64 {
        self.0.shared.commits()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0.path
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    /// Gives a command to the writer. Should it be gone, the command's drop tells its owner.
    pub(crate) fn send(&self, command: Command, size: usize) {
        let shared = self.shared();
        if shared.is_writer() {
            // The writer cannot wait for itself to make room.
            drop(shared.queue.push_over(command, size));
        } else {
            drop(shared.queue.push(command, size));
        }
    }

    /// Has the writer do something in a transaction of its own, and waits for it.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        self.with_writer(move |shared, connection| writer::transact(shared, connection, work))
    }

    /// Has the writer do something with its connection, and waits for it.
    pub(crate) fn with_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared, &mut Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (sender, receiver) = sync_channel(1);
        let work = move |shared: &Shared, connection: &mut Connection| {
            drop(sender.send(work(shared, connection)));
        };
        self.send(Command::Work(Box::new(work)), 0);
        receiver.recv().unwrap_or(Err(JournalError::Stopped))
    }

    /// Reads within one transaction, that is, from one state of the file.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let idle = || {
            self.0
                .readers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let kept = idle().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => connection::reader(&self.0.path, self.0.file_layer)?,
        };
        let transaction = connection.transaction()?;
        let value = work(&transaction)?;
        transaction.finish()?;
        let mut idle = idle();
        if idle.len() < MAX_IDLE_READERS {
            idle.push(connection);
        }
        Ok(value)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The last connection that closes puts the write-ahead log into the file, so that the next
        // process need not read it again; one that only reads cannot. So these close before the
        // writer hears that it may.
        self.readers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.shared.queue.close();
        // A callback may hold the last handle; the writer cannot wait for itself, and ends alone.
        if let Some(writer) = self.writer.take()
            && !self.shared.is_writer()
        {
            drop(writer.join());
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Writes the row of a run without records and returns its key.
pub(crate) fn insert_run(transaction: &Transaction<'_>, run: &NewRun) -> Result<i64, JournalError> {
    let exists = transaction
        .query_row(
            "SELECT 1 FROM runs WHERE id = ?1",
            [run.id.as_str()],
            |_| Ok(()),
        )
        .optional()?;
    if exists.is_some() {
        return Err(JournalError::RunExists(run.id.clone()));
    }
    let head = Head::start(run);
    transaction.execute(
        "INSERT INTO runs (id, format, started_ms, title, metadata, count, head)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            run.id.as_str(),
            FORMAT,
            run.started_ms,
            run.title,
            run.metadata,
            head.count,
            head.hash.as_bytes(),
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// Says what is wrong with a run at one place.
pub(crate) fn broken(run: &RunId, count: u64, fault: Fault) -> JournalError {
    JournalError::Broken {
        run: run.clone(),
        sequence: Sequence::new(count),
        fault,
    }
}
