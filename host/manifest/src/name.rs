//! Which names there can be: short, printable, without a character that means something
//! elsewhere in a rule.

use crate::codes;
use crate::diagnostic::quote;
use crate::grant;
use crate::text::{At, Report};

/// The most characters of a name.
pub const MAX_NAME: usize = 64;

/// The most bytes of a tool's name in an agent definition.
const MAX_TOOL: usize = 256;
/// The most characters of a model's name; the longest known are paths of about a hundred.
const MAX_MODEL: usize = 256;

/// The most characters of a phase's title.
const MAX_TITLE: usize = 200;

/// The most bytes of a description: a line that a person reads.
const MAX_LINE: usize = 400;

/// What a name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// A plugin, tool, mount, gate rule, model or workflow.
    Plain,
    /// A profile, function or argument.
    Loose,
    /// A taint tag, which may be of a kind: `mail:external`.
    Tag,
    /// A principal, which may be a host or an address.
    Principal,
    /// A variable of the environment.
    Variable,
    /// Something a plugin asks to use: `tracker.label`, `tracker.*`.
    Capability,
    /// A tool as agent definitions write it: `Read`, `Bash(git diff:*)`, `mcp__mail__send`.
    Tool,
    /// What an orchestrator calls a phase.
    Title,
    /// A model as its provider names it, also behind the provider's own name; a last `*`
    /// stands for any rest.
    Model,
}

impl Name {
    /// Reports a text that is no such name.
    pub fn check(self, report: &mut Report, name: &At<String>) -> bool {
        let valid = self.accepts(&name.value);
        if !valid {
            let message = format!("{} is not {}", quote(&name.value), self.what());
            let hint = self.rule().to_owned();
            report.hinted(codes::INVALID_NAME, &name.span, message, hint);
        }
        valid
    }

    /// Returns whether the text is such a name.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Plain => spelled(text, u8::is_ascii_lowercase, u8::is_ascii_lowercase, "-"),
            Self::Loose => spelled(text, u8::is_ascii_alphabetic, u8::is_ascii_alphabetic, "-_"),
            Self::Tag => spelled(text, u8::is_ascii_lowercase, u8::is_ascii_lowercase, "-_:"),
            Self::Principal => spelled(
                text,
                u8::is_ascii_alphanumeric,
                u8::is_ascii_alphabetic,
                "-_:.@",
            ),
            Self::Variable => spelled(text, u8::is_ascii_alphabetic, u8::is_ascii_alphabetic, "_"),
            Self::Capability => text == grant::ANYTHING || is_capability(text),
            Self::Tool => is_tool(text),
            Self::Title => {
                let is_short = !text.is_empty() && text.chars().count() <= MAX_TITLE;
                is_short && !text.chars().any(char::is_control)
            }
            Self::Model => is_model(text),
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Plain | Self::Loose => "a name",
            Self::Tag => "a tag",
            Self::Principal => "a principal",
            Self::Variable => "a variable's name",
            Self::Capability => "a capability",
            Self::Tool => "a tool",
            Self::Title => "a title",
            Self::Model => "a model's name",
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Plain => "write `[a-z][a-z0-9-]*`, at most 64 characters",
            Self::Loose => "write `[A-Za-z][A-Za-z0-9_-]*`, at most 64 characters",
            Self::Tag => "write `[a-z][a-z0-9:_-]*`, at most 64 characters",
            Self::Principal => "write `[A-Za-z0-9][A-Za-z0-9@.:_-]*`, at most 64 characters",
            Self::Variable => "write `[A-Za-z][A-Za-z0-9_]*`, at most 64 characters",
            Self::Title => "write a line of 1 to 200 characters",
            Self::Capability => {
                "write `tool.function`, `tool.*`, `files.mount.read` (or `.find`, `.write`, `.edit`), `web.site.get`, `command.group`, `tree.merge` or `model.alias`"
            }
            Self::Tool => "write a printable name, such as `Read` or `mcp__server__tool`",
            Self::Model => {
                "write `MODEL`, `PROVIDER/MODEL` or the beginning of one with a last `*`, at most 256 characters"
            }
        }
    }
}

/// Reports a text that is not one line of plain text: it is shown on terminals
/// before anybody trusts who wrote it.
pub fn check_line(report: &mut Report, what: &str, text: &At<String>) -> bool {
    let valid = text.value.len() <= MAX_LINE && !text.value.chars().any(char::is_control);
    if !valid {
        let message = format!("`{what}` is too long or has control characters");
        let hint = format!("write one line of at most {MAX_LINE} bytes");
        report.hinted(codes::INVALID_VALUE, &text.span, message, hint);
    }
    valid
}

/// A first character, then letters, digits and the marks given.
fn spelled(text: &str, first: fn(&u8) -> bool, letter: fn(&u8) -> bool, marks: &str) -> bool {
    text.len() <= MAX_NAME
        && text.as_bytes().first().is_some_and(first)
        && text
            .bytes()
            .all(|byte| letter(&byte) || byte.is_ascii_digit() || marks.as_bytes().contains(&byte))
}

/// What a definition written for another host may say; what it means is decided elsewhere.
fn is_tool(text: &str) -> bool {
    let printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    !text.is_empty() && text.len() <= MAX_TOOL && text.bytes().all(printable)
}

/// As wide as providers are: paths, versions, tags and dates.
fn is_model(text: &str) -> bool {
    let name = text.strip_suffix('*').unwrap_or(text);
    (1..=MAX_MODEL).contains(&text.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/@+".contains(&byte))
}

/// Two or three names with dots between them; the last may be `*`.
fn is_capability(text: &str) -> bool {
    let Some((head, last)) = text.rsplit_once('.') else {
        return false;
    };
    let count = head.split('.').count();
    count <= 2
        && head.split('.').all(|part| Name::Loose.accepts(part))
        && (last == "*" || Name::Loose.accepts(last))
}
