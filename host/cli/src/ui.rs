//! The only place that writes to the terminal.
#![expect(clippy::print_stderr, reason = "the command line's own output")]

use std::io::{IsTerminal as _, Write as _};

/// Writes a result for the user or the next program.
pub(crate) fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // A reader that closed its end (`| head`) wants no more.
    drop(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.write_all(b"\n")),
    );
}

/// Writes a line about what happens.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Writes a question and leaves the cursor behind it.
pub(crate) fn prompt(text: &str) {
    eprint!("{text}");
}

/// A colour, where one is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tone {
    Good,
    Bad,
    Warn,
    Dim,
    Bold,
}

/// Colours text for the standard error.
pub(crate) fn paint(tone: Tone, text: &str) -> String {
    coloured(tone, text, std::io::stderr().is_terminal())
}

/// Colours text for the standard output.
pub(crate) fn paint_out(tone: Tone, text: &str) -> String {
    coloured(tone, text, std::io::stdout().is_terminal())
}

fn coloured(tone: Tone, text: &str, is_terminal: bool) -> String {
    if !is_terminal || !colours() {
        return text.to_owned();
    }
    let code = match tone {
        Tone::Good => "32",
        Tone::Bad => "31",
        Tone::Warn => "33",
        Tone::Dim => "2",
        Tone::Bold => "1",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// Colours are for a terminal whose owner did not decline them (<https://no-color.org>).
fn colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Returns whether progress bars can be drawn.
pub(crate) fn has_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Lines on the terminal of the standard output that are drawn again and again.
#[derive(Debug)]
pub(crate) struct Screen {
    terminal: console::Term,
    /// The lines that stand there.
    drawn: Vec<String>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self {
            terminal: console::Term::stdout(),
            drawn: Vec::new(),
        }
    }

    /// Returns whether the standard output is a terminal.
    pub(crate) fn is_there(&self) -> bool {
        self.terminal.is_term()
    }

    /// Returns how many lines there is room for.
    pub(crate) fn room(&self) -> usize {
        let (height, _) = self.terminal.size();
        usize::from(height).saturating_sub(1).max(1)
    }

    /// Draws lines over those that stand there, where they differ; of more than there is room
    /// for, the last.
    pub(crate) fn draw(&mut self, lines: &[String]) -> std::io::Result<()> {
        let (_, width) = self.terminal.size();
        let skipped = lines.len().saturating_sub(self.room());
        let cut = |line: &String| console::truncate_str(line, usize::from(width), "…").into_owned();
        let lines: Vec<String> = lines.iter().skip(skipped).map(cut).collect();
        if lines == self.drawn {
            return Ok(());
        }
        self.terminal.clear_last_lines(self.drawn.len())?;
        self.terminal.write_line(&lines.join("\n"))?;
        self.drawn = lines;
        Ok(())
    }
}

/// Makes somebody else's text safe to show: nothing in it can move the cursor, hide or
/// reverse text, or look like a line of ours.
pub(crate) fn escape(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_control() || is_invisible(letter) {
                letter.escape_unicode().to_string()
            } else {
                letter.to_string()
            }
        })
        .collect()
}

/// Zero-width, bidirectional and tag characters (Unicode TR36, *Security Considerations*).
pub(crate) fn is_invisible(letter: char) -> bool {
    matches!(u32::from(letter),
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
        | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_strangers_cannot_drive_the_terminal() {
        assert_eq!(escape("a\u{1b}[2Jb\r\nc"), "a\\u{1b}[2Jb\\u{d}\\u{a}c");
        assert_eq!(
            escape("\u{202e}txt\u{200b}\u{e0041}"),
            "\\u{202e}txt\\u{200b}\\u{e0041}"
        );
        assert_eq!(escape("größer 日本"), "größer 日本");
    }
}
