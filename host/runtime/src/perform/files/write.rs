//! Replaces a file as a whole: written beside it, synced, renamed over it.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use cap_std::fs::{Dir, OpenOptions};
use serde_json::Value;

use crate::payload::Payload;
use crate::place::{Inside, Place, refused};

/// Writes a text, and the directories that it lies in.
pub(super) fn write(place: &Place, at: &Inside, text: &str) -> Result<Payload, String> {
    let _turn = place.turn();
    replace(place, at, text)?;
    Ok(Payload::json(Value::Null))
}

/// Replaces the file that is there by its name: a link is replaced and not followed.
pub(super) fn replace(place: &Place, at: &Inside, text: &str) -> Result<(), String> {
    let (directory, name) = place.parent(at, true)?;
    let replaced = put(&directory, &name, text.as_bytes());
    replaced.map_err(|error| refused(at, &error))
}

fn put(directory: &Dir, name: &Path, bytes: &[u8]) -> std::io::Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let temporary = format!(".lazaret-{}-{number}.new", std::process::id());
    let before = directory.symlink_metadata(name).ok();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = directory.open_with(&temporary, &options)?;
    let written = file.write_all(bytes).and_then(|()| {
        if let Some(before) = before.filter(cap_std::fs::Metadata::is_file) {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        directory.rename(&temporary, directory, name)
    });
    written.inspect_err(|_| drop(directory.remove_file(&temporary)))
}
