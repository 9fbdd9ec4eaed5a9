//! How long and how much one call of a model may take.

use std::time::Duration;

/// Bounds on one call. All of them hold at once; none can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection: past 10 s nobody is there.
    pub connect: Duration,
    /// For the first byte: 5 min, since models that reason say nothing while they do, and a local
    /// model reads a long prompt first.
    pub first_byte: Duration,
    /// Between two pieces of a stream: 60 s, a few times the pings that providers send.
    pub idle: Duration,
    /// For one attempt from start to end: 15 min, longer than the longest answers take.
    pub attempt: Duration,
    /// Bytes on the wire for one answer: 64 MiB. Streams of single tokens carry about sixty times
    /// their text.
    pub wire_bytes: usize,
    /// Bytes of text, reasoning and arguments in one answer: 4 MiB, twice what 128,000 tokens of
    /// output can hold.
    pub answer_bytes: usize,
    /// Bytes of one event of a stream: 4 MiB, since one event may hold a whole call.
    pub event_bytes: usize,
    /// Text blocks, calls and stretches of reasoning in one answer: 1,024.
    pub blocks: usize,
    /// Bytes of one request: 32 MiB, the lowest limit among the providers.
    pub request_bytes: usize,
    /// Bytes read of a refusal: 64 KiB; only its beginning is used.
    pub error_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_mins(5),
            idle: Duration::from_mins(1),
            attempt: Duration::from_mins(15),
            wire_bytes: 64 * MIB,
            answer_bytes: 4 * MIB,
            event_bytes: 4 * MIB,
            blocks: 1024,
            request_bytes: 32 * MIB,
            error_bytes: 64 * 1024,
        }
    }
}
