//! How server-sent events are cut out of a stream of bytes.

use crate::error::ModelError;
use crate::wire::Frame;

/// Collects bytes and gives events, in whatever pieces the bytes come.
///
/// It follows the WHATWG rules: lines end in LF, CRLF or CR, a blank line ends an event, lines
/// that begin with a colon say nothing.
#[derive(Debug)]
pub(crate) struct Sse {
    line: Vec<u8>,
    name: String,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
    max_event: usize,
}

impl Sse {
    pub(crate) const fn new(max_event: usize) -> Self {
        Self {
            line: Vec::new(),
            name: String::new(),
            data: Vec::new(),
            has_data: false,
            after_cr: false,
            max_event,
        }
    }

    /// Takes the next bytes and returns the events that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, ModelError> {
        let mut frames = Vec::new();
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                rest = after;
                continue;
            }
            let end = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
            let (line, tail) = rest.split_at(end.unwrap_or(rest.len()));
            self.line.extend_from_slice(line);
            self.check_size()?;
            let Some((ending, tail)) = tail.split_first() else {
                break;
            };
            self.after_cr = *ending == b'\r';
            frames.extend(self.end_line());
            rest = tail;
        }
        Ok(frames)
    }

    /// Returns the event that the end of the stream completes: some servers leave out the last
    /// blank line.
    pub(crate) fn finish(&mut self) -> Option<Frame> {
        self.end_line().or_else(|| self.end_event())
    }

    fn check_size(&self) -> Result<(), ModelError> {
        if self.line.len().saturating_add(self.data.len()) > self.max_event {
            return Err(ModelError::TooLarge {
                what: "bytes in one event",
                limit: self.max_event,
            });
        }
        Ok(())
    }

    fn end_line(&mut self) -> Option<Frame> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.end_event();
        }
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len());
        let (field, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
                self.has_data = true;
            }
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Frame> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then_some(Frame {
            name,
            exception: false,
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut sse = Sse::new(1000);
        let mut frames = Vec::new();
        for piece in pieces {
            frames.extend(sse.push(piece).expect("events"));
        }
        frames.extend(sse.finish());
        let text = |frame: Frame| (frame.name, String::from_utf8(frame.data).expect("UTF-8"));
        frames.into_iter().map(text).collect()
    }

    fn event(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn events_are_read_in_every_form_that_the_rules_allow() {
        type Case = (&'static [u8], &'static [(&'static str, &'static str)]);
        let cases: &[Case] = &[
            (b"data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")]),
            (b"event: x\r\ndata: a\r\n\r\n", &[("x", "a")]),
            (b"data:a\rdata: b\r\r", &[("", "a\nb")]),
            (b": ping\n\nid: 1\ndata: a\n\n", &[("", "a")]),
            (b"\xef\xbb\xbfdata: a\n\n", &[("", "a")]),
            (b"event: empty\n\ndata: a\n\n", &[("", "a")]),
            (b"data\n\n", &[("", "")]),
            (b"data: [DONE]", &[("", "[DONE]")]),
            (b"data: a\n", &[("", "a")]),
            (b"", &[]),
        ];
        for (bytes, want) in cases {
            let want: Vec<_> = want.iter().map(|(n, d)| event(n, d)).collect();
            assert_eq!(read(&[bytes]), want, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn an_event_one_past_the_limit_is_refused() {
        let mut sse = Sse::new(10);
        sse.push(b"data: 0123").expect("within the limit");
        assert!(matches!(
            sse.push(b"4"),
            Err(ModelError::TooLarge { limit: 10, .. })
        ));
        let mut sse = Sse::new(10);
        sse.push(b"data: 01\ndata: 2").expect("within the limit");
        sse.push(b"34").expect_err("past the limit");
    }

    proptest! {
        #[test]
        fn the_cuts_between_pieces_do_not_matter(
            bytes in prop::collection::vec(prop::sample::select(b"data: x\r\n\n:".to_vec()), 0..80),
            cuts in prop::collection::vec(0_usize..80, 0..6),
        ) {
            let mut at: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            at.extend([0, bytes.len()]);
            at.sort_unstable();
            let pieces: Vec<&[u8]> = at.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            prop_assert_eq!(read(&pieces), read(&[&bytes]));
        }
    }
}
