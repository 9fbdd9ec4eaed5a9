//! How many points a text earns from a table of words.

use crate::text::Page;

/// One row of a table: these words speak for `says`, each with this weight.
///
/// A word is written as [`normal`] leaves it: lower case, words parted by one
/// space, no punctuation. A final `*` stands for any ending. Scripts that do
/// not part words are looked for anywhere.
#[derive(Debug)]
pub(crate) struct Row<T: 'static> {
    pub(crate) says: T,
    pub(crate) weight: u32,
    pub(crate) words: &'static [&'static str],
}

/// A title names the matter.
const IN_TITLE: u32 = 6;
/// Prose explains it.
const IN_PROSE: u32 = 3;
/// A pasted log has all sorts of words in it; they barely count.
const IN_QUOTED: u32 = 1;

/// Holds a page's text in the form in which words are looked for.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) title: String,
    prose: String,
    quoted: String,
}

impl Words {
    /// Prepares a page.
    pub(crate) fn of(page: &Page) -> Self {
        Self {
            title: normal(&page.title),
            prose: normal(&page.prose),
            quoted: normal(&page.quoted),
        }
    }

    /// Returns the points of all rows for `wanted`, for words that are said and
    /// not denied.
    pub(crate) fn points<T: PartialEq>(&self, table: &[Row<T>], wanted: &T) -> u32 {
        self.count(table, wanted, says)
    }

    /// Returns the points of all rows for `wanted`, for words that are said or
    /// denied: "no network" is about the network.
    pub(crate) fn mentions<T: PartialEq>(&self, table: &[Row<T>], wanted: &T) -> u32 {
        self.count(table, wanted, mentions)
    }

    fn count<T: PartialEq>(&self, table: &[Row<T>], wanted: &T, holds: Holds) -> u32 {
        let rows = table.iter().filter(|row| row.says == *wanted);
        rows.map(|row| {
            row.weight
                * row
                    .words
                    .iter()
                    .map(|word| self.place(word, holds))
                    .sum::<u32>()
        })
        .sum()
    }

    /// Returns what the best place of a word is worth. A word counts once:
    /// saying it a hundred times changes nothing.
    fn place(&self, word: &str, holds: Holds) -> u32 {
        if holds(&self.title, word) {
            IN_TITLE
        } else if holds(&self.prose, word) {
            IN_PROSE
        } else if holds(&self.quoted, word) {
            IN_QUOTED
        } else {
            0
        }
    }
}

/// Returns the member with the most points, the first of equals, with its points.
pub(crate) fn best<T: Copy>(all: &[T], points: impl Fn(T) -> u32) -> Option<(T, u32)> {
    let scored = all.iter().map(|member| (*member, points(*member)));
    scored.reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// Returns lower-case words parted by single spaces, with one at either end.
/// Addresses are dropped, since nobody chose their words to tell something.
pub(crate) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in without_links(text, " ")
        .chars()
        .flat_map(char::to_lowercase)
    {
        match c {
            '\'' | '’' => {}
            c if c.is_alphanumeric() => out.push(c),
            _ if out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// Replaces every web address.
pub(crate) fn without_links(text: &str, instead: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before.trim_end_matches(|c: char| c.is_ascii_alphanumeric()));
        out.push_str(instead);
        let ends = |c: char| {
            c.is_whitespace() || matches!(c, ')' | '>' | '"' | ']' | '`' | '|' | '、' | '。')
        };
        let end = address.find(ends).unwrap_or(address.len());
        rest = address.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A way to tell whether normal text holds a word.
type Holds = fn(&str, &str) -> bool;

/// Tells whether normal text says a word, other than to deny it.
pub(crate) fn says(text: &str, word: &str) -> bool {
    find(text, word, |before| !denies(before))
}

/// Tells whether normal text has a word in it.
pub(crate) fn mentions(text: &str, word: &str) -> bool {
    find(text, word, |_| true)
}

/// Looks for a word of a table where the text before it is fit.
fn find(text: &str, word: &str, fit: impl Fn(&str) -> bool) -> bool {
    if word.chars().any(is_unparted) {
        return text.contains(word);
    }
    let (word, any_ending) = word
        .strip_suffix('*')
        .map_or((word, false), |stem| (stem, true));
    text.match_indices(word).any(|(at, found)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + found.len()..).unwrap_or_default();
        before.ends_with(' ') && (any_ending || after.starts_with(' ')) && fit(before)
    })
}

/// Tells whether the words before deny the one that follows: "no data loss".
fn denies(before: &str) -> bool {
    const DENIALS: [&str; 9] = [
        "no", "not", "nothing", "without", "never", "kein", "keine", "ohne", "sin",
    ];
    before
        .split_ascii_whitespace()
        .next_back()
        .is_some_and(|last| DENIALS.contains(&last))
}

/// Tells whether a character belongs to a script that does not part words.
pub(crate) const fn is_unparted(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_text_is_lower_case_words() {
        let cases = [
            ("", " "),
            ("Don't PANIC!!", " dont panic "),
            ("see https://a.example/crash?x=y) then", " see then "),
            ("a`ssh://h/p`b", " a b "),
            ("Größe — ÜBER", " größe über "),
            ("://", " "),
        ];
        for (text, expected) in cases {
            assert_eq!(normal(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_word_is_found_whole_by_stem_or_anywhere_in_unparted_scripts() {
        let cases = [
            ("it crashed", "crash*", true),
            ("it crashed", "crash", false),
            ("a recrash", "crash*", false),
            ("there is data loss", "data loss", true),
            ("there is no data loss", "data loss", false),
            ("no data loss at first then data loss", "data loss", true),
            ("起動するとクラッシュする", "クラッシュ", true),
        ];
        for (text, word, expected) in cases {
            assert_eq!(says(&normal(text), word), expected, "{text} / {word}");
        }
    }

    #[test]
    fn a_denied_word_is_mentioned_but_not_said() {
        let text = normal("It crashes without a network");
        assert!(mentions(&text, "network*") && !says(&normal("no network"), "network*"));
        assert!(mentions(&text, "crash*") && says(&text, "crash*"));
    }

    #[test]
    fn a_word_counts_once_where_it_tells_most() {
        const TABLE: &[Row<bool>] = &[Row {
            says: true,
            weight: 2,
            words: &["crash*"],
        }];
        let points =
            |title: &str, body: &str| Words::of(&Page::read(title, body)).points(TABLE, &true);
        assert_eq!(points("Crash", "crash crash"), 2 * IN_TITLE);
        assert_eq!(points("x", &"crash ".repeat(500)), 2 * IN_PROSE);
        assert_eq!(points("x", "```\ncrash\n```"), 2 * IN_QUOTED);
        assert_eq!(points("x", "<!-- crash -->"), 0);
    }
}
