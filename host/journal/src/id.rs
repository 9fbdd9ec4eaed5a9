//! How a run and a record are named.

use std::{fmt, str::FromStr, sync::Arc};

use crate::error::JournalError;

/// The fewest characters of a run's id.
const MIN_RUN_ID: usize = 12;

/// The most characters of a run's id, which is the length of a ULID.
const MAX_RUN_ID: usize = 26;

/// The name of a run: 12 to 26 lowercase letters and digits, chosen by the caller.
///
/// It is safe as part of a file name on every system, and cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Arc<str>);

impl RunId {
    /// Takes an id, or says that it is none.
    pub fn new(text: &str) -> Result<Self, JournalError> {
        let long_enough = (MIN_RUN_ID..=MAX_RUN_ID).contains(&text.len());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if long_enough && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(JournalError::InvalidRunId(text.chars().take(80).collect()))
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RunId {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self, JournalError> {
        Self::new(text)
    }
}

/// The place of a record in its run, counted from 0 without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sequence(u64);

impl Sequence {
    /// The place of the first record.
    pub const FIRST: Self = Self(0);

    /// Takes a place.
    pub const fn new(place: u64) -> Self {
        Self(place)
    }

    /// Returns the place as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_lowercase_letters_and_digits_and_not_too_long() {
        for good in ["abcdefghij23", "01hzy3v8k2m4n6p8q0r2s4t6v8"] {
            assert_eq!(RunId::new(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "abcdefghij2",
            "01hzy3v8k2m4n6p8q0r2s4t6v8x",
            "ABCDEFGHIJ23",
            "../../../etc",
            "abcdefghij2é",
            "abcdefghij2\0",
        ] {
            assert!(RunId::new(bad).is_err(), "{bad}");
        }
    }
}
