//! Runs a tool and keeps what it says for the error.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::BuildError;

/// The most lines of a tool's own words that an error repeats.
const MAX_LINES: usize = 60;

/// Runs a tool to its end.
pub(crate) fn run(command: &mut Command) -> Result<String, BuildError> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| BuildError::ToolFailed {
        command: shown(command),
        said: error.to_string(),
    })?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    let said = text(&output.stderr) + &text(&output.stdout);
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let from = lines.len().saturating_sub(MAX_LINES);
    Err(BuildError::ToolFailed {
        command: shown(command),
        said: lines.get(from..).unwrap_or_default().join("\n"),
    })
}

/// Returns the command as one would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// Quotes a word for a shell where it has to be.
pub(crate) fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%~".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_tool_is_named_with_its_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo wrong >&2; exit 3"]);
        let error = run(&mut command).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`sh -c 'echo wrong >&2; exit 3'` failed\nwrong"
        );
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "seq 1 1000 >&2; exit 1"]);
        let BuildError::ToolFailed { said, .. } = run(&mut command).unwrap_err() else {
            panic!("another error");
        };
        assert_eq!(said.lines().count(), MAX_LINES);
        assert!(said.ends_with("\n1000"));
    }
}
