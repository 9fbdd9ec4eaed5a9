//! Describes, lists and searches: stat, list, glob, grep.

use std::io::Read as _;
use std::path::Path;

use cap_std::fs::{FileType, MetadataExt as _};
use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};
use serde_json::{Value, json};

use super::walk;
use crate::payload::Payload;
use crate::place::{Inside, Place};

/// The most paths or lines that one search gives.
const MAX_FOUND: usize = 2_000;

/// The most characters of a line that a search gives.
const MAX_LINE_CHARS: usize = 500;

/// The largest file that a search looks into.
const MAX_SEARCHED_BYTES: u64 = 4 << 20;

/// The most bytes that one search reads in all.
const MAX_SEARCH_BYTES: u64 = 512 << 20;

/// The most bytes that a regular expression may take when compiled.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// Does what `{"kind", …}` says.
pub(super) fn find(place: &Place, at: &Inside, what: &Value) -> Result<Payload, String> {
    let text = |key: &str| what.get(key).and_then(Value::as_str);
    let found = match text("kind") {
        Some("stat") => stat(place, at),
        Some("list") => list(place, at)?,
        Some("glob") => glob(place, at, text("pattern").unwrap_or_default())?,
        Some("grep") => {
            let pattern = text("pattern").unwrap_or_default();
            grep(place, at, pattern, text("glob"))?
        }
        _ => return Err("there is no such search".to_owned()),
    };
    Ok(Payload::json(found))
}

fn stat(place: &Place, at: &Inside) -> Value {
    let Some(metadata) = place.metadata(at) else {
        return Value::Null;
    };
    json!({
        "kind": kind(metadata.file_type()),
        "bytes": metadata.len(),
        "executable": metadata.mode() & 0o111 != 0,
    })
}

fn list(place: &Place, at: &Inside) -> Result<Value, String> {
    let entries = walk::entries(place, at)?.into_iter();
    let told = entries.map(|(name, of)| json!({"name": name.to_string_lossy(), "kind": kind(of)}));
    Ok(told.collect())
}

fn kind(of: FileType) -> &'static str {
    if of.is_file() {
        "file"
    } else if of.is_dir() {
        "directory"
    } else if of.is_symlink() {
        "link"
    } else {
        "other"
    }
}

fn glob(place: &Place, at: &Inside, pattern: &str) -> Result<Value, String> {
    let matcher = matcher(pattern)?;
    let mut paths = Vec::new();
    let complete = walk::files(place, at, |_, path| {
        if matcher.is_match(path) {
            if paths.len() == MAX_FOUND {
                return false;
            }
            paths.push(path.to_string_lossy().into_owned());
        }
        true
    })?;
    Ok(json!({"paths": paths, "more": !complete}))
}

/// The search itself takes time linear in what it reads, whatever the pattern.
fn grep(place: &Place, at: &Inside, pattern: &str, glob: Option<&str>) -> Result<Value, String> {
    let pattern = RegexBuilder::new(pattern)
        .size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| format!("the pattern is no regular expression: {error}"))?;
    let chosen = glob.map(matcher).transpose()?;
    let mut lines = Vec::new();
    let mut left = MAX_SEARCH_BYTES;
    let complete = walk::files(place, at, |inside, path| {
        if chosen.as_ref().is_some_and(|chosen| !chosen.is_match(path)) {
            return true;
        }
        let Some(text) = text_of(place, inside) else {
            return true;
        };
        left = left.saturating_sub(text.len() as u64);
        matches(&pattern, path, &text, &mut lines) && left > 0
    })?;
    Ok(json!({"lines": lines, "more": !complete}))
}

/// Adds a text's lines; false where there are too many.
fn matches(pattern: &Regex, path: &Path, text: &str, lines: &mut Vec<Value>) -> bool {
    for (line, number) in text.lines().zip(1u64..) {
        if !pattern.is_match(line) {
            continue;
        }
        if lines.len() == MAX_FOUND {
            return false;
        }
        let text: String = line.chars().take(MAX_LINE_CHARS).collect();
        lines.push(json!({"path": path.to_string_lossy(), "line": number, "text": text}));
    }
    true
}

/// A file that is large or no text is passed over, as every search does.
fn text_of(place: &Place, at: &Inside) -> Option<String> {
    let file = place.file(at).ok()?;
    let mut bytes = Vec::new();
    let read = file.take(MAX_SEARCHED_BYTES + 1).read_to_end(&mut bytes);
    let within = read.is_ok_and(|read| read as u64 <= MAX_SEARCHED_BYTES);
    within.then(|| String::from_utf8(bytes).ok()).flatten()
}

fn matcher(pattern: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let glob = glob.map_err(|error| format!("the pattern is no glob: {}", error.kind()))?;
    Ok(glob.compile_matcher())
}
