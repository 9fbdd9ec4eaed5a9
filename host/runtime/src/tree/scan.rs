//! Looks at every file below a directory: what it is, and whether it is still the same.

use std::fs::{self, File, Metadata};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{MAX_DEPTH, MAX_FILES};

/// What the file system says of a file; the last of the times cannot be set by a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    inode: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.size(),
            inode: metadata.ino(),
            mode: metadata.mode(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Calls `found` with each file and link below a directory, by its path from there, in order.
/// What is no directory, file or link is nobody's content, and `.git` is git's.
pub(super) fn walk(
    root: &Path,
    found: &mut dyn FnMut(&str, &Metadata) -> Result<(), String>,
) -> Result<(), String> {
    let mut left = MAX_FILES;
    below(root, "", 0, &mut left, found)
}

fn below(
    root: &Path,
    inside: &str,
    depth: usize,
    left: &mut usize,
    found: &mut dyn FnMut(&str, &Metadata) -> Result<(), String>,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "`{inside}` lies deeper than `tree-depth` of {MAX_DEPTH} allows"
        ));
    }
    let directory = root.join(inside);
    let failed = |error: std::io::Error| format!("`{inside}`: {}", error.kind());
    let mut names = Vec::new();
    for entry in fs::read_dir(&directory).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name());
    }
    names.sort();
    for name in names {
        // A name that is no text cannot be asked for by anybody.
        let Some(name) = name.to_str().filter(|name| *name != ".git") else {
            continue;
        };
        let path = if inside.is_empty() {
            name.to_owned()
        } else {
            format!("{inside}/{name}")
        };
        let Ok(metadata) = fs::symlink_metadata(root.join(&path)) else {
            continue;
        };
        if metadata.is_dir() {
            below(root, &path, depth + 1, left, found)?;
        } else if metadata.is_file() || metadata.is_symlink() {
            *left = left.checked_sub(1).ok_or_else(|| {
                format!("there are more files than `tree-files` of {MAX_FILES} allows")
            })?;
            found(&path, &metadata)?;
        }
    }
    Ok(())
}

/// Names what a file is: its digest and whether it is a program, or where a link leads.
/// `None` where there is neither.
pub(super) fn state(path: &Path) -> Result<Option<String>, String> {
    let failed = |error: std::io::Error| format!("`{}`: {}", path.display(), error.kind());
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(failed)?;
        return Ok(Some(format!("link:{}", target.display())));
    }
    if !metadata.is_file() {
        return Ok(None);
    }
    let mut hash = Sha256::new();
    let mut file = File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer).map_err(failed)?;
        if count == 0 {
            break;
        }
        hash.update(buffer.get(..count).unwrap_or_default());
    }
    Ok(Some(named(
        &hash.finalize(),
        metadata.permissions().mode() & 0o111 != 0,
    )))
}

/// Names what a file of these bytes is.
pub(super) fn state_of(bytes: &[u8], is_program: bool) -> String {
    named(&Sha256::digest(bytes), is_program)
}

fn named(digest: &[u8], is_program: bool) -> String {
    use std::fmt::Write as _;
    let kind = if is_program { "program:" } else { "file:" };
    digest.iter().fold(kind.to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

fn is_absence(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
    )
}
