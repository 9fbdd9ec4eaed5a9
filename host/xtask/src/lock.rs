//! Keeps two runs of xtask from making the same thing at once.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::ui;

/// A lock that is held until it is dropped, and by the kernel's doing no longer
/// than this process lives.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, never read: closing it unlocks")] File);

/// Takes the lock file at `path`, and says so when it has to wait.
pub(crate) fn take(path: &Path) -> Result<Lock> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot make `{}`", parent.display()))?;
    }
    let cannot = || format!("cannot lock `{}`", path.display());
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .with_context(cannot)?;
    match file.try_lock() {
        Ok(()) => return Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => ui::note(&format!("waiting for `{}`", path.display())),
        Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
    }
    file.lock().with_context(cannot)?;
    Ok(Lock(file))
}
