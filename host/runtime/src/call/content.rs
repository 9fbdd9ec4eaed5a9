//! Contents: made, described, read, taken apart and put together.

use lazaret_kernel::content::Media;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::label::Label;
use lazaret_kernel::origins::Origins;

use super::meter::{PART_BYTES, json_bytes};
use super::{Caller, parse_json, parse_pointer};
use crate::bindings::types::{self, Error as GuestError};
use crate::payload::{Payload, Piece};
use crate::run::Asked;
use crate::words;

impl Caller {
    /// Makes a text at the caller's label.
    pub(crate) fn create_text(&self, text: String) -> Result<Handle, GuestError> {
        self.keep(text.len())?;
        self.act("content.create-text", |monitor, caller| {
            monitor.create(caller, Media::Text, Payload::text(text))
        })
    }

    /// Makes a JSON value at the caller's label.
    pub(crate) fn create_json(&self, json: &str) -> Result<Handle, GuestError> {
        self.keep_as(json.len(), json_bytes(json))?;
        let value = parse_json(json)?;
        self.act("content.create-json", |monitor, caller| {
            monitor.create(caller, Media::Json, Payload::json(value))
        })
    }

    pub(crate) fn describe(&self, handle: Handle) -> Result<(Media, Label), GuestError> {
        self.act("content.describe", |monitor, caller| {
            monitor.describe(caller, handle)
        })
    }

    /// Raises the caller's label and gives the value.
    pub(crate) fn read(&self, handle: Handle) -> Result<String, GuestError> {
        let content = self.act("content.read", |monitor, caller| {
            monitor.read(caller, handle)
        })?;
        Ok(match content.facts().media {
            Media::Text => content.payload().to_text(),
            Media::Json => content.payload().to_json(),
        })
    }

    pub(crate) fn project(&self, handle: Handle, pointer: &str) -> Result<Handle, GuestError> {
        self.keep(pointer.len())?;
        let pointer = parse_pointer(pointer)?;
        self.act("content.project", |monitor, caller| {
            monitor.project(caller, handle, &pointer, |payload| {
                payload.project(&pointer)
            })
        })
    }

    pub(crate) fn compose_text(&self, pieces: Vec<types::Piece>) -> Result<Handle, GuestError> {
        let kept = pieces.iter().map(|piece| match piece {
            types::Piece::Literal(text) => PART_BYTES + text.len(),
            types::Piece::Content(_) => PART_BYTES,
        });
        self.keep(kept.sum())?;
        let leaves: Vec<_> = words::handles_of(&pieces)
            .map(|handle| (None, handle))
            .collect();
        self.act("content.compose-text", |monitor, caller| {
            monitor.compose(caller, Media::Text, &leaves, |contents| {
                let mut contents = contents.iter();
                let pieces = pieces.into_iter().filter_map(|piece| match piece {
                    types::Piece::Literal(text) => Some(Piece::Literal(text)),
                    types::Piece::Content(_) => contents
                        .next()
                        .map(|content| Piece::Content(content.payload().clone())),
                });
                Payload::pieces(pieces.collect())
            })
        })
    }

    pub(crate) fn compose_json(
        &self,
        skeleton: &str,
        leaves: &[types::Leaf],
    ) -> Result<Handle, GuestError> {
        let kept = leaves.iter().map(|leaf| PART_BYTES + leaf.pointer.len());
        self.keep(kept.sum())?;
        self.keep_as(skeleton.len(), json_bytes(skeleton))?;
        let skeleton = parse_json(skeleton)?;
        let mut placed = Vec::new();
        for leaf in leaves {
            let pointer = parse_pointer(&leaf.pointer)?;
            if skeleton.pointer(&leaf.pointer).is_none() {
                let place = &leaf.pointer;
                return Err(GuestError::Invalid(format!(
                    "the skeleton has nothing at `{place}`"
                )));
            }
            placed.push((Some(pointer), Handle(leaf.content)));
        }
        self.act("content.compose-json", |monitor, caller| {
            monitor.compose(caller, Media::Json, &placed, |contents| {
                let payloads = contents.iter().map(|content| content.payload().clone());
                let pointers = placed.iter().filter_map(|(pointer, _)| pointer.clone());
                Payload::composition(skeleton, pointers.zip(payloads).collect())
            })
        })
    }

    pub(crate) fn split(&self, handle: Handle, max: u32) -> Result<Vec<Handle>, GuestError> {
        let mut origins = Origins::NONE;
        let mut subject = String::new();
        let (handles, bits) = self.act("content.split", |monitor, caller| {
            origins = monitor.origins(caller, handle)?;
            monitor.split(caller, handle, max, |payload| {
                subject = payload.digest();
                payload.items(max as usize)
            })
        })?;
        let question = max.to_string();
        let reserved = self.spends_its_own();
        let asked = Asked {
            subject,
            question,
            reserved,
            ..Asked::default()
        };
        self.note_bits("count", &origins, bits, asked)?;
        Ok(handles)
    }
}
