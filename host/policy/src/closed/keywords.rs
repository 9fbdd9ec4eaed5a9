//! The keywords of a JSON Schema that a closed type may have, and reading their values.

use serde_json::{Map, Value};

use super::normalise::whole;
use super::{ClosedError, MAX_SCHEMA_BYTES};
use lazaret_manifest::diagnostic::quote;

/// Keywords that say nothing about the values.
const ANNOTATIONS: [&str; 10] = [
    "$comment",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];

/// One schema object and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) map: &'a Map<String, Value>,
    pub(super) pointer: &'a str,
}

impl<'a> Place<'a> {
    /// Refuses keywords that are neither listed nor annotations.
    pub(super) fn only(&self, allowed: &[&str], what: &str) -> Result<(), ClosedError> {
        let other = self
            .map
            .keys()
            .find(|key| !allowed.contains(&key.as_str()) && !ANNOTATIONS.contains(&key.as_str()));
        match other {
            None => Ok(()),
            Some(key) => Err(self.below(key, format!("{what} cannot have {}", quote(key)))),
        }
    }

    /// Returns a keyword's list.
    pub(super) fn list(&self, key: &str) -> Result<&'a Vec<Value>, ClosedError> {
        self.map
            .get(key)
            .and_then(Value::as_array)
            .ok_or_else(|| self.below(key, "it is no list".to_owned()))
    }

    /// Returns a keyword's whole number, if the keyword is there.
    pub(super) fn integer(&self, key: &str) -> Result<Option<i64>, ClosedError> {
        let Some(value) = self.map.get(key) else {
            return Ok(None);
        };
        match whole(value) {
            Some(number) => Ok(Some(number)),
            None => Err(self.below(key, "it is no whole number of 64 bits".to_owned())),
        }
    }

    /// Returns a keyword's count, if the keyword is there.
    pub(super) fn count(&self, key: &str, most: u32) -> Result<Option<u32>, ClosedError> {
        let Some(number) = self.integer(key)? else {
            return Ok(None);
        };
        match u32::try_from(number).ok().filter(|count| *count <= most) {
            Some(count) => Ok(Some(count)),
            None => Err(self.below(key, format!("it is not between 0 and {most}"))),
        }
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> ClosedError {
        ClosedError {
            pointer: self.pointer.to_owned(),
            reason: reason.into(),
        }
    }

    /// Returns an error about one keyword.
    pub(super) fn below(&self, key: &str, reason: String) -> ClosedError {
        ClosedError {
            pointer: step(self.pointer, key),
            reason,
        }
    }
}

/// Returns the pointer one step further down, cut where a schema's own names would make
/// it longer than any schema.
pub(super) fn step(pointer: &str, segment: &str) -> String {
    let escaped = segment.replace('~', "~0").replace('/', "~1");
    let printable: String = escaped
        .chars()
        .filter(|letter| !letter.is_control())
        .collect();
    let room = MAX_SCHEMA_BYTES.saturating_sub(pointer.len());
    let printable: String = printable.chars().take(room).collect();
    format!("{pointer}/{printable}")
}
