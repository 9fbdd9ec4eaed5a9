//! What stands for an opaque value inside a script's text, and how the host gets the value's
//! handle instead.
//!
//! A placeholder is `⟦run:token:run⟧` in decimal digits. All have the same width, and none says
//! anything about its content: the token is a keyed hash of a counter. Both ends carry the run's
//! number, so that a piece cut off either end is still recognised as damaged; digits survive
//! `toUpperCase`, `trim` and JSON. Script text is never parsed again once contents are in it, and
//! a content that spells something like a placeholder is only ever a content.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::turn::{Handle, Leaf, Piece};

const OPEN: char = '⟦';
const CLOSE: char = '⟧';
const RUN_DIGITS: usize = 12;
const TOKEN_DIGITS: usize = 24;

/// The opaque values of one script.
#[derive(Debug)]
pub struct Placeholders {
    seed: String,
    run: String,
    /// By token. The list only grows: handles live as long as the instance.
    values: BTreeMap<String, Opaque>,
}

/// One opaque value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    /// Its content.
    pub handle: Handle,
    /// What a person calls it, such as `review.summary`.
    pub name: String,
}

/// What a text is made of.
enum Found<'a> {
    /// Text of the script.
    Literal(&'a str),
    /// A whole placeholder.
    Value(&'a Opaque),
}

/// A placeholder that was cut, altered, or comes from another run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged;

/// A text inside a JSON value that opaque values are a part of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mixed {
    /// Where it stands.
    pub pointer: String,
    /// What it is made of.
    pub pieces: Vec<Piece>,
}

/// A JSON value taken apart for `compose-json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dissected {
    /// The JSON with `null` for each leaf.
    pub skeleton: String,
    /// Texts that are one opaque value.
    pub leaves: Vec<Leaf>,
    /// Texts that have to be composed first.
    pub texts: Vec<Mixed>,
}

impl Placeholders {
    /// Starts with no values.
    pub fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            run: digits(seed, "run", RUN_DIGITS),
            values: BTreeMap::new(),
        }
    }

    /// Gives a new opaque value its placeholder.
    pub fn add(&mut self, handle: Handle, name: String) -> String {
        let token = digits(
            &self.seed,
            &format!("value {}", self.values.len()),
            TOKEN_DIGITS,
        );
        let run = &self.run;
        let placeholder = format!("{OPEN}{run}:{token}:{run}{CLOSE}");
        self.values.insert(token, Opaque { handle, name });
        placeholder
    }

    /// Tells whether a text has anything to do with placeholders, whole or not.
    pub fn touches(&self, text: &str) -> bool {
        text.contains(OPEN) || text.contains(&self.run)
    }

    /// Cuts a text into what the script wrote and the contents that stand in it.
    pub fn pieces(&self, text: &str) -> Result<Vec<Piece>, Damaged> {
        let piece = |found| match found {
            Found::Value(opaque) => Ok(Piece::Content(opaque.handle)),
            Found::Literal(text) => self.whole(text).map(Piece::Literal),
        };
        self.cut(text).into_iter().map(piece).collect()
    }

    /// Puts names for placeholders, for people who read a log.
    pub fn describe(&self, text: &str) -> String {
        let told = |found| match found {
            Found::Value(opaque) => format!("<opaque {}>", opaque.name),
            Found::Literal(text) => text.to_owned(),
        };
        self.cut(text).into_iter().map(told).collect()
    }

    /// Takes a JSON value apart into its skeleton and the contents in it.
    pub fn dissect(&self, json: &str) -> Result<Dissected, String> {
        let mut value: Value = serde_json::from_str(json)
            .map_err(|error| format!("the value with opaque parts is no JSON: {error}"))?;
        let mut parts = Dissected::default();
        self.dissect_at(&mut value, &mut String::new(), &mut parts)?;
        parts.skeleton = value.to_string();
        Ok(parts)
    }

    fn dissect_at(
        &self,
        value: &mut Value,
        pointer: &mut String,
        parts: &mut Dissected,
    ) -> Result<(), String> {
        match value {
            Value::String(text) if self.touches(text) => {
                let pieces = self.pieces(text).map_err(|damaged| damaged.to_string())?;
                match pieces.as_slice() {
                    [Piece::Content(content)] => parts.leaves.push(Leaf {
                        pointer: pointer.clone(),
                        content: *content,
                    }),
                    [] | [Piece::Literal(_)] => return Ok(()),
                    _ => parts.texts.push(Mixed {
                        pointer: pointer.clone(),
                        pieces,
                    }),
                }
                *value = Value::Null;
                Ok(())
            }
            Value::Array(items) => items.iter_mut().enumerate().try_for_each(|(index, item)| {
                self.dissect_child(item, &index.to_string(), pointer, parts)
            }),
            Value::Object(fields) => fields.iter_mut().try_for_each(|(key, field)| {
                if self.touches(key) {
                    return Err("an opaque value cannot be a key of an object".to_owned());
                }
                self.dissect_child(
                    field,
                    &key.replace('~', "~0").replace('/', "~1"),
                    pointer,
                    parts,
                )
            }),
            _ => Ok(()),
        }
    }

    fn dissect_child(
        &self,
        value: &mut Value,
        token: &str,
        pointer: &mut String,
        parts: &mut Dissected,
    ) -> Result<(), String> {
        let length = pointer.len();
        pointer.extend(["/", token]);
        let result = self.dissect_at(value, pointer, parts);
        pointer.truncate(length);
        result
    }

    /// Cuts a text at its whole placeholders; there are no empty literals.
    fn cut<'a>(&'a self, text: &'a str) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        // The literal that is being read, and where in it the next bracket is looked for.
        let (mut rest, mut from) = (text, 0);
        while let Some(at) = rest
            .get(from..)
            .and_then(|tail| Some(tail.find(OPEN)? + from))
        {
            let (before, tail) = rest.split_at(at);
            let Some((opaque, length)) = self.parse(tail) else {
                from = at + OPEN.len_utf8();
                continue;
            };
            found.extend([Found::Literal(before), Found::Value(opaque)]);
            (rest, from) = (tail.get(length..).unwrap_or_default(), 0);
        }
        found.push(Found::Literal(rest));
        found.retain(|found| !matches!(found, Found::Literal("")));
        found
    }

    /// Reads one whole placeholder of this run at the start of a text.
    fn parse(&self, text: &str) -> Option<(&Opaque, usize)> {
        let body = text
            .strip_prefix(OPEN)?
            .strip_prefix(&self.run)?
            .strip_prefix(':')?;
        let token = body.get(..TOKEN_DIGITS)?;
        let tail = body
            .get(TOKEN_DIGITS..)?
            .strip_prefix(':')?
            .strip_prefix(&self.run)?
            .strip_prefix(CLOSE)?;
        Some((self.values.get(token)?, text.len() - tail.len()))
    }

    /// Refuses a literal in which a placeholder was damaged, or another run's stands.
    fn whole(&self, literal: &str) -> Result<String, Damaged> {
        let foreign = literal.split(OPEN).skip(1).find(|tail| {
            let body = tail.split(CLOSE).next().unwrap_or_default();
            body.len() == 2 * RUN_DIGITS + TOKEN_DIGITS + 2
                && body.bytes().all(|b| b.is_ascii_digit() || b == b':')
        });
        let damaged = literal.find(&self.run).and_then(|at| literal.get(at..));
        match foreign.or(damaged) {
            None => Ok(literal.to_owned()),
            Some(_) => Err(Damaged),
        }
    }
}

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Not what was found: the message can become a text of the script, and be sent.
        f.write_str("a damaged or foreign placeholder of an opaque value stands in this text; pass opaque values on whole")
    }
}

/// So many decimal digits that depend on the seed and a purpose only.
fn digits(seed: &str, purpose: &str, count: usize) -> String {
    let hash = Sha256::new()
        .chain_update(seed)
        .chain_update([0])
        .chain_update(purpose)
        .finalize();
    hash.iter()
        .map(|byte| char::from(b'0' + byte % 10))
        .take(count)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> (Placeholders, String, String) {
        let mut all = Placeholders::new("seed");
        let a = all.add(Handle(7), "a".into());
        let b = all.add(Handle(8), "b".into());
        (all, a, b)
    }

    fn literal(text: &str) -> Piece {
        Piece::Literal(text.to_owned())
    }

    #[test]
    fn all_placeholders_have_one_width_and_depend_on_the_seed() {
        let (_, a, b) = two();
        assert_eq!(a.len(), b.len());
        assert_ne!(a, b);
        assert_ne!(a, Placeholders::new("other").add(Handle(7), "a".into()));
    }

    #[test]
    fn a_text_is_cut_into_literals_and_contents() {
        let (all, a, b) = two();
        let text = format!("x ⟦ {a}{b} y ⟧").to_uppercase();
        let expected = [
            literal("X ⟦ "),
            Piece::Content(Handle(7)),
            Piece::Content(Handle(8)),
            literal(" Y ⟧"),
        ];
        assert_eq!(all.pieces(&text).unwrap(), expected);
        assert_eq!(all.pieces("").unwrap(), []);
        assert_eq!(all.describe(&format!("see {a}")), "see <opaque a>");
    }

    #[test]
    fn damaged_and_foreign_placeholders_are_refused() {
        let (all, a, _) = two();
        let characters: Vec<char> = a.chars().collect();
        for cut in 1..characters.len() {
            // What is left without either end is a number that stands for nothing.
            let (head, tail): (String, String) = (
                characters[..cut].iter().collect(),
                characters[cut..].iter().collect(),
            );
            let refused = [&head, &tail]
                .iter()
                .any(|piece| all.pieces(piece).is_err());
            assert!(refused, "{head} | {tail}");
        }
        let foreign = Placeholders::new("other").add(Handle(7), "a".into());
        all.pieces(&format!("x {foreign}")).unwrap_err();
        let mut swapped = a.clone();
        swapped.replace_range(20..21, if a.as_bytes()[20] == b'1' { "2" } else { "1" });
        all.pieces(&swapped).unwrap_err();
    }

    #[test]
    fn a_json_value_is_taken_apart_by_pointer() {
        let (all, a, b) = two();
        let json =
            serde_json::json!({"k/~": [a, 1], "t": format!("see {b}"), "n": "⟦"}).to_string();
        let parts = all.dissect(&json).unwrap();
        assert_eq!(parts.skeleton, r#"{"k/~":[null,1],"t":null,"n":"⟦"}"#);
        assert_eq!(
            parts.leaves,
            [Leaf {
                pointer: "/k~1~0/0".into(),
                content: Handle(7)
            }]
        );
        let pieces = vec![literal("see "), Piece::Content(Handle(8))];
        assert_eq!(
            parts.texts,
            [Mixed {
                pointer: "/t".into(),
                pieces
            }]
        );
        all.dissect(&format!("{{\"{a}\": 1}}")).unwrap_err();
    }
}
