//! Reads and writes files below a granted directory.
//!
//! The directory is opened once and every path is resolved below it by `cap-std`, so
//! that neither `..` nor a symbolic link leads out, whatever changes meanwhile.

use std::io::{Read as _, Write as _};
use std::path::Path;

use cap_std::fs::{Dir, Metadata, OpenOptions};

use super::{Output, input};
use crate::payload::{MAX_CONTENT_BYTES, Payload};
use crate::run::Run;

pub(super) fn read(run: &Run, mount: &str, inputs: &[(String, Payload)]) -> Result<Output, String> {
    let directory = directory(run, mount)?;
    let path = input(inputs, "path")?.to_text();
    let target = relative(&path)?;
    let check = |metadata: Metadata| {
        let ordinary = metadata.is_file();
        ordinary
            .then_some(())
            .ok_or_else(|| format!("`{path}` is no ordinary file"))
    };
    // Before it is opened, because to open a pipe that nobody writes to waits for ever, and
    // after, because it is this one that is read. No guest can make a pipe in between.
    let before = directory.metadata(target);
    check(before.map_err(|error| refused(&path, &error))?)?;
    let file = directory
        .open(target)
        .map_err(|error| refused(&path, &error))?;
    check(file.metadata().map_err(|error| refused(&path, &error))?)?;
    let mut bytes = Vec::new();
    let most = MAX_CONTENT_BYTES as u64;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(&path, &error))?;
    if bytes.len() as u64 > most {
        return Err(format!(
            "`{path}` is larger than the limit `content-bytes` of {most}"
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Output::plain(Payload::text(text))),
        Err(_binary) => Err(format!("`{path}` is no UTF-8 text")),
    }
}

/// Replaces a file as a whole: written beside it, synced, renamed over it.
pub(super) fn write(
    run: &Run,
    mount: &str,
    inputs: &[(String, Payload)],
) -> Result<Output, String> {
    let directory = directory(run, mount)?;
    let path = input(inputs, "path")?.to_text();
    let target = relative(&path)?;
    let text = input(inputs, "content")?.to_text();
    let temporary = target.with_extension("lazaret-new");
    let result = replace(directory, &temporary, target, text.as_bytes());
    result.map_err(|error| refused(&path, &error))?;
    Ok(Output::plain(Payload::json(serde_json::Value::Null)))
}

fn replace(directory: &Dir, temporary: &Path, target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let mut file = directory.open_with(temporary, &options)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    directory.rename(temporary, directory, target)
}

fn directory<'a>(run: &'a Run, mount: &str) -> Result<&'a Dir, String> {
    run.mounts
        .get(mount)
        .ok_or_else(|| format!("the directory `{mount}` is not there"))
}

fn relative(path: &str) -> Result<&Path, String> {
    let relative = Path::new(path);
    let plain = relative
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    if path.is_empty() || !plain {
        return Err("the path is not a plain relative path".to_owned());
    }
    Ok(relative)
}

fn refused(path: &str, error: &std::io::Error) -> String {
    format!("`{path}`: {}", error.kind())
}
