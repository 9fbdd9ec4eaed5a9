//! Payloads: the values that the monitor keeps under labels, shared and composed lazily.

use std::fmt::{self, Write as _};
use std::sync::{Arc, OnceLock};

use lazaret_journal::limits::MAX_BLOB_BYTES;
use lazaret_journal::{Digest, Journal};
use lazaret_kernel::pointer::Pointer;
use serde_json::Value;

mod composed;
mod read;

/// The most levels of compositions in one value; past it a leaf is an error value.
const MAX_COMPOSITION_DEPTH: u16 = 64;

/// The most bytes of one value. A larger one is an error value: its size stays inside.
pub(crate) const MAX_CONTENT_BYTES: usize = 16 << 20;

/// The most bytes of a value that comes from elsewhere, as JSON: what the journal takes. So no
/// call fails before everybody's eyes because of what a stranger wrote. A larger one is an error
/// value too; sixteen million control characters are one.
const MAX_WRITTEN_BYTES: usize = MAX_BLOB_BYTES;

/// The most bytes of a part that is copied out of its whole instead of pointing into it.
const MAX_COPIED_BYTES: usize = 256;

/// A value. Cheap to clone; its parts are shared.
#[derive(Clone, Debug)]
pub struct Payload {
    node: Arc<Node>,
    depth: u16,
    /// The bytes of its JSON, or a few more.
    bytes: usize,
    /// Whether it is known to be a text, whose JSON is no longer inside another text.
    is_text: bool,
}

/// What the clones of a value share.
#[derive(Debug)]
struct Node {
    shape: Shape,
    /// The SHA-256 of its JSON, once somebody has needed it: a content is stored, looked for and
    /// charged under it. The JSON itself is not kept, which would be the value twice.
    digest: OnceLock<Digest>,
}

#[derive(Debug)]
enum Shape {
    /// A JSON value; a text is a string.
    Json(Value),
    /// A value inside another one, which is not copied: many handles of one large value
    /// would be many large values.
    Part {
        of: Payload,
        pointer: String,
    },
    Pieces(Vec<Piece>),
    Composition {
        skeleton: Payload,
        leaves: Vec<(Pointer, Payload)>,
        /// Whether the whole is more than a value may have. Then it is an error value, and its
        /// parts are still what they are: else one would tell how long another is.
        is_too_large: bool,
    },
    /// A JSON value that is in the journal and read there each time that it is needed.
    Stored {
        journal: Journal,
        digest: Digest,
    },
}

/// A piece of a composed text.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Written by the composer.
    Literal(String),
    /// A content.
    Content(Payload),
}

impl Payload {
    /// Returns a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::json(Value::String(text.into()))
    }

    /// Returns a JSON value.
    pub fn json(value: Value) -> Self {
        let bytes = size_of_json(&value);
        if bytes > MAX_WRITTEN_BYTES {
            return Self::failure("the value is larger than `written-bytes` allows");
        }
        Self {
            is_text: value.is_string(),
            ..Self::new(Shape::Json(value), 0, bytes)
        }
    }

    /// Returns the error value of a failed effect.
    pub fn failure(message: &str) -> Self {
        Self::json(error(message))
    }

    /// Returns a text of pieces.
    pub fn pieces(pieces: Vec<Piece>) -> Self {
        let contents = pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Content(content) => Some(content),
        });
        let depth = deepest(contents);
        let nothing = size_of_json(&Value::from(""));
        let bytes = pieces.iter().fold(nothing, |sum, piece| {
            sum.saturating_add(match piece {
                Piece::Literal(text) => size_of_json(&Value::from(text.as_str())),
                Piece::Content(content) => content.bytes_in_text(),
            })
        });
        // All of it has one label, and so has what is told in its place.
        if depth > MAX_COMPOSITION_DEPTH {
            return Self::failure(TOO_DEEP);
        }
        if bytes > MAX_CONTENT_BYTES {
            return Self::failure(TOO_LARGE);
        }
        Self {
            is_text: true,
            ..Self::new(Shape::Pieces(pieces), depth, bytes)
        }
    }

    /// Returns a JSON value with contents in it. Its leaves may have different labels: how large or
    /// deep one is shows in the whole and in itself, and in no other.
    pub fn composition(skeleton: Value, leaves: Vec<(Pointer, Self)>) -> Self {
        let leaves = leaves.into_iter();
        let leaves = leaves.map(|(at, leaf)| (at, leaf.at_most_as_deep()));
        Self::composed(Self::json(skeleton), leaves.collect())
    }

    fn composed(skeleton: Self, leaves: Vec<(Pointer, Self)>) -> Self {
        let depth = deepest(leaves.iter().map(|(_, leaf)| leaf));
        let sum = |sum: usize, (_, leaf): &(Pointer, Self)| sum.saturating_add(leaf.bytes);
        let bytes = leaves.iter().fold(skeleton.bytes, sum);
        let is_too_large = bytes > MAX_CONTENT_BYTES;
        let bytes = if is_too_large {
            size_of_json(&error(TOO_LARGE))
        } else {
            bytes
        };
        let shape = Shape::Composition {
            skeleton,
            leaves,
            is_too_large,
        };
        Self::new(shape, depth, bytes)
    }

    /// Returns itself where it can be a leaf, and else an error.
    fn at_most_as_deep(self) -> Self {
        if self.depth < MAX_COMPOSITION_DEPTH {
            self
        } else {
            Self::failure(TOO_DEEP)
        }
    }

    /// Returns the value at `pointer`; a missing one is `null`.
    #[must_use]
    pub fn project(&self, pointer: &Pointer) -> Self {
        if pointer.segments().is_empty() {
            return self.clone();
        }
        match &self.node.shape {
            Shape::Pieces(_) => Self::json(Value::Null),
            Shape::Json(_) | Shape::Part { .. } | Shape::Stored { .. } => {
                self.part(pointer.to_string())
            }
            Shape::Composition {
                skeleton, leaves, ..
            } => composed::part(skeleton, leaves, pointer),
        }
    }

    /// Returns the items of a list, at most `max`; anything else has none.
    pub fn items(&self, max: usize) -> Vec<Self> {
        if let Shape::Composition {
            skeleton, leaves, ..
        } = &self.node.shape
        {
            return composed::items(skeleton, leaves, max);
        }
        let value = self.value();
        let length = value.as_array().map_or(0, Vec::len).min(max);
        (0..length)
            .map(|index| self.part_of(&value, format!("/{index}")))
            .collect()
    }

    fn part(&self, pointer: String) -> Self {
        self.part_of(&self.value(), pointer)
    }

    /// Returns a part of this payload, whose whole value is `value`.
    fn part_of(&self, value: &Value, pointer: String) -> Self {
        let Some(found) = value.pointer(&pointer) else {
            return Self::json(Value::Null);
        };
        let bytes = size_of_json(found);
        if bytes <= MAX_COPIED_BYTES {
            return Self::json(found.clone());
        }
        let of = self.clone();
        Self {
            is_text: found.is_string(),
            ..Self::new(Shape::Part { of, pointer }, self.depth, bytes)
        }
    }

    /// Returns the same value on its own, as it would be read back from the journal.
    pub(crate) fn plain(&self) -> Self {
        match &self.node.shape {
            Shape::Json(_) => self.clone(),
            Shape::Part { .. }
            | Shape::Pieces(_)
            | Shape::Composition { .. }
            | Shape::Stored { .. } => Self::json(self.to_value()),
        }
    }

    /// Returns the same value without its bytes, which the journal has under this digest.
    pub(crate) fn on_disk(&self, journal: &Journal, digest: Digest) -> Self {
        let journal = journal.clone();
        let shape = Shape::Stored { journal, digest };
        Self {
            is_text: self.is_text,
            ..Self::new(shape, self.depth, self.bytes)
        }
    }

    /// Returns what the content store has kept. The digest that it was kept under is not taken
    /// over: a number that was read back may be written otherwise, and what counts is what is
    /// written.
    pub(crate) fn stored(bytes: &[u8]) -> Option<Self> {
        Some(match serde_json::from_slice(bytes).ok()? {
            Value::String(text) => Self::text(text),
            value => Self::json(value),
        })
    }

    /// Returns how many bytes its JSON has, or a few more.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the most bytes that it has inside a text. JSON is written out there, and its quotes
    /// and backslashes are escaped once more.
    fn bytes_in_text(&self) -> usize {
        if self.is_text {
            self.bytes
        } else {
            self.bytes.saturating_mul(2)
        }
    }

    fn new(shape: Shape, depth: u16, bytes: usize) -> Self {
        let node = Node {
            shape,
            digest: OnceLock::new(),
        };
        Self {
            node: Arc::new(node),
            depth,
            bytes,
            is_text: false,
        }
    }
}

fn deepest<'a>(contents: impl Iterator<Item = &'a Payload>) -> u16 {
    contents.map(|content| content.depth + 1).max().unwrap_or(0)
}

/// Said in the place of a composition, or of a text, that is more than a value may have.
const TOO_LARGE: &str = "the composition is larger than `content-bytes` allows";

/// Said in the place of what would lie too deep in compositions of compositions.
const TOO_DEEP: &str = "the composition is deeper than `composition-depth` allows";

/// Returns the length of a value's JSON, without keeping it.
pub(crate) fn size_of_json(value: &Value) -> usize {
    let mut length = Length(0);
    // Nothing is written that could fail.
    write!(length, "{value}").ok();
    length.0
}

/// Counts what is written.
struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(text.len());
        Ok(())
    }
}

fn error(message: &str) -> Value {
    serde_json::json!({ "error": message })
}

#[cfg(test)]
mod tests;
