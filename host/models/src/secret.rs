//! How a key is held so that it cannot be printed by mistake, and replaced while a client runs.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

/// Holds a key. Neither `Debug` nor `Display` shows it; the bytes are wiped when it is dropped.
///
/// ```
/// let key = lazaret_models::Secret::new("sk-very-secret");
/// assert_eq!(format!("{key} {key:?}"), "[secret] [secret]");
/// ```
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

/// Holds a value that the host may replace while clients use it: a token that expires.
#[derive(Clone)]
pub struct Slot<T>(Arc<RwLock<T>>);

impl Secret {
    /// Takes a key, without the white space that files and commands leave around it.
    pub fn new(key: impl Into<String>) -> Self {
        let key = Zeroizing::new(key.into());
        let trimmed = key.trim();
        if trimmed.len() == key.len() {
            return Self(Arc::new(key));
        }
        Self(Arc::new(Zeroizing::new(trimmed.to_owned())))
    }

    /// Returns the key itself, for the header that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Says whether there is no key in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<T: Clone> Slot<T> {
    /// Makes a slot that holds `value`.
    pub fn new(value: T) -> Self {
        Self(Arc::new(RwLock::new(value)))
    }

    /// Puts another value in; requests that start from now on use it.
    pub fn replace(&self, value: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }

    pub(crate) fn get(&self) -> T {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[slot]")
    }
}

impl From<Secret> for Slot<Secret> {
    fn from(secret: Secret) -> Self {
        Self::new(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_formatting_shows_a_secret() {
        let secret = Secret::new("sk-abcdef");
        let slot = Slot::new(secret.clone());
        let shown = format!(
            "{secret} {secret:?} {secret:#?} {slot:?} {:?}",
            Some(&secret)
        );
        assert!(!shown.contains("abcdef"), "{shown}");
    }

    #[test]
    fn white_space_around_a_key_is_dropped() {
        assert_eq!(Secret::new(" sk-1\n").expose(), "sk-1");
        assert!(Secret::new("\n").is_empty());
    }

    #[test]
    fn a_replaced_value_is_what_comes_out() {
        let slot = Slot::new(Secret::new("old"));
        let other = slot.clone();
        slot.replace(Secret::new("new"));
        assert_eq!(other.get().expose(), "new");
    }
}
