//! How the journal's directory and files are kept from other users of the machine.
//!
//! Elsewhere than on Unix, what the directory inherits has to do.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{error::JournalError, id::RunId};

/// Makes the directory of `path` if it is not there, and makes it the owner's alone in any case.
///
/// The directory is taken to be the journal's own. One that belongs to everybody, like `/tmp`, is
/// refused.
pub(crate) fn directory_of(path: &Path) -> Result<(), JournalError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(failed(directory))?;
    tighten_directory(directory)
}

/// Opens a file for reading and writing, making it with mode 0600, or tightening it to that.
pub(crate) fn file(path: &Path) -> Result<File, JournalError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed(path))?;
    tighten_file(&file, path)?;
    Ok(file)
}

/// Returns `path` with something added to its last part.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Returns the files beside `path` that [`beside`] has named after runs, but for their locks.
pub(crate) fn of_runs(path: &Path) -> Result<Vec<(RunId, PathBuf)>, JournalError> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(Vec::new());
    };
    let head = format!("{}.run-", name.to_string_lossy());
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed(directory))? {
        let entry = entry.map_err(failed(directory))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let named = name
            .strip_prefix(&head)
            .and_then(|rest| rest.split_once('.'));
        if let Some((run, kind)) = named
            && kind != "lock"
            && let Ok(run) = RunId::new(run)
        {
            found.push((run, entry.path()));
        }
    }
    Ok(found)
}

/// Returns what turns an error of the file system into one of ours.
pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> JournalError {
    move |source| JournalError::Io {
        path: path.to_owned(),
        source: Arc::new(source),
    }
}

#[cfg(unix)]
fn tighten_directory(directory: &Path) -> Result<(), JournalError> {
    use std::os::unix::fs::PermissionsExt as _;
    const STICKY: u32 = 0o1000;
    const OTHERS: u32 = 0o077;
    let mode = fs::metadata(directory)
        .map_err(failed(directory))?
        .permissions()
        .mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let private = fs::Permissions::from_mode(0o700);
    if mode & STICKY != 0 || fs::set_permissions(directory, private).is_err() {
        return Err(JournalError::Exposed(directory.to_owned()));
    }
    Ok(())
}

#[cfg(unix)]
fn tighten_file(file: &File, path: &Path) -> Result<(), JournalError> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o600))
        .map_err(failed(path))
}

#[cfg(not(unix))]
fn tighten_directory(_: &Path) -> Result<(), JournalError> {
    Ok(())
}

#[cfg(not(unix))]
fn tighten_file(_: &File, _: &Path) -> Result<(), JournalError> {
    Ok(())
}
