//! Reads a JavaScript literal as JSON, never executing it: for `meta`, and for schemas and
//! options that are written out in the code.

use serde_json::{Map, Number, Value};

use crate::lexer::{Kind, Lexer, Token};

/// The most levels of nesting.
const MAX_DEPTH: usize = 64;

/// Where and why something is not a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotLiteral {
    /// The byte where it is seen.
    pub at: usize,
    /// What is there instead.
    pub message: String,
}

/// Reads literals from a stream of tokens.
#[derive(Clone, Debug)]
pub struct Reader<'s> {
    lexer: std::iter::Peekable<Lexer<'s>>,
    /// The end of the last token taken, in bytes.
    pub end: usize,
}

impl<'s> Reader<'s> {
    /// Starts at a lexer's place.
    pub fn new(lexer: Lexer<'s>) -> Self {
        Self {
            lexer: lexer.peekable(),
            end: 0,
        }
    }

    /// Returns the next token without taking it.
    pub fn peek(&mut self) -> Option<Token<'s>> {
        self.lexer.peek().copied()
    }

    /// Takes the next token.
    pub fn take(&mut self) -> Option<Token<'s>> {
        let token = self.lexer.next();
        self.end = token.map_or(self.end, |token| token.end());
        token
    }

    /// Takes the next token if it is this one.
    pub fn skip(&mut self, text: &str) -> bool {
        let here = self.peek().is_some_and(|token| token.is(text));
        if here {
            self.take();
        }
        here
    }

    /// Reads one literal: texts (also joined by `+`), numbers, `true`, `false`, `null`, lists and
    /// objects of these.
    pub fn value(&mut self) -> Result<Value, NotLiteral> {
        self.value_within(MAX_DEPTH)
    }

    fn value_within(&mut self, depth: usize) -> Result<Value, NotLiteral> {
        let start = self.peek().map_or(self.end, |token| token.start);
        if depth == 0 {
            return Err(not_literal(start, "it is nested too deeply"));
        }
        let mut value = self.single(depth)?;
        while self.skip("+") {
            let next = self.single(depth)?;
            value = match (value, next) {
                (Value::String(left), Value::String(right)) => Value::String(left + &right),
                _ => return Err(not_literal(start, "`+` may only join texts")),
            };
        }
        Ok(value)
    }

    fn single(&mut self, depth: usize) -> Result<Value, NotLiteral> {
        let Some(token) = self.take() else {
            return Err(not_literal(self.end, "the file ends here"));
        };
        match (token.kind, token.text) {
            (Kind::Text | Kind::Template, text) => Ok(Value::String(unquote(text))),
            (Kind::TemplatePart, _) => Err(not_literal(
                token.start,
                "a template with `${}` has to be executed",
            )),
            (Kind::Number, text) => number(text)
                .ok_or_else(|| not_literal(token.start, "this number has no place in JSON")),
            (Kind::Mark, "-") => match self.single(depth)? {
                Value::Number(number) => Ok(negative(&number)),
                _ => Err(not_literal(
                    token.start,
                    "`-` stands before something that is no number",
                )),
            },
            (Kind::Mark, "(") => {
                let value = self.value_within(depth - 1)?;
                self.expect(")").map(|()| value)
            }
            (Kind::Mark, "[") => self.list(depth),
            (Kind::Mark, "{") => self.object(depth),
            (Kind::Word, "true") => Ok(Value::Bool(true)),
            (Kind::Word, "false") => Ok(Value::Bool(false)),
            (Kind::Word, "null") => Ok(Value::Null),
            (_, text) => Err(not_literal(
                token.start,
                format!("`{text}` has to be executed"),
            )),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, NotLiteral> {
        let mut items = Vec::new();
        while !self.skip("]") {
            items.push(self.value_within(depth - 1)?);
            self.comma_or("]")?;
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value, NotLiteral> {
        let mut fields = Map::new();
        while !self.skip("}") {
            let key = self.key()?;
            self.expect(":")?;
            fields.insert(key, self.value_within(depth - 1)?);
            self.comma_or("}")?;
        }
        Ok(Value::Object(fields))
    }

    fn key(&mut self) -> Result<String, NotLiteral> {
        let Some(token) = self.take() else {
            return Err(not_literal(self.end, "the file ends inside an object"));
        };
        match token.kind {
            Kind::Word if !token.text.starts_with('#') => Ok(token.text.to_owned()),
            Kind::Text => Ok(unquote(token.text)),
            Kind::Number => number(token.text)
                .map(|number| number.to_string())
                .ok_or_else(|| not_literal(token.start, "this number is no key")),
            _ => Err(not_literal(
                token.start,
                format!("`{}` is no plain key", token.text),
            )),
        }
    }

    fn comma_or(&mut self, end: &str) -> Result<(), NotLiteral> {
        if self.skip(",") || self.peek().is_some_and(|token| token.is(end)) {
            return Ok(());
        }
        self.expect(end)
    }

    fn expect(&mut self, text: &str) -> Result<(), NotLiteral> {
        if self.skip(text) {
            return Ok(());
        }
        let (at, found) = self
            .peek()
            .map_or((self.end, "the end of the file"), |token| {
                (token.start, token.text)
            });
        Err(not_literal(
            at,
            format!("`{found}` stands where a literal has `{text}`"),
        ))
    }
}

fn not_literal(at: usize, message: impl Into<String>) -> NotLiteral {
    NotLiteral {
        at,
        message: message.into(),
    }
}

fn negative(number: &Number) -> Value {
    let whole = number
        .as_i64()
        .and_then(i64::checked_neg)
        .filter(|whole| *whole != 0);
    whole.map_or_else(
        || Value::from(number.as_f64().map(|number| -number)),
        Value::from,
    )
}

/// A JavaScript number as JSON; whole ones stay whole.
fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let based = |prefix: &str, base| {
        digits
            .strip_prefix(prefix)
            .map(|digits| u64::from_str_radix(digits, base).ok())
    };
    let whole = based("0x", 16)
        .or_else(|| based("0o", 8))
        .or_else(|| based("0b", 2));
    match whole.or_else(|| digits.parse().ok().map(Some)) {
        Some(whole) => whole.map(Value::from),
        // `parse` takes `5.` and `.5` as JavaScript does, and refuses the `n` of a BigInt.
        None => digits
            .parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number),
    }
}

/// The value of a quoted text or a template without substitutions.
pub fn unquote(text: &str) -> String {
    let mut characters = text.chars();
    characters.next();
    characters.next_back();
    let mut units = Vec::with_capacity(text.len());
    let mut buffer = [0; 2];
    while let Some(c) = characters.next() {
        match c {
            '\\' => escape(&mut characters, &mut units),
            c => units.extend_from_slice(c.encode_utf16(&mut buffer)),
        }
    }
    // Escapes can spell half a surrogate pair, which no Rust string holds.
    String::from_utf16_lossy(&units)
}

fn escape(rest: &mut std::str::Chars<'_>, units: &mut Vec<u16>) {
    let Some(c) = rest.next() else { return };
    let simple = match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '0' => '\0',
        'x' => return hex(rest, 2, units),
        'u' if rest.as_str().starts_with('{') => {
            let (digits, after) = rest
                .as_str()
                .get(1..)
                .and_then(|body| body.split_once('}'))
                .unwrap_or_default();
            push(
                u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32),
                units,
            );
            *rest = after.chars();
            return;
        }
        'u' => return hex(rest, 4, units),
        '\n' => return,
        '\r' => {
            if rest.as_str().starts_with('\n') {
                rest.next();
            }
            return;
        }
        other => other,
    };
    push(Some(simple), units);
}

fn hex(rest: &mut std::str::Chars<'_>, length: usize, units: &mut Vec<u16>) {
    let digits: String = rest.by_ref().take(length).collect();
    units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xfffd));
}

fn push(c: Option<char>, units: &mut Vec<u16>) {
    units.extend_from_slice(c.unwrap_or('\u{fffd}').encode_utf16(&mut [0; 2]));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(source: &str) -> Result<Value, NotLiteral> {
        Reader::new(Lexer::new(source)).value()
    }

    #[test]
    fn literals_are_read_as_json() {
        for (source, expected) in [
            (
                "{a: 1, 'b-c': [true, null,], \"d\": -2.5e1,}",
                json!({"a": 1, "b-c": [true, null], "d": -25.0}),
            ),
            ("'a' + \"b\" + `c`", json!("abc")),
            ("('x')", json!("x")),
            ("0x1f", json!(31)),
            ("1_000", json!(1000)),
            (
                r"'\u{1F600}\uD83D\uDE00\x41\n\
'",
                json!("😀😀A\n"),
            ),
            ("{ /* c */ a: 'it\\'s' // d\n }", json!({"a": "it's"})),
        ] {
            assert_eq!(read(source), Ok(expected), "{source}");
        }
    }

    #[test]
    fn what_must_be_executed_is_no_literal() {
        for (source, at) in [
            ("{a: f()}", 4),
            ("{...b}", 1),
            ("{a}", 2),
            ("{[a]: 1}", 1),
            ("`a${b}`", 0),
            ("1 + 2", 0),
            ("{a: 'x' + y}", 10),
            ("{a: new Date()}", 4),
            ("{get a() {}}", 5),
            ("10n", 0),
            ("[1 2]", 3),
            ("{a: 1", 5),
        ] {
            assert_eq!(read(source).map_err(|error| error.at), Err(at), "{source}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        read(&"[".repeat(10_000)).unwrap_err();
    }
}
