//! A script as a list of tokens in which brackets know their partners, and the few shapes that
//! the checks look for in it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::lexer::{Kind, Lexer, Token, position};
use crate::literal::{Reader, unquote};

/// The tokens of a script.
#[derive(Debug)]
pub(crate) struct Scan<'s> {
    source: &'s str,
    tokens: Vec<Token<'s>>,
    /// For an opening bracket, the index of the closing one.
    partner: BTreeMap<usize, usize>,
}

/// A call of a global by its name.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The index of the name.
    pub(crate) name: usize,
    /// The index of the closing parenthesis.
    pub(crate) end: usize,
    /// For each argument, the indexes of its first token and of the one after its last.
    pub(crate) arguments: Vec<(usize, usize)>,
}

/// A field that is written out in an object.
#[derive(Clone, Debug)]
pub(crate) struct Field<'s> {
    /// Its name.
    pub(crate) name: String,
    /// Where the name stands.
    pub(crate) at: usize,
    /// The indexes of the value's tokens; a shorthand's is its name.
    pub(crate) value: (usize, usize),
    /// The value's first token.
    pub(crate) first: Token<'s>,
}

impl<'s> Scan<'s> {
    pub(crate) fn new(source: &'s str) -> Self {
        let tokens: Vec<Token<'s>> = Lexer::new(source).collect();
        let partner = partners(&tokens);
        Self {
            source,
            tokens,
            partner,
        }
    }

    pub(crate) fn token(&self, index: usize) -> Option<&Token<'s>> {
        self.tokens.get(index)
    }

    /// Tells whether a token is that word or mark.
    pub(crate) fn is(&self, index: usize, text: &str) -> bool {
        self.token(index).is_some_and(|token| token.is(text))
    }

    /// Tells whether the token before is that word or mark.
    pub(crate) fn after(&self, index: usize, text: &str) -> bool {
        index
            .checked_sub(1)
            .is_some_and(|before| self.is(before, text))
    }

    pub(crate) fn start(&self, index: usize) -> usize {
        self.token(index)
            .map_or(self.source.len(), |token| token.start)
    }

    /// Returns the indexes of all words that are names of their own, not fields of something.
    pub(crate) fn names<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        let named = move |index: &usize| {
            self.is(*index, word) && !self.after(*index, ".") && !self.after(*index, "?.")
        };
        (0..self.tokens.len()).filter(named)
    }

    /// Returns the calls of a name that is not declared as a function here.
    pub(crate) fn calls<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Call> + 'a {
        let called =
            move |index: &usize| self.is(*index + 1, "(") && !self.after(*index, "function");
        self.names(name)
            .filter(called)
            .filter_map(|index| self.call(index))
    }

    fn call(&self, name: usize) -> Option<Call> {
        let end = *self.partner.get(&(name + 1))?;
        // A method of that name in an object, or a function's parameters.
        if self.is(end + 1, "{") || self.is(end + 1, "=>") {
            return None;
        }
        Some(Call {
            name,
            end,
            arguments: self.split(name + 2, end),
        })
    }

    /// Cuts the tokens between two indexes at commas, outside of inner brackets.
    fn split(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut parts = Vec::new();
        let (mut start, mut at) = (from, from);
        while at < to {
            if self.is(at, ",") {
                parts.push((start, at));
                start = at + 1;
            }
            at = self.partner.get(&at).map_or(at, |end| *end) + 1;
        }
        if start < to {
            parts.push((start, to));
        }
        parts
    }

    /// Returns the fields of an object that starts at a token, without spread and computed ones.
    pub(crate) fn fields(&self, object: usize) -> Vec<Field<'s>> {
        let Some(end) = self.partner.get(&object).filter(|_| self.is(object, "{")) else {
            return Vec::new();
        };
        let parts = self.split(object + 1, *end);
        parts
            .into_iter()
            .filter_map(|(from, to)| self.field(from, to))
            .collect()
    }

    fn field(&self, from: usize, to: usize) -> Option<Field<'s>> {
        let key = self.token(from)?;
        let value = if self.is(from + 1, ":") {
            from + 2
        } else {
            from
        };
        let name = match key.kind {
            Kind::Word => key.text.to_owned(),
            Kind::Text => unquote(key.text),
            _ => return None,
        };
        // `get x() {}`, `async f() {}` and methods are no plain fields.
        (value > from || to == from + 1).then_some(())?;
        Some(Field {
            name,
            at: key.start,
            value: (value, to),
            first: *self.token(value)?,
        })
    }

    /// Reads the literal that starts at a token, or that a `const` of this name holds.
    pub(crate) fn literal(&self, from: usize, to: usize) -> Option<Value> {
        let first = self.token(from)?;
        if to == from + 1 && first.kind == Kind::Word {
            let declared = self.declaration(first.text)?;
            return self.read(declared);
        }
        self.read(from)
    }

    fn read(&self, index: usize) -> Option<Value> {
        let source = self.source.get(self.start(index)..)?;
        Reader::new(Lexer::new(source)).value().ok()
    }

    /// Returns the index of what a `const` is set to, if there is one of the name.
    fn declaration(&self, name: &str) -> Option<usize> {
        let mut found = self
            .names(name)
            .filter(|index| self.after(*index, "const") && self.is(index + 1, "="));
        let first = found.next()?;
        found.next().is_none().then_some(first + 2)
    }

    /// Returns all texts after a byte, without their quotes.
    pub(crate) fn texts_after(&self, byte: usize) -> Vec<String> {
        let texts = self.tokens.iter().filter(|token| token.start >= byte);
        let texts = texts.filter(|token| matches!(token.kind, Kind::Text | Kind::Template));
        texts.map(|token| unquote(token.text)).collect()
    }

    /// Returns where each loop begins and ends, in bytes.
    pub(crate) fn loops(&self) -> Vec<(usize, usize)> {
        let words = ["for", "while", "do"];
        let heads = words.iter().flat_map(|word| self.names(word));
        heads
            .map(|head| (self.start(head), self.start(self.end_of_loop(head))))
            .collect()
    }

    fn end_of_loop(&self, head: usize) -> usize {
        let mut body = head + 1 + usize::from(self.is(head + 1, "await"));
        if self.is(body, "(") {
            body = self.closing(body).unwrap_or(body) + 1;
        }
        if self.is(body, "{") {
            return self.closing(body).unwrap_or(self.len());
        }
        // One statement: what follows on another line may belong to it, or not.
        let line = self.position(self.start(body)).0;
        let ends = |at: &usize| self.is(*at, ";") || self.position(self.start(*at)).0 > line;
        (body..self.len()).find(ends).unwrap_or(self.len())
    }

    /// Returns the index of the closing partner of a bracket.
    pub(crate) fn closing(&self, index: usize) -> Option<usize> {
        self.partner.get(&index).copied()
    }

    /// Returns the line and the column of a byte.
    pub(crate) fn position(&self, byte: usize) -> (u32, u32) {
        position(self.source, byte)
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }
}

fn partners(tokens: &[Token<'_>]) -> BTreeMap<usize, usize> {
    let mut open = Vec::new();
    let mut partner = BTreeMap::new();
    for (index, token) in tokens.iter().enumerate() {
        let (opens, closes) = match token.kind {
            Kind::Mark => (
                matches!(token.text, "(" | "[" | "{"),
                matches!(token.text, ")" | "]" | "}"),
            ),
            // `}…${` closes one substitution and opens the next.
            Kind::TemplatePart => (token.text.ends_with("${"), token.text.starts_with('}')),
            _ => (false, false),
        };
        if closes && let Some(start) = open.pop() {
            partner.insert(start, index);
        }
        if opens {
            open.push(index);
        }
    }
    partner
}
