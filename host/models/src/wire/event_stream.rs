//! How Amazon's binary event stream is cut into events.

use crate::error::ModelError;
use crate::wire::Frame;

/// Length of the message, length of its headers, checksum of both.
const PRELUDE: usize = 12;
/// The prelude and the checksum of the whole message.
const OVERHEAD: usize = 16;

/// Collects bytes and gives events, in whatever pieces the bytes come.
///
/// A message is: total length, headers' length, CRC of these eight bytes, headers, payload, CRC
/// of all before it; numbers are big-endian.
#[derive(Debug)]
pub(crate) struct EventStream {
    buffer: Vec<u8>,
    max_event: usize,
}

impl EventStream {
    pub(crate) const fn new(max_event: usize) -> Self {
        Self {
            buffer: Vec::new(),
            max_event,
        }
    }

    /// Takes the next bytes and returns the events that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, ModelError> {
        self.buffer.extend_from_slice(bytes);
        let mut frames = Vec::new();
        while let Some(length) = self.next_length()? {
            if self.buffer.len() < length {
                break;
            }
            let rest = self.buffer.split_off(length);
            let message = std::mem::replace(&mut self.buffer, rest);
            frames.push(read(&message)?);
        }
        Ok(frames)
    }

    /// Says whether the stream ended between two events.
    pub(crate) const fn is_whole(&self) -> bool {
        self.buffer.is_empty()
    }

    fn next_length(&self) -> Result<Option<usize>, ModelError> {
        if self.buffer.len() < PRELUDE {
            return Ok(None);
        }
        let length = number(&self.buffer, 0)?;
        if length > self.max_event {
            return Err(ModelError::TooLarge {
                what: "bytes in one event",
                limit: self.max_event,
            });
        }
        if length < OVERHEAD {
            return Err(malformed());
        }
        check(&self.buffer, 8)?;
        Ok(Some(length))
    }
}

fn read(message: &[u8]) -> Result<Frame, ModelError> {
    let body_end = message.len().checked_sub(4).ok_or_else(malformed)?;
    check(message, body_end)?;
    let headers_end = number(message, 4)?
        .checked_add(PRELUDE)
        .ok_or_else(malformed)?;
    let headers = message.get(PRELUDE..headers_end).ok_or_else(malformed)?;
    let data = message.get(headers_end..body_end).ok_or_else(malformed)?;
    let mut frame = Frame {
        name: String::new(),
        exception: false,
        data: data.to_vec(),
    };
    let mut rest = headers;
    while !rest.is_empty() {
        let (name, value, after) = header(rest).ok_or_else(malformed)?;
        match name {
            b":event-type" => frame.name = String::from_utf8_lossy(value).into_owned(),
            b":exception-type" | b":error-code" => {
                frame.name = String::from_utf8_lossy(value).into_owned();
                frame.exception = true;
            }
            _ => {}
        }
        rest = after;
    }
    Ok(frame)
}

/// Reads one header: name, the bytes of its value, and what follows.
fn header(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*length))?;
    let (kind, rest) = rest.split_first()?;
    let (length, rest) = match kind {
        0 | 1 => (0, rest),
        2 => (1, rest),
        3 => (2, rest),
        4 => (4, rest),
        5 | 8 => (8, rest),
        9 => (16, rest),
        6 | 7 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((name, value, rest))
}

/// Compares the checksum at `at` with that of all bytes before it.
fn check(bytes: &[u8], at: usize) -> Result<(), ModelError> {
    let (before, after) = bytes.split_at_checked(at).ok_or_else(malformed)?;
    let (stored, _) = after.split_first_chunk::<4>().ok_or_else(malformed)?;
    if crc32(before) == u32::from_be_bytes(*stored) {
        return Ok(());
    }
    Err(ModelError::Malformed(
        "a checksum in the event stream is wrong".to_owned(),
    ))
}

fn number(bytes: &[u8], at: usize) -> Result<usize, ModelError> {
    let (_, rest) = bytes.split_at_checked(at).ok_or_else(malformed)?;
    let (number, _) = rest.split_first_chunk::<4>().ok_or_else(malformed)?;
    usize::try_from(u32::from_be_bytes(*number)).map_err(|_too_large| malformed())
}

fn malformed() -> ModelError {
    ModelError::Malformed("an event of the stream has the wrong length".to_owned())
}

/// The CRC-32 of zlib, bit by bit: the streams are small.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _bit| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), step);
    !bytes.iter().fold(u32::MAX, byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: &str, name: &str, payload: &[u8]) -> Vec<u8> {
        let mut headers = vec![u8::try_from(kind.len()).expect("short")];
        headers.extend(kind.as_bytes());
        headers.push(7);
        headers.extend(u16::try_from(name.len()).expect("short").to_be_bytes());
        headers.extend(name.as_bytes());
        let length = |n: usize| u32::try_from(n).expect("short").to_be_bytes();
        let mut out = Vec::new();
        out.extend(length(OVERHEAD + headers.len() + payload.len()));
        out.extend(length(headers.len()));
        out.extend(crc32(&out).to_be_bytes());
        out.extend(headers);
        out.extend(payload);
        out.extend(crc32(&out).to_be_bytes());
        out
    }

    #[test]
    fn the_checksum_is_that_of_zlib() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn events_are_read_byte_by_byte() {
        let mut bytes = message(":event-type", "messageStart", b"{}");
        bytes.extend(message(
            ":exception-type",
            "throttlingException",
            b"{\"message\":\"slow\"}",
        ));
        let mut stream = EventStream::new(1000);
        let mut frames = Vec::new();
        for byte in &bytes {
            frames.extend(stream.push(&[*byte]).expect("events"));
        }
        assert!(stream.is_whole());
        let seen: Vec<_> = frames
            .iter()
            .map(|f| (f.name.as_str(), f.exception))
            .collect();
        assert_eq!(
            seen,
            [("messageStart", false), ("throttlingException", true)]
        );
    }

    #[test]
    fn a_stream_that_ends_within_an_event_is_not_whole() {
        let bytes = message(":event-type", "x", b"{}");
        let mut stream = EventStream::new(1000);
        assert!(
            stream
                .push(&bytes[..bytes.len() - 1])
                .expect("no event")
                .is_empty()
        );
        assert!(!stream.is_whole());
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let bytes = message(":event-type", "x", b"{}");
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            let mut stream = EventStream::new(1000);
            let found = stream.push(&bad).is_err() || !stream.is_whole();
            assert!(found, "byte {at}");
        }
    }

    #[test]
    fn an_event_one_past_the_limit_is_refused() {
        let bytes = message(":event-type", "x", b"0123456789");
        EventStream::new(bytes.len())
            .push(&bytes)
            .expect("an event");
        let refused = EventStream::new(bytes.len() - 1).push(&bytes);
        assert!(matches!(refused, Err(ModelError::TooLarge { .. })));
    }
}
