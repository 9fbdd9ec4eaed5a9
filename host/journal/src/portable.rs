//! How a run travels: a file of JSON lines that can be checked without the journal it is from.
//!
//! The first line is the run, with the version of this format; then come the records in order,
//! each after the blobs that no record before it used; the last line is the head. Bytes that are
//! text are written as text, so that a person can read the file.

pub(crate) mod export;
pub(crate) mod import;

use serde::{Deserialize, Serialize};

use crate::digest::{decode_hex, encode_hex};

/// The version of the format.
const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Run(RunLine),
    Blob(BlobLine),
    Record(RecordLine),
    End(EndLine),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunLine {
    format: u32,
    id: String,
    started_ms: u64,
    title: String,
    metadata: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlobLine {
    digest: String,
    bytes: Bytes,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLine {
    sequence: u64,
    kind: String,
    payload: Bytes,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blobs: Vec<UseLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<StatusLine>,
    hash: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UseLine {
    digest: String,
    label: String,
    media: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusLine {
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_ms: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine {
    count: u64,
    hash: String,
}

/// Bytes in a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bytes {
    Text(String),
    Hex(String),
}

impl Bytes {
    /// Takes bytes as text if that is what they are. With control characters they count as
    /// binary, because JSON would make six bytes of one.
    fn encode(bytes: Vec<u8>) -> Self {
        let is_plain = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'\t' | 32..=126 | 128..);
        if !bytes.iter().all(is_plain) {
            return Self::Hex(encode_hex(&bytes));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(binary) => Self::Hex(encode_hex(binary.as_bytes())),
        }
    }

    fn decode(self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.into_bytes()),
            Self::Hex(text) => decode_hex(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_and_text_stays_readable() {
        for (bytes, is_text) in [
            (&b""[..], true),
            ("a\n\"é\"".as_bytes(), true),
            (b"a\0", false),
            (b"\xff\xfe", false),
            (b"\x7f", false),
        ] {
            let encoded = Bytes::encode(bytes.to_vec());
            assert_eq!(matches!(encoded, Bytes::Text(_)), is_text, "{bytes:?}");
            assert_eq!(encoded.decode().unwrap(), bytes);
        }
    }
}
