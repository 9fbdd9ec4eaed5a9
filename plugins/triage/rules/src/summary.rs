//! One honest sentence about a report, in its author's own words.

use crate::Report;
use crate::score;
use crate::text::{self, Page};
use crate::words;

/// Bounds a summary, in characters. It fits one row of a tracker's list.
pub const SUMMARY_MAX_CHARS: usize = 280;

/// Bounds the title's part, so that a sentence always has room.
const TITLE_MAX_CHARS: usize = 120;

/// Sentences past these are not looked at: who reports, begins with the matter.
const SENTENCES_MAX: usize = 40;

/// Sums a report up: its title and its first telling sentence.
///
/// The words are the author's, so the summary is as untrusted as they are.
/// It is one line without control or invisible characters, addresses or
/// images, and at most [`SUMMARY_MAX_CHARS`] long; never empty.
pub fn summarise(report: &Report<'_>) -> String {
    let page = Page::read(report.title, report.body);
    let title = clip(&plain(&page.title), TITLE_MAX_CHARS);
    let title = if title.is_empty() {
        "(no title)".to_owned()
    } else {
        title
    };
    match telling(&page.prose) {
        Some(sentence) => clip(&format!("{title} – {sentence}"), SUMMARY_MAX_CHARS),
        None => title,
    }
}

/// Returns the first sentence that says something in the tables' words, else
/// the first that is one at all.
fn telling(prose: &str) -> Option<String> {
    let paragraphs = paragraphs(prose);
    let all = paragraphs
        .iter()
        .flat_map(|paragraph| sentences(paragraph))
        .take(SENTENCES_MAX);
    let all: Vec<&str> = all.filter(|sentence| is_sentence(sentence)).collect();
    let chosen = all
        .iter()
        .find(|sentence| tells(sentence))
        .or_else(|| all.first());
    chosen.map(|sentence| (*sentence).to_owned())
}

fn tells(sentence: &str) -> bool {
    let sentence = score::normal(sentence);
    let rows = words::KIND.iter().filter(|row| row.weight >= 2);
    rows.flat_map(|row| row.words)
        .any(|word| score::says(&sentence, word))
}

/// Joins the lines of running text; headings, tables and tags end a paragraph
/// and are left out, list items are paragraphs of their own.
fn paragraphs(prose: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for line in prose.lines() {
        let line = line.trim();
        let is_item =
            line.starts_with(['-', '*', '+']) || line.starts_with(|c: char| c.is_ascii_digit());
        if line.is_empty() || is_item || line.starts_with(['#', '|', '<']) {
            all.push(String::new());
        }
        if let Some(last) = all
            .last_mut()
            .filter(|_| !line.starts_with(['#', '|', '<']))
        {
            last.push_str(line);
            last.push(' ');
        }
    }
    all.iter().map(|paragraph| plain(paragraph)).collect()
}

/// Splits after a mark that ends a sentence and is followed by a space, or
/// after a full-width one.
fn sentences(paragraph: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut letters = paragraph.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let ends = matches!(c, '。' | '！' | '？')
            || (matches!(c, '.' | '!' | '?')
                && letters.peek().is_none_or(|(_, next)| next.is_whitespace()));
        if ends {
            all.extend(paragraph.get(start..at + c.len_utf8()));
            start = at + c.len_utf8();
        }
    }
    all.extend(paragraph.get(start..));
    all.into_iter().map(str::trim).collect()
}

/// Tells whether a piece is long enough to say something.
fn is_sentence(piece: &str) -> bool {
    piece.split_whitespace().count() >= 4
        || piece.chars().filter(|c| score::is_unparted(*c)).count() >= 8
}

/// Drops Markdown's marks and addresses and joins everything to one line.
fn plain(text: &str) -> String {
    // What is left of `[text](address)` is the text.
    let text = score::without_links(text, "(link)").replace("]((link))", "]");
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '*' | '`' | '[' | ']'))
        .collect();
    let text =
        text.trim_start_matches(|c: char| matches!(c, '-' | '+' | '!' | '#') || c.is_whitespace());
    text::one_line(text)
}

/// Cuts to so many characters, and shows that it did.
fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
