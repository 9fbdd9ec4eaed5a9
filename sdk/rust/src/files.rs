//! Files below the directories that were granted. A path is `mount/relative/path`.

use crate::bindings::files as host;
use crate::{Content, Error};

/// Gives a file's text, unread.
pub fn read(path: &str) -> Result<Content, Error> {
    Ok(Content::from_handle(host::read(path)?))
}

/// Replaces a file's text.
pub fn write(path: &str, content: Content) -> Result<(), Error> {
    Ok(host::write(path, content.handle())?)
}
