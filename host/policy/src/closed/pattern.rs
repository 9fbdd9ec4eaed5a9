//! Patterns with a bounded number of matches: one character class, so many times.

use std::iter::Peekable;
use std::str::Chars;

/// The texts of `minimum..=maximum` characters from an alphabet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Ranges of characters, in order, that do not overlap.
    alphabet: Vec<(char, char)>,
    pub(super) minimum: u32,
    pub(super) maximum: u32,
}

/// The form a pattern may have, for messages.
pub(super) const FORM: &str = "one character class, such as `^[a-z0-9-]{1,20}$`";

/// A pattern as it is written: a class, and how often; a missing maximum is left to
/// the schema's `maxLength`.
#[derive(Debug)]
pub(super) struct Written {
    alphabet: Vec<(char, char)>,
    pub(super) minimum: u32,
    pub(super) maximum: Option<u32>,
}

impl Written {
    /// Reads a regular expression that is one anchored character class.
    pub(super) fn parse(expression: &str) -> Option<Self> {
        let inner = expression.strip_prefix('^')?.strip_suffix('$')?;
        let mut rest = inner.chars().peekable();
        let ranges = match rest.next()? {
            '[' => class(&mut rest)?,
            '\\' => escape(&mut rest)?.ranges(),
            _ => return None,
        };
        let quantifier: String = rest.collect();
        let (minimum, maximum) = repetition(&quantifier)?;
        Some(Self {
            alphabet: merge(ranges),
            minimum,
            maximum,
        })
    }

    /// Returns the pattern with lengths of at least and at most these.
    pub(super) fn bounded(self, minimum: u32, maximum: u32) -> Pattern {
        Pattern {
            alphabet: self.alphabet,
            minimum: self.minimum.max(minimum),
            maximum: self.maximum.map_or(maximum, |own| own.min(maximum)),
        }
    }
}

impl Pattern {
    /// Returns how many characters there are to choose from.
    pub(super) fn alphabet_size(&self) -> u32 {
        self.alphabet.iter().map(|range| size(*range)).sum()
    }

    /// Returns whether the text matches. Lengths count characters, not bytes.
    pub(super) fn accepts(&self, text: &str) -> bool {
        let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        (self.minimum..=self.maximum).contains(&length)
            && text.chars().all(|letter| self.has(letter))
    }

    fn has(&self, letter: char) -> bool {
        self.alphabet
            .iter()
            .any(|(low, high)| (*low..=*high).contains(&letter))
    }
}

/// One element of a class.
enum Element {
    One(char),
    Many(&'static [(char, char)]),
}

impl Element {
    fn ranges(&self) -> Vec<(char, char)> {
        match self {
            Self::One(letter) => vec![(*letter, *letter)],
            Self::Many(ranges) => ranges.to_vec(),
        }
    }
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// Reads a class up to its `]`. A negated one has no end and is refused.
fn class(rest: &mut Peekable<Chars<'_>>) -> Option<Vec<(char, char)>> {
    let mut ranges = Vec::new();
    if rest.peek() == Some(&'^') {
        return None;
    }
    loop {
        let element = match rest.next()? {
            ']' => break,
            '[' => return None,
            '\\' => escape(rest)?,
            letter => Element::One(letter),
        };
        if !begins_range(rest) {
            ranges.extend(element.ranges());
            continue;
        }
        rest.next();
        let last = match rest.next()? {
            '[' => return None,
            '\\' => escape(rest)?,
            letter => Element::One(letter),
        };
        match (element, last) {
            (Element::One(low), Element::One(high)) if low <= high => ranges.push((low, high)),
            _ => return None,
        }
    }
    (!ranges.is_empty()).then_some(ranges)
}

/// A `-` is a range unless it is the class's last character.
fn begins_range(rest: &Peekable<Chars<'_>>) -> bool {
    let mut ahead = rest.clone();
    ahead.next() == Some('-') && ahead.next().is_some_and(|next| next != ']')
}

/// Reads what follows a backslash. A letter that is not known is refused, not taken as itself.
fn escape(rest: &mut Peekable<Chars<'_>>) -> Option<Element> {
    Some(match rest.next()? {
        'd' => Element::Many(DIGITS),
        'w' => Element::Many(WORD),
        'n' => Element::One('\n'),
        't' => Element::One('\t'),
        mark if mark.is_ascii_punctuation() => Element::One(mark),
        _ => return None,
    })
}

/// Reads how often: nothing, `?`, `*`, `+`, `{n}`, `{n,}` or `{n,m}`.
fn repetition(quantifier: &str) -> Option<(u32, Option<u32>)> {
    match quantifier {
        "" => return Some((1, Some(1))),
        "?" => return Some((0, Some(1))),
        "*" => return Some((0, None)),
        "+" => return Some((1, None)),
        _ => {}
    }
    let inner = quantifier.strip_prefix('{')?.strip_suffix('}')?;
    let Some((low, high)) = inner.split_once(',') else {
        let exactly = number(inner)?;
        return Some((exactly, Some(exactly)));
    };
    let high = if high.is_empty() {
        None
    } else {
        Some(number(high)?)
    };
    Some((number(low)?, high))
}

fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// Sorts ranges and unites those that overlap, so that no character counts twice.
fn merge(mut ranges: Vec<(char, char)>) -> Vec<(char, char)> {
    ranges.sort_unstable();
    let mut merged: Vec<(char, char)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match merged.last_mut() {
            Some((_, end)) if low <= *end => *end = high.max(*end),
            _ => merged.push((low, high)),
        }
    }
    merged
}

/// Surrogates lie between two characters and are none themselves.
const SURROGATES: u32 = 0x800;

fn size((low, high): (char, char)) -> u32 {
    let all = u32::from(high) - u32::from(low) + 1;
    if low < '\u{e000}' && high >= '\u{e000}' {
        all - SURROGATES
    } else {
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Option<(u32, u32, Option<u32>)>) {
        let written = Written::parse(expression);
        let found = written.map(|written| {
            let (minimum, maximum) = (written.minimum, written.maximum);
            (written.bounded(0, 0).alphabet_size(), minimum, maximum)
        });
        assert_eq!(found, expected, "{expression}");
    }

    #[test]
    fn one_class_with_a_repetition_is_read() {
        check("^[a-z0-9-]{1,20}$", Some((37, 1, Some(20))));
        check("^[a-z]*$", Some((26, 0, None)));
        check("^[-a]+$", Some((2, 1, None)));
        check("^[ab]?$", Some((2, 0, Some(1))));
        check("^[ab]$", Some((2, 1, Some(1))));
        check("^[abab]{3}$", Some((2, 3, Some(3))));
        check("^[a-fc-z]{2,}$", Some((26, 2, None)));
        check("^\\d{4}$", Some((10, 4, Some(4))));
        check("^[\\w.\\-\\]]{1,8}$", Some((66, 1, Some(8))));
        check("^[а-я]{1,3}$", Some((32, 1, Some(3))));
        check("^[\u{d7ff}-\u{e000}]$", Some((2, 1, Some(1))));
    }

    #[test]
    fn whatever_else_is_refused() {
        for open in [
            "",
            "^",
            "^$",
            "[a-z]{1,2}",
            "^[a-z]{1,2}",
            "^[^a]{1,2}$",
            "^.{1,2}$",
            "^a$",
            "^[a-z]{1,2}[0-9]$",
            "^[a-z]{1,2}?$",
            "^[a-z]**$",
            "^[]{1,2}$",
            "^[z-a]$",
            "^[\\d-z]$",
            "^[\\s]$",
            "^[a$",
            "^[a-$",
            "^[[:alpha:]]$",
            "^[a]{+1}$",
            "^[a]{,2}$",
            "^[a]{99999999999}$",
            "^(a|b)$",
            "^[a]{1,2}$|x$",
            "^\\q$",
        ] {
            check(open, None);
        }
    }

    #[test]
    fn lengths_count_characters() {
        let pattern = Written::parse("^[é-ü]*$").unwrap().bounded(1, 2);
        assert!(pattern.accepts("éü"));
        assert!(!pattern.accepts("éüé"));
        assert!(!pattern.accepts(""));
        assert!(!pattern.accepts("e"));
    }
}
