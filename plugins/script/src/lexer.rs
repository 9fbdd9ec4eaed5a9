//! Cuts JavaScript into tokens, so that `meta` is read without being executed and `check` can
//! look at code without mistaking a prompt for it.
//!
//! It is no parser: QuickJS decides what is valid. Where a slash could start a regular expression
//! or divide, the token before it decides; the guess is wrong only for an expression statement
//! that begins with a regular expression right after a block.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// A quoted text, quotes included.
    Text,
    /// A whole template without substitutions, backticks included.
    Template,
    /// A part of a template with substitutions.
    TemplatePart,
    /// A regular expression.
    Regex,
    /// An operator or a bracket.
    Mark,
    /// Something that no token begins with, or that ends too early.
    Bad,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// Its text in the source.
    pub text: &'s str,
    /// Where it starts, in bytes.
    pub start: usize,
    /// Whether a line ends between the token before and this one.
    pub fresh_line: bool,
}

impl Token<'_> {
    /// Returns where the token ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Tells whether this is that operator, bracket or word.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Mark | Kind::Word) && self.text == text
    }
}

/// Operators of more than one character, longest first.
const MARKS: [&str; 34] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=",
    "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
    "<<", ">>", "**", "#!",
];

/// Words after which a slash starts a regular expression.
const BEFORE_REGEX: [&str; 14] = [
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "throw",
    "new",
    "else",
    "do",
    "await",
    "yield",
    "instanceof",
];

/// The tokens of a source, in order.
#[derive(Clone, Debug)]
pub struct Lexer<'s> {
    source: &'s str,
    at: usize,
    /// For each template substitution that is open, how many braces are open inside it.
    substitutions: Vec<usize>,
    /// Whether a slash would divide here.
    after_value: bool,
}

impl<'s> Lexer<'s> {
    /// Starts at the beginning of a source.
    pub fn new(source: &'s str) -> Self {
        Self {
            source,
            at: 0,
            substitutions: Vec::new(),
            after_value: false,
        }
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    /// Skips blanks and comments; tells whether a line ended among them.
    fn skip_blanks(&mut self) -> bool {
        let mut fresh_line = self.at == 0;
        loop {
            let rest = self.rest();
            let skipped = if let Some(comment) = rest.strip_prefix("//") {
                2 + comment
                    .find(['\n', '\r', '\u{2028}', '\u{2029}'])
                    .unwrap_or(comment.len())
            } else if let Some(comment) = rest.strip_prefix("/*") {
                comment.find("*/").map_or(rest.len(), |end| end + 4)
            } else {
                rest.find(|c: char| !c.is_whitespace() && c != '\u{feff}')
                    .unwrap_or(rest.len())
            };
            if skipped == 0 {
                return fresh_line;
            }
            let blank = rest.get(..skipped).unwrap_or_default();
            fresh_line |= blank.contains(['\n', '\r', '\u{2028}', '\u{2029}']);
            self.at += skipped;
        }
    }

    /// Measures the token that starts here and says what it is.
    fn measure(&mut self, first: char) -> (Kind, usize) {
        let rest = self.rest();
        match first {
            '"' | '\'' => quoted(rest, first),
            '`' => self.template(rest),
            '}' if self.substitutions.last() == Some(&0) => {
                self.substitutions.pop();
                self.template(rest)
            }
            '/' if !self.after_value => regex(rest),
            c if c.is_ascii_digit() => (Kind::Number, number(rest)),
            '.' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => {
                (Kind::Number, number(rest))
            }
            c if word_char(c) || c == '#' || c == '\\' => (Kind::Word, word(rest)),
            c if c.is_ascii() => (Kind::Mark, mark(rest)),
            c => (Kind::Bad, c.len_utf8()),
        }
    }

    /// A template, or the next part of one, up to its end or its next substitution.
    fn template(&mut self, rest: &str) -> (Kind, usize) {
        let whole = rest.starts_with('`');
        let mut characters = rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' => {
                    characters.next();
                }
                '`' => {
                    return (
                        if whole {
                            Kind::Template
                        } else {
                            Kind::TemplatePart
                        },
                        at + 1,
                    );
                }
                '$' if characters.peek().is_some_and(|(_, next)| *next == '{') => {
                    self.substitutions.push(0);
                    return (Kind::TemplatePart, at + 2);
                }
                _ => {}
            }
        }
        (Kind::Bad, rest.len())
    }

    /// Keeps what the next token depends on: open braces, and whether a value just ended.
    fn note(&mut self, token: &Token<'_>) {
        if let Some(open) = self.substitutions.last_mut() {
            match token.text {
                "{" => *open += 1,
                "}" => *open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.after_value = match token.kind {
            Kind::Word => !BEFORE_REGEX.contains(&token.text),
            Kind::Mark => matches!(token.text, ")" | "]" | "}" | "++" | "--"),
            Kind::TemplatePart => token.text.ends_with('`'),
            Kind::Number | Kind::Text | Kind::Template | Kind::Regex | Kind::Bad => true,
        };
    }
}

impl<'s> Iterator for Lexer<'s> {
    type Item = Token<'s>;

    fn next(&mut self) -> Option<Token<'s>> {
        let fresh_line = self.skip_blanks();
        let first = self.rest().chars().next()?;
        let start = self.at;
        let (kind, length) = self.measure(first);
        let token = Token {
            kind,
            text: self.rest().get(..length).unwrap_or_else(|| self.rest()),
            start,
            fresh_line,
        };
        self.at = token.end();
        self.note(&token);
        Some(token)
    }
}

fn word_char(c: char) -> bool {
    c == '_' || c == '$' || c.is_alphanumeric()
}

fn word(rest: &str) -> usize {
    let tail = rest
        .char_indices()
        .skip(1)
        .find(|(_, c)| !word_char(*c) && *c != '\\');
    tail.map_or(rest.len(), |(at, _)| at)
}

/// Digits of any base, separators, a fraction and an exponent, taken together.
fn number(rest: &str) -> usize {
    let mut before = ' ';
    for (at, c) in rest.char_indices() {
        let exponent_sign =
            matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !rest.starts_with("0x");
        if !(c.is_alphanumeric() || c == '_' || c == '.' || exponent_sign) {
            return at;
        }
        before = c;
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> (Kind, usize) {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                characters.next();
            }
            '\n' | '\r' => return (Kind::Bad, at),
            c if c == quote => return (Kind::Text, at + 1),
            _ => {}
        }
    }
    (Kind::Bad, rest.len())
}

fn regex(rest: &str) -> (Kind, usize) {
    let mut class = false;
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                characters.next();
            }
            '\n' | '\r' => return (Kind::Bad, at),
            '[' => class = true,
            ']' => class = false,
            '/' if !class => {
                let flags = rest.get(at + 1..).unwrap_or_default();
                return (
                    Kind::Regex,
                    at + 1 + flags.find(|c| !word_char(c)).unwrap_or(flags.len()),
                );
            }
            _ => {}
        }
    }
    (Kind::Bad, rest.len())
}

fn mark(rest: &str) -> usize {
    // `?.5` is a question mark and a number.
    let optional_number =
        rest.starts_with("?.") && rest.chars().nth(2).is_some_and(|c| c.is_ascii_digit());
    let long = MARKS.iter().find(|mark| rest.starts_with(**mark));
    long.filter(|_| !optional_number)
        .map_or(1, |mark| mark.len())
}

/// Returns the line and the column of a byte, both counted from 1, columns in characters.
pub fn position(source: &str, byte: usize) -> (u32, u32) {
    let before = source.get(..byte).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        Lexer::new(source).map(|token| token.text).collect()
    }

    #[test]
    fn a_slash_divides_after_a_value_and_starts_a_regex_elsewhere() {
        assert_eq!(texts("a / b / c"), ["a", "/", "b", "/", "c"]);
        assert_eq!(
            texts("x = /[/]\\//giu.test(y)"),
            ["x", "=", "/[/]\\//giu", ".", "test", "(", "y", ")"]
        );
        assert_eq!(texts("return /a/"), ["return", "/a/"]);
    }

    #[test]
    fn templates_nest() {
        let source = "`a${ `b${ {c: 1} }` }d` + e";
        assert_eq!(
            texts(source),
            [
                "`a${", "`b${", "{", "c", ":", "1", "}", "}`", "}d`", "+", "e"
            ]
        );
    }

    #[test]
    fn comments_and_quotes_hide_code() {
        assert_eq!(
            texts("a // agent(\n/* ( */ 'it\\'s (' b"),
            ["a", "'it\\'s ('", "b"]
        );
    }

    #[test]
    fn what_ends_too_early_is_bad_and_ends() {
        for source in ["'abc", "`abc ${", "/abc", "\"a\nb", "`a"] {
            assert!(Lexer::new(source).count() <= 3, "{source}");
        }
        assert_eq!(
            Lexer::new("'abc")
                .map(|token| token.kind)
                .collect::<Vec<_>>(),
            [Kind::Bad]
        );
    }

    #[test]
    fn positions_count_characters_from_one() {
        assert_eq!(position("äö\nü!", "äö\nü".len()), (2, 2));
        assert_eq!(position("", 0), (1, 1));
    }
}
