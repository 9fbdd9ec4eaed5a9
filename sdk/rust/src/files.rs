//! Files below the directories that were granted. A path is `mount/relative/path`.

use serde::Deserialize;

pub use crate::bindings::files::Mount;

use crate::bindings::files as host;
use crate::{Content, Error};

/// Gives the directories of which this component was granted something, in name order.
pub fn granted() -> Vec<Mount> {
    host::granted()
}

/// Gives a file's text, unread.
pub fn read(path: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::read(path)?))
}

/// Gives at most `count` lines of a file's text, unread, from line `first`, counted from 1.
pub fn read_lines(path: &str, first: u32, count: u32) -> Result<Content, Error> {
    Ok(Content::from_handle(host::read_lines(path, first, count)?))
}

/// Says what is at a path: `{"kind", "bytes", "executable"}`, or `null`; unread.
pub fn stat(path: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::stat(path)?))
}

/// Gives a directory's entries, unread: a list of [`Entry`].
pub fn list(path: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::list(path)?))
}

/// Gives the files below a directory that match a pattern, unread: [`Paths`].
pub fn glob(path: &str, pattern: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::glob(path, pattern)?))
}

/// Gives the lines below a directory that a regular expression matches, unread: [`Lines`].
pub fn grep(path: &str, pattern: &str, glob: Option<&str>) -> Result<Content, Error> {
    Ok(Content::from_handle(host::grep(path, pattern, glob)?))
}

/// Replaces a file's text.
pub fn write(path: &str, content: Content) -> Result<(), Error> {
    Ok(host::write(path, content.handle())?)
}

/// Replaces a part of a file's text, which must be there once unless `all`. What came of it
/// is in the answer.
pub fn edit(path: &str, old: &str, new: Content, all: bool) -> Result<Content, Error> {
    Ok(Content::from_handle(host::edit(
        path,
        old,
        new.handle(),
        all,
    )?))
}

/// Makes a directory and those that it lies in. What came of it is in the answer.
pub fn make_directory(path: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::make_directory(path)?))
}

/// Removes a file, a link or an empty directory. What came of it is in the answer.
pub fn remove(path: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::remove(path)?))
}

/// Moves a file or a directory within its mount. What came of it is in the answer.
pub fn rename(path: &str, to: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::rename(path, to)?))
}

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// `file`, `directory`, `link` or `other`.
    pub kind: String,
}

/// What [`glob`] found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Paths {
    /// From the directory that was searched.
    pub paths: Vec<String>,
    /// Whether a limit ended the search.
    pub more: bool,
}

/// What [`grep`] found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Lines {
    /// In the order of paths and lines.
    pub lines: Vec<Line>,
    /// Whether a limit ended the search.
    pub more: bool,
}

/// A line that [`grep`] found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// From the directory that was searched.
    pub path: String,
    /// From 1.
    pub line: u64,
    /// Without its end, shortened where it is long.
    pub text: String,
}
