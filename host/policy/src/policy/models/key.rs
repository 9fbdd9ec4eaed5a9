//! Where a provider's key is: a key itself is never written into a policy.

use super::MAX_TEXT;
use crate::compiled::KeySource;
use lazaret_manifest::codes;
use lazaret_manifest::text::{At, Report};

/// Reads where a key is. The message does not repeat what was written, which may be a key.
pub(super) fn source(written: &At<String>, report: &mut Report) -> Option<KeySource> {
    let found = parse(&written.value);
    if found.is_none() {
        let message = "this does not say where the key is".to_owned();
        let hint = "write `env:NAME`, `file:PATH`, `command:PROGRAM ARGUMENTS` or `secret:NAME`"
            .to_owned();
        report.hinted(codes::INVALID_VALUE, &written.span, message, hint);
    }
    found
}

fn parse(text: &str) -> Option<KeySource> {
    let (kind, rest) = text.split_once(':')?;
    let sound = !rest.is_empty() && rest.len() <= MAX_TEXT && !rest.chars().any(char::is_control);
    if !sound {
        return None;
    }
    match kind {
        "env" => is_word(rest, "_").then(|| KeySource::Variable(rest.to_owned())),
        "secret" => is_word(rest, "_-.").then(|| KeySource::Stored(rest.to_owned())),
        "file" => Some(KeySource::File(rest.to_owned())),
        "command" => {
            let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
            (!words.is_empty()).then_some(KeySource::Command(words))
        }
        _ => None,
    }
}

fn is_word(text: &str, marks: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || marks.as_bytes().contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_and_never_written() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let cases = [
            ("env:KEY_1", Some(KeySource::Variable("KEY_1".to_owned()))),
            ("file:~/.key", Some(KeySource::File("~/.key".to_owned()))),
            (
                "secret:open-ai",
                Some(KeySource::Stored("open-ai".to_owned())),
            ),
            (
                "command:pass show x",
                Some(KeySource::Command(words(&["pass", "show", "x"]))),
            ),
            ("sk-secret", None),
            ("env:", None),
            ("env:A B", None),
            ("secret:../x", None),
            ("command: ", None),
            ("other:x", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
