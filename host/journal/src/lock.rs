//! How one process at most drives a run: an advisory lock on a file beside the journal.
//!
//! The kernel releases the lock when its holder dies, however it dies.

use std::{
    fs::{self, File, TryLockError},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    error::JournalError,
    id::RunId,
    private::{self, failed},
};

/// How often to look again when the holder removes its file while we open it. Each time means that
/// another process drove the run and ended in between.
const MAX_ATTEMPTS: usize = 16;

/// The exclusive right to write a run; dropping it gives it up.
#[derive(Debug)]
pub(crate) struct RunLock {
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl RunLock {
    /// Takes the lock of a run, or says who has it. It never waits.
    pub(crate) fn take(journal: &Path, run: &RunId) -> Result<Self, JournalError> {
        let path = private::beside(journal, &format!(".run-{run}.lock"));
        for _ in 0..MAX_ATTEMPTS {
            let mut file = private::file(&path)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Err(busy(run, &mut file)),
                Err(TryLockError::Error(error)) => return Err(failed(&path)(error)),
                Ok(()) if is_at(&file, &path) => {
                    sign(&mut file).map_err(failed(&path))?;
                    return Ok(Self { path, _file: file });
                }
                Ok(()) => {}
            }
        }
        Err(JournalError::Busy {
            run: run.clone(),
            process: None,
        })
    }

    /// Returns the process that signed the lock, without taking it.
    pub(crate) fn holder(journal: &Path, run: &RunId) -> Option<u32> {
        let path = private::beside(journal, &format!(".run-{run}.lock"));
        signature(&mut File::open(path).ok()?)
    }
}

impl Drop for RunLock {
    /// Removes the file while it is still locked, so that whoever opened it meanwhile sees that it
    /// is no longer the one at its path. A file that stays is harmless.
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn busy(run: &RunId, file: &mut File) -> JournalError {
    JournalError::Busy {
        run: run.clone(),
        process: signature(file),
    }
}

fn signature(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Leaves our process id in the file, for the message that others get.
fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

/// Says whether the path still leads to this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(ours), Ok(there)) = (file.metadata(), fs::metadata(path)) else {
        return false;
    };
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

/// Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_excludes_until_it_is_dropped_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("j");
        let run = RunId::new("abcdefghij23").unwrap();
        let other = RunId::new("abcdefghij24").unwrap();
        let held = RunLock::take(&journal, &run).unwrap();
        let refused = RunLock::take(&journal, &run).unwrap_err();
        let us = Some(std::process::id());
        assert!(matches!(refused, JournalError::Busy { process, .. } if process == us));
        assert_eq!(RunLock::holder(&journal, &run), us);
        assert_eq!(RunLock::holder(&journal, &other), None);
        drop(RunLock::take(&journal, &other).unwrap());
        drop(held);
        drop(RunLock::take(&journal, &run).unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_left_by_a_dead_process_does_not_lock() {
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("j");
        let run = RunId::new("abcdefghij23").unwrap();
        fs::write(directory.path().join("j.run-abcdefghij23.lock"), "1").unwrap();
        RunLock::take(&journal, &run).unwrap();
    }

    #[test]
    fn threads_that_race_for_a_lock_never_hold_it_together() {
        let directory = tempfile::tempdir().unwrap();
        let journal = directory.path().join("j");
        let run = RunId::new("abcdefghij23").unwrap();
        let holders = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        if let Ok(lock) = RunLock::take(&journal, &run) {
                            let others = holders.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                            assert_eq!(others, 0);
                            holders.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
    }
}
