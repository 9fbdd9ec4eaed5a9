//! Finds `export const meta = {…}` at the head of a script and reads it, never executing it.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::lexer::Lexer;
use crate::literal::Reader;

/// What the head of a script says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// The literal.
    pub fields: Map<String, Value>,
    /// The bytes of the statement, from `export` to its semicolon.
    pub statement: Range<usize>,
}

/// Why a script has no usable `meta`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The byte where it is seen.
    pub at: usize,
    /// What is wrong.
    pub message: String,
}

const MISSING: &str = "a script starts with `export const meta = { name, description }`";

impl Meta {
    /// Reads the head of a script.
    pub fn read(source: &str) -> Result<Self, Problem> {
        let mut reader = Reader::new(Lexer::new(source));
        let start = reader.peek().map_or(source.len(), |token| token.start);
        for word in ["export", "const", "meta", "="] {
            if !reader.skip(word) {
                return Err(Problem::new(start, MISSING));
            }
        }
        let value_at = reader.peek().map_or(reader.end, |token| token.start);
        let value = reader.value().map_err(|error| {
            Problem::new(
                error.at,
                format!("`meta` has to be a literal: {}", error.message),
            )
        })?;
        let Value::Object(fields) = value else {
            return Err(Problem::new(value_at, "`meta` has to be an object"));
        };
        if !reader.skip(";") {
            ends_here(&mut reader)?;
        }
        let meta = Self {
            fields,
            statement: start..reader.end,
        };
        meta.complete()
            .map_err(|message| Problem::new(value_at, message))?;
        Ok(meta)
    }

    fn complete(&self) -> Result<(), String> {
        for field in ["name", "description"] {
            if !self.fields.get(field).is_some_and(Value::is_string) {
                return Err(format!("`meta` needs a text `{field}`"));
            }
        }
        match self.fields.get("phases") {
            None | Some(Value::Null) => Ok(()),
            Some(Value::Array(phases))
                if phases
                    .iter()
                    .all(|phase| phase.get("title").is_some_and(Value::is_string)) =>
            {
                Ok(())
            }
            Some(_) => Err("`meta.phases` is a list of `{ title }`".to_owned()),
        }
    }

    /// Returns what the script is for, if it says so.
    pub fn description(&self) -> Option<String> {
        let description = self.fields.get("description")?.as_str()?;
        (!description.is_empty()).then(|| description.to_owned())
    }

    /// Returns the titles of the declared phases.
    pub fn phases(&self) -> impl Iterator<Item = &str> {
        let phases = self.fields.get("phases").and_then(Value::as_array);
        phases
            .into_iter()
            .flatten()
            .filter_map(|phase| phase.get("title")?.as_str())
    }
}

/// Without a semicolon the statement ends at a new line, unless the line goes on with an operator.
fn ends_here(reader: &mut Reader<'_>) -> Result<(), Problem> {
    match reader.peek() {
        None => Ok(()),
        Some(next)
            if next.fresh_line
                && !matches!(
                    next.text,
                    "." | "?." | "+" | "-" | "*" | "?" | "??" | "||" | "&&" | ","
                ) =>
        {
            Ok(())
        }
        Some(next) => Err(Problem::new(
            next.start,
            format!(
                "`meta` has to be a literal: it goes on with `{}`",
                next.text
            ),
        )),
    }
}

impl Problem {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_is_found_after_comments() {
        let source = "// head\n/* more */\nexport const meta = { name: 'a', description: 'b' + 'c' };\nreturn 1";
        let meta = Meta::read(source).unwrap();
        assert_eq!(meta.fields["description"], "bc");
        assert_eq!(source.get(meta.statement.end..), Some("\nreturn 1"));
        assert!(source.get(meta.statement).unwrap().starts_with("export"));
    }

    #[test]
    fn a_missing_semicolon_ends_at_the_line() {
        Meta::read("export const meta = {name:'a',description:''}\nconst x = 1").unwrap();
        Meta::read("export const meta = {name:'a',description:''}").unwrap();
    }

    #[test]
    fn every_other_head_is_refused_where_it_goes_wrong() {
        for (source, at, part) in [
            ("", 0, "starts with"),
            ("const meta = {}", 0, "starts with"),
            ("log('x')\nexport const meta = {}", 0, "starts with"),
            (
                "export const meta = make()",
                20,
                "`make` has to be executed",
            ),
            ("export const meta = {name: `a${1}`}", 27, "template"),
            ("export const meta = ['a']", 20, "an object"),
            ("export const meta = {name: 'a'}", 20, "`description`"),
            (
                "export const meta = {name:'a',description:'',phases:['x']}",
                20,
                "`{ title }`",
            ),
            (
                "export const meta = {name:'a',description:''}.x",
                45,
                "goes on",
            ),
            (
                "export const meta = {name:'a',description:''} satisfies X",
                46,
                "goes on",
            ),
        ] {
            let problem = Meta::read(source).unwrap_err();
            assert_eq!(problem.at, at, "{source}");
            assert!(problem.message.contains(part), "{}", problem.message);
        }
    }
}
