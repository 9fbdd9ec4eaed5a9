//! What is wrong with a text, and where: one code, one place, one sentence, one hint.

use std::fmt;
use std::ops::Range;

pub use crate::codes::CODES;

/// The most diagnostics that one text is answered with; the rest would not be read.
pub const MAX_DIAGNOSTICS: usize = 100;

/// The most characters of a name from a file that a message repeats.
const MAX_QUOTED: usize = 80;

/// One problem of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The code, which has a page of its own; one of [`CODES`].
    pub code: &'static str,
    /// The file as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes of the text that the problem is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {message}")
    }
}

impl std::error::Error for Diagnostic {}

/// Puts text that somebody else wrote into a message: in backticks, control characters
/// escaped, so that a plugin's manifest cannot drive the operator's terminal.
pub fn quote(text: &str) -> String {
    let mut out = String::from("`");
    out.extend(text.chars().take(MAX_QUOTED).flat_map(escape));
    if text.chars().nth(MAX_QUOTED).is_some() {
        out.push('…');
    }
    out.push('`');
    out
}

/// Escapes what is not visible text; quotation marks and letters stay as they are.
fn escape(letter: char) -> impl Iterator<Item = char> {
    let keep = matches!(letter, '"' | '\'' | '\\');
    let escaped = (!keep).then(|| letter.escape_debug());
    keep.then_some(letter)
        .into_iter()
        .chain(escaped.into_iter().flatten())
}

/// Puts several names into a message.
pub fn quote_all<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quote(name.as_ref())).collect();
    quoted.join(", ")
}
