//! The manifest inside a component: a custom section of its outermost level.

use std::ops::Range;

use thiserror::Error;
use wasmparser::{Chunk, Encoding, Parser, Payload};

use super::MAX_MANIFEST_BYTES;
use crate::codes;

/// The custom section's name.
pub const SECTION: &str = "lazaret-manifest";

/// The most sections of a component's outermost level that are looked at. Components of
/// real programs have some hundreds.
pub const MAX_SECTIONS: usize = 100_000;

/// Why a component's manifest cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SectionError {
    /// The bytes are no component, or a damaged one.
    #[error("the file is no WebAssembly component: {0}")]
    NotAComponent(String),
    /// Readers could disagree on which of them counts.
    #[error("the component carries more than one manifest")]
    Twice,
    /// The section is no text of at most [`MAX_MANIFEST_BYTES`].
    #[error("the component's manifest is longer than 65536 bytes or not UTF-8")]
    Text,
}

impl SectionError {
    /// Returns the error's code; one of [`CODES`](crate::diagnostic::CODES).
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAComponent(_) => codes::NOT_A_COMPONENT.0,
            Self::Twice => codes::MANIFEST_TWICE.0,
            Self::Text => codes::MANIFEST_TEXT.0,
        }
    }
}

/// A manifest section: the bytes of the whole section, and its text.
struct Found<'a> {
    whole: Range<usize>,
    text: &'a [u8],
}

/// Returns the component with this manifest as its only one.
pub fn embed(component: &[u8], manifest: &str) -> Result<Vec<u8>, SectionError> {
    if manifest.len() > MAX_MANIFEST_BYTES {
        return Err(SectionError::Text);
    }
    let mut out = Vec::with_capacity(component.len() + manifest.len() + SECTION.len() + 16);
    let mut from = 0;
    for old in sections(component)? {
        out.extend_from_slice(component.get(from..old.whole.start).unwrap_or_default());
        from = old.whole.end;
    }
    out.extend_from_slice(component.get(from..).unwrap_or_default());
    let mut body = Vec::new();
    write_length(&mut body, SECTION.len());
    body.extend_from_slice(SECTION.as_bytes());
    body.extend_from_slice(manifest.as_bytes());
    out.push(CUSTOM);
    write_length(&mut out, body.len());
    out.extend_from_slice(&body);
    Ok(out)
}

/// Returns the text of the component's manifest, if it has one. Only the outermost
/// level counts: a component inside cannot speak for the whole.
pub fn extract(component: &[u8]) -> Result<Option<String>, SectionError> {
    let mut found = sections(component)?.into_iter();
    let Some(one) = found.next() else {
        return Ok(None);
    };
    if found.next().is_some() {
        return Err(SectionError::Twice);
    }
    if one.text.len() > MAX_MANIFEST_BYTES {
        return Err(SectionError::Text);
    }
    let text = std::str::from_utf8(one.text).map_err(|_not_utf8| SectionError::Text)?;
    Ok(Some(text.to_owned()))
}

/// The id of a custom section.
const CUSTOM: u8 = 0;

/// Walks over the outermost sections. What is nested is skipped unread.
fn sections(component: &[u8]) -> Result<Vec<Found<'_>>, SectionError> {
    let mut parser = Parser::new(0);
    let mut at = 0usize;
    let mut found = Vec::new();
    for _ in 0..MAX_SECTIONS {
        let rest = component.get(at..).ok_or_else(cut_short)?;
        let (consumed, payload) = match parser.parse(rest, true).map_err(|error| damaged(&error))? {
            Chunk::Parsed { consumed, payload } => (consumed, payload),
            Chunk::NeedMoreData(_) => return Err(cut_short()),
        };
        let end = at + consumed;
        match payload {
            Payload::Version { encoding, .. } if encoding != Encoding::Component => {
                return Err(SectionError::NotAComponent(
                    "it is a core module".to_owned(),
                ));
            }
            Payload::CustomSection(section) if section.name() == SECTION => found.push(Found {
                whole: at..end,
                text: section.data(),
            }),
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => {
                at = usize::try_from(unchecked_range.end).map_err(|_too_far| cut_short())?;
                continue;
            }
            Payload::End(_) => return Ok(found),
            _ => {}
        }
        at = end;
    }
    Err(SectionError::NotAComponent(format!(
        "it has more than {MAX_SECTIONS} sections"
    )))
}

fn damaged(error: &wasmparser::BinaryReaderError) -> SectionError {
    SectionError::NotAComponent(error.message().to_owned())
}

fn cut_short() -> SectionError {
    SectionError::NotAComponent("it is cut short".to_owned())
}

/// Writes a length as unsigned LEB128.
fn write_length(out: &mut Vec<u8>, length: usize) {
    let mut rest = length;
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap_or(0);
        rest >>= 7;
        if rest == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
