//! Payloads: the values that the monitor keeps under labels, shared and composed lazily.

use std::borrow::Cow;
use std::sync::Arc;

use lazaret_kernel::pointer::Pointer;
use serde_json::Value;

use crate::plugin::digest;

/// The most levels of compositions in one value; past it a leaf is an error value.
const MAX_COMPOSITION_DEPTH: u16 = 64;

/// The most bytes of one value. A larger one is an error value: its size stays inside.
pub(crate) const MAX_CONTENT_BYTES: usize = 16 << 20;

/// The most bytes of a part that is copied out of its whole instead of pointing into it.
const MAX_COPIED_BYTES: usize = 256;

/// A value. Cheap to clone; its parts are shared.
#[derive(Clone, Debug)]
pub struct Payload {
    node: Arc<Node>,
    depth: u16,
    /// At least the bytes that its text has.
    bytes: usize,
}

#[derive(Debug)]
enum Node {
    Text(String),
    Json(Value),
    /// A value inside another one, which is not copied: many handles of one large value
    /// would be many large values.
    Part {
        of: Payload,
        pointer: String,
    },
    Pieces(Vec<Piece>),
    Composition {
        skeleton: Value,
        leaves: Vec<(Pointer, Payload)>,
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
        let text = text.into();
        let bytes = text.len();
        Self::new(Node::Text(text), 0, bytes)
    }

    /// Returns a JSON value.
    pub fn json(value: Value) -> Self {
        let bytes = size_of_json(&value);
        Self::new(Node::Json(value), 0, bytes)
    }

    /// Returns the error value of a failed effect.
    pub fn failure(message: &str) -> Self {
        Self::json(serde_json::json!({ "error": message }))
    }

    /// Returns a text of pieces.
    pub fn pieces(pieces: Vec<Piece>) -> Self {
        let contents = pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Content(content) => Some(content),
        });
        let depth = deepest(contents);
        let bytes = pieces.iter().fold(0usize, |sum, piece| {
            sum.saturating_add(match piece {
                Piece::Literal(text) => text.len(),
                Piece::Content(content) => content.bytes,
            })
        });
        Self::bounded(Node::Pieces(pieces), depth, bytes)
    }

    /// Returns a JSON value with contents in it.
    pub fn composition(skeleton: Value, leaves: Vec<(Pointer, Self)>) -> Self {
        let depth = deepest(leaves.iter().map(|(_, leaf)| leaf));
        let bytes = leaves
            .iter()
            .fold(size_of_json(&skeleton), |sum, (_, leaf)| {
                sum.saturating_add(leaf.bytes)
            });
        Self::bounded(Node::Composition { skeleton, leaves }, depth, bytes)
    }

    /// Returns the value at `pointer`; a missing one is `null`.
    #[must_use]
    pub fn project(&self, pointer: &Pointer) -> Self {
        if pointer.segments().is_empty() {
            return self.clone();
        }
        match &*self.node {
            Node::Text(_) | Node::Pieces(_) => Self::json(Value::Null),
            Node::Json(_) | Node::Part { .. } => self.part(pointer.to_string()),
            Node::Composition { leaves, .. } => {
                let leaf = leaves.iter().rev().find_map(|(at, leaf)| {
                    let rest = pointer.segments().get(at.segments().len()..)?;
                    at.covers(pointer)
                        .then(|| leaf.project(&rest.iter().cloned().collect()))
                });
                leaf.unwrap_or_else(|| self.part(pointer.to_string()))
            }
        }
    }

    /// Returns the items of a list, at most `max`; anything else has none.
    pub fn items(&self, max: usize) -> Vec<Self> {
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
        Self::new(Node::Part { of, pointer }, self.depth, bytes)
    }

    /// Returns the whole as a JSON value; a text is a string.
    pub fn to_value(&self) -> Value {
        self.value().into_owned()
    }

    /// Returns the SHA-256 of its bytes as the content store has them.
    pub(crate) fn digest(&self) -> String {
        digest(self.value().to_string().as_bytes())
    }

    /// The same as bytes: what the monitor tells contents of earlier parts of a run apart by.
    pub(crate) fn identity(&self) -> [u8; 32] {
        *lazaret_journal::Digest::of(self.value().to_string().as_bytes()).as_bytes()
    }

    /// Returns what the content store has kept.
    pub(crate) fn stored(bytes: &[u8]) -> Option<Self> {
        Some(match serde_json::from_slice(bytes).ok()? {
            Value::String(text) => Self::text(text),
            value => Self::json(value),
        })
    }

    /// At least the bytes that its text has.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn value(&self) -> Cow<'_, Value> {
        Cow::Owned(match &*self.node {
            Node::Text(text) => Value::String(text.clone()),
            Node::Json(value) => return Cow::Borrowed(value),
            Node::Part { of, pointer } => match of.value() {
                Cow::Borrowed(whole) => {
                    return whole
                        .pointer(pointer)
                        .map_or_else(Cow::default, Cow::Borrowed);
                }
                Cow::Owned(mut whole) => whole
                    .pointer_mut(pointer)
                    .map(Value::take)
                    .unwrap_or_default(),
            },
            Node::Pieces(_) => Value::String(self.to_text()),
            Node::Composition { skeleton, leaves } => {
                let mut whole = skeleton.clone();
                for (pointer, leaf) in leaves {
                    if let Some(slot) = whole.pointer_mut(&pointer.to_string()) {
                        *slot = leaf.to_value();
                    }
                }
                whole
            }
        })
    }

    /// Returns the whole as text: a text or a JSON string as it is, other JSON written out.
    pub fn to_text(&self) -> String {
        match &*self.node {
            Node::Text(text) => text.clone(),
            Node::Pieces(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.clone(),
                    Piece::Content(content) => content.to_text(),
                })
                .collect(),
            Node::Json(_) | Node::Part { .. } | Node::Composition { .. } => match self.value() {
                Cow::Borrowed(Value::String(text)) => text.clone(),
                Cow::Owned(Value::String(text)) => text,
                other => other.to_string(),
            },
        }
    }

    fn bounded(node: Node, depth: u16, bytes: usize) -> Self {
        if depth > MAX_COMPOSITION_DEPTH {
            return Self::failure("the composition is deeper than `composition-depth` allows");
        }
        if bytes > MAX_CONTENT_BYTES {
            return Self::failure("the composition is larger than `content-bytes` allows");
        }
        Self::new(node, depth, bytes)
    }

    fn new(node: Node, depth: u16, bytes: usize) -> Self {
        Self {
            node: Arc::new(node),
            depth,
            bytes,
        }
    }
}

fn deepest<'a>(contents: impl Iterator<Item = &'a Payload>) -> u16 {
    contents.map(|content| content.depth + 1).max().unwrap_or(0)
}

/// A lower bound of the written length, without writing.
pub(crate) fn size_of_json(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 1,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => {
            items
                .iter()
                .map(|item| size_of_json(item) + 1)
                .sum::<usize>()
                + 2
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(key, item)| key.len() + 4 + size_of_json(item))
                .sum::<usize>()
                + 2
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(payload: &Payload, pointer: &str) -> Payload {
        payload.project(&Pointer::parse(pointer).unwrap())
    }

    #[test]
    fn a_large_part_points_into_its_whole() {
        let text = "x".repeat(10_000);
        let whole = Payload::json(json!({ "a": [{ "b": text }] }));
        let parts: Vec<Payload> = (0..5).map(|_| at(&whole, "/a/0/b")).collect();
        assert_eq!(Arc::strong_count(&whole.node), 6);
        assert!(parts.iter().all(|part| part.to_value() == json!(text)));
        let items = at(&whole, "/a").items(3);
        assert_eq!(items.len(), 1);
        assert_eq!(at(&items[0], "/b").to_text(), text);
        assert_eq!(at(&items[0], "/c").to_value(), Value::Null);
    }

    #[test]
    fn a_small_part_keeps_nothing_alive() {
        let whole = Payload::json(json!({ "a": 1, "b": "x".repeat(10_000) }));
        assert_eq!(at(&whole, "/a").to_value(), json!(1));
        assert_eq!(Arc::strong_count(&whole.node), 1);
    }

    #[test]
    fn a_part_of_a_composition_has_its_leaves_in_it() {
        let leaf = Payload::text("y".repeat(1_000));
        let skeleton = json!({ "a": { "b": null, "c": 2 } });
        let pointer = Pointer::parse("/a/b").unwrap();
        let whole = Payload::composition(skeleton, vec![(pointer, leaf.clone())]);
        let part = at(&whole, "/a");
        assert_eq!(part.to_value(), json!({ "b": leaf.to_text(), "c": 2 }));
        assert_eq!(at(&part, "/b").to_text(), leaf.to_text());
        assert_eq!(at(&part, "/b/c").to_value(), Value::Null);
    }
}
