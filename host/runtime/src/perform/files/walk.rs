//! Walks below a directory: in order, within limits, following no link.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cap_std::fs::{Dir, FileType};

use crate::place::{Inside, Place, refused};

/// The most entries that one search looks at.
pub(super) const MAX_ENTRIES: usize = 200_000;

/// The deepest directory that one search enters.
const MAX_DEPTH: usize = 64;

/// Returns the entries of a directory in name order, without those that are hidden.
pub(super) fn entries(place: &Place, at: &Inside) -> Result<Vec<(OsString, FileType)>, String> {
    let directory = place.below(at)?;
    listed(place, &directory, at).map_err(|error| refused(at, &error))
}

/// Calls `found` with each file below a directory, by its path from the mount and from
/// there, until it says to stop. Returns whether all were seen.
pub(super) fn files(
    place: &Place,
    at: &Inside,
    mut found: impl FnMut(&Inside, &Path) -> bool,
) -> Result<bool, String> {
    let mut left = MAX_ENTRIES;
    let mut complete = true;
    let mut waiting = below(entries(place, at)?, Path::new(""));
    while let Some((path, kind)) = waiting.pop() {
        let Some(rest) = left.checked_sub(1) else {
            return Ok(false);
        };
        left = rest;
        let inside = at.join(&path);
        if kind.is_file() && !found(&inside, &path) {
            return Ok(false);
        }
        if kind.is_dir() {
            let deep = path.components().count() >= MAX_DEPTH;
            complete &= !deep;
            if !deep {
                // One that is gone meanwhile has nothing in it.
                waiting.extend(below(entries(place, &inside).unwrap_or_default(), &path));
            }
        }
    }
    Ok(complete)
}

/// Puts the entries of a directory in the order in which a stack gives them.
fn below(entries: Vec<(OsString, FileType)>, path: &Path) -> Vec<(PathBuf, FileType)> {
    let last_first = entries.into_iter().rev();
    last_first
        .map(|(name, kind)| (path.join(name), kind))
        .collect()
}

fn listed(
    place: &Place,
    directory: &Dir,
    at: &Inside,
) -> std::io::Result<Vec<(OsString, FileType)>> {
    let mut all = Vec::new();
    for entry in directory.entries()?.take(MAX_ENTRIES) {
        let entry = entry?;
        let name = entry.file_name();
        if !place.hides(&at.join(Path::new(&name))) {
            all.push((name, entry.file_type()?));
        }
    }
    all.sort_by(|one, two| one.0.cmp(&two.0));
    Ok(all)
}
