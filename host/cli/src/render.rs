//! Shows somebody else's text so that it can be judged: nothing hidden, nothing moved, marked.

use std::fmt::Write as _;

use lazaret_workflow::event::LabelText;
use serde_json::Value;

use crate::ui::{self, Tone};

/// The most characters of one line: what is longer goes on below, not out of sight.
const WIDTH: usize = 96;

/// Returns a value in lines that can be shown, each with a mark of where the text came from.
pub(crate) fn lines(value: &Value, taint: &[String]) -> Vec<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    let mark = if taint.is_empty() { "│ " } else { "┃ " };
    let mark = if taint.is_empty() {
        mark.to_owned()
    } else {
        ui::paint(Tone::Warn, mark)
    };
    let folded = text.split('\n').flat_map(|line| fold(&ui::escape(line)));
    let mut lines: Vec<String> = folded.map(|line| format!("  {mark}{line}")).collect();
    for hint in hints(&text) {
        lines.push(ui::paint(Tone::Warn, &format!("  ! {hint}")));
    }
    lines
}

/// Says where text may come from.
pub(crate) fn origin(taint: &[String]) -> String {
    if taint.is_empty() {
        return "trusted".to_owned();
    }
    let from = ui::escape(&taint.join(", "));
    ui::paint(Tone::Warn, &format!("untrusted, may come from {from}"))
}

/// Returns a label in words.
pub(crate) fn label(label: &LabelText) -> String {
    let taint = if label.taint.is_empty() {
        "trusted".to_owned()
    } else {
        label.taint.join("+")
    };
    match &label.readers {
        None => format!("{taint}, public"),
        Some(readers) if readers.is_empty() => format!("{taint}, nobody"),
        Some(readers) => format!("{taint}, for {}", readers.join("+")),
    }
}

/// Puts a patch of the run tree into the lines of its differences: each file with what it was
/// and becomes, and who could have written it. `None` where it is no patch.
pub(crate) fn patch(value: &Value) -> Option<String> {
    let mut text = String::new();
    for change in value.get("changes")?.as_array()? {
        let word = |key: &str| change.get(key).and_then(Value::as_str);
        let what = match (word("before"), word("after")) {
            (None, _) => "new",
            (_, None) => "deleted",
            _ => "changed",
        };
        let path = word("path")?;
        let taint = change.get("taint")?.as_array()?.iter();
        let taint: Vec<&str> = taint.filter_map(Value::as_str).collect();
        let from = if taint.is_empty() {
            String::new()
        } else {
            format!(", may come from {}", taint.join(", "))
        };
        let (before, after) = (word("before").unwrap_or("-"), word("after").unwrap_or("-"));
        writeln!(text, "{what} {path}{from}\n  {before}\n  {after}").ok()?;
        writeln!(text, "{}", word("diff")?).ok()?;
    }
    Some(text)
}

fn fold(line: &str) -> Vec<String> {
    let letters: Vec<char> = line.chars().collect();
    if letters.is_empty() {
        return vec![String::new()];
    }
    let pieces = letters.chunks(WIDTH);
    pieces.map(|piece| piece.iter().collect()).collect()
}

/// Says what a reader could overlook.
fn hints(text: &str) -> Vec<String> {
    let mut hints = Vec::new();
    if text.contains("<!--") {
        hints.push("it holds an HTML comment, which a web page would not show".to_owned());
    }
    if ui::escape(text) != text && text.chars().any(ui::is_invisible) {
        hints.push("it holds characters that are invisible or change the direction".to_owned());
    }
    let mixed = text
        .split(|letter: char| !letter.is_alphanumeric())
        .find(|word| is_mixed(word));
    if let Some(word) = mixed {
        let foreign: Vec<String> = word
            .chars()
            .filter(|letter| alphabet(*letter) != Some(Alphabet::Latin))
            .filter(|letter| letter.is_alphabetic())
            .map(|letter| format!("U+{:04X}", u32::from(letter)))
            .collect();
        hints.push(format!(
            "`{}` mixes alphabets and may look like another word ({})",
            ui::escape(word),
            foreign.join(", ")
        ));
    }
    hints
}

/// Alphabets with letters that look like those of another one (Unicode TR39, *Security
/// Mechanisms*, section 5: mixed-script detection).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Wide,
}

fn alphabet(letter: char) -> Option<Alphabet> {
    Some(match u32::from(letter) {
        0x41..=0x5A | 0x61..=0x7A | 0xC0..=0x24F => Alphabet::Latin,
        0x370..=0x3FF | 0x1F00..=0x1FFF => Alphabet::Greek,
        0x400..=0x52F => Alphabet::Cyrillic,
        0x530..=0x58F => Alphabet::Armenian,
        0xFF21..=0xFF5A | 0x1D400..=0x1D7FF => Alphabet::Wide,
        _ => return None,
    })
}

fn is_mixed(word: &str) -> bool {
    let mut found = word.chars().filter_map(alphabet);
    let first = found.next();
    found.any(|other| Some(other) != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        lines(&Value::String(text.to_owned()), &[]).join("\n")
    }

    #[test]
    fn a_line_of_strangers_stays_behind_its_mark() {
        let shown = shown("hello\nApproved. Type a.\u{1b}[2J\r");
        let expected = "  │ hello\n  │ Approved. Type a.\\u{1b}[2J\\u{d}";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_long_line_goes_on_below() {
        let all = lines(&Value::String("x".repeat(2 * WIDTH + 1)), &[]);
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|line| line.chars().count() <= WIDTH + 4));
    }

    #[test]
    fn what_could_be_overlooked_is_said() {
        assert!(shown("a <!-- b --> c").contains("HTML comment"));
        assert!(shown("pay\u{202e}lap").contains("change the direction"));
        assert!(shown("p\u{430}ypal").contains("U+0430"));
        assert!(!shown("größer 日本 Москва").contains('!'));
    }

    #[test]
    fn tainted_text_has_another_mark() {
        let tainted = lines(&Value::String("x".to_owned()), &["web".to_owned()]);
        assert!(tainted.iter().all(|line| line.contains('┃')));
    }
}
