//! What a digest is: SHA-256 of some bytes, shown in hexadecimal.

use std::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};

use crate::error::JournalError;

/// The SHA-256 of some bytes. It prints as 64 lowercase hexadecimal digits and parses from them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Takes the 32 bytes of a digest that was made elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode_hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = JournalError;

    fn from_str(text: &str) -> Result<Self, JournalError> {
        decode_hex(text)
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .map(Self)
            .ok_or_else(|| JournalError::InvalidDigest(text.chars().take(80).collect()))
    }
}

/// Writes bytes as lowercase hexadecimal digits.
///
/// Digests are written for every step and content, which is why this does not go through `fmt`.
pub(crate) fn encode_hex(bytes: &[u8]) -> String {
    let digit = |value: u8| match value {
        0..10 => char::from(b'0' + value),
        _ => char::from(b'a' - 10 + value),
    };
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// Reads lowercase hexadecimal digits; there is one spelling, so uppercase is refused.
pub(crate) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(hex_digit(*high)? << 4 | hex_digit(*low)?))
        .collect()
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_abc_is_the_published_one() {
        let digest = Digest::of(b"abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse::<Digest>().unwrap(), digest);
    }

    #[test]
    fn only_the_one_spelling_is_a_digest() {
        let good = Digest::of(b"").to_string();
        let short: String = good.chars().skip(2).collect();
        for bad in [
            "",
            &good.chars().skip(1).collect::<String>(),
            &good.to_uppercase(),
            &format!("{good}00"),
            &format!("{}é", &short),
            &format!("{}+f", &short),
        ] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }

    #[test]
    fn hexadecimal_comes_back_as_the_same_bytes() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(decode_hex(&encode_hex(&bytes)).unwrap(), bytes);
    }
}
