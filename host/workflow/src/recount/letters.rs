//! Of how many letters is a text of a pattern, and how many are there to choose from?

use std::iter::Peekable;
use std::str::Chars;

/// Texts of so many letters, each one of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Letters {
    /// How many letters there are to choose from.
    pub(super) alphabet: u128,
    /// The fewest letters of a text.
    pub(super) shortest: u32,
    /// The most letters of a text, where the pattern says it.
    pub(super) longest: Option<u32>,
}

/// Letters from the first to the last of a pair.
type Range = (char, char);

/// Reads a pattern that is one class and how often it stands there.
pub(super) fn read(pattern: &str) -> Option<Letters> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let mut rest = inner.chars().peekable();
    let mut ranges = Vec::new();
    if rest.next_if_eq(&'[').is_none() {
        rest.next_if_eq(&'\\')?;
        ranges.extend(escaped(rest.next()?));
    } else {
        while rest.next_if_eq(&']').is_none() {
            ranges.extend(element(&mut rest)?);
        }
    }
    let (shortest, longest) = how_often(&rest.collect::<String>())?;
    Some(Letters {
        alphabet: different(ranges)?,
        shortest,
        longest,
    })
}

/// Reads a letter, an escape or a range of a class. A minus before the end is itself.
fn element(rest: &mut Peekable<Chars<'_>>) -> Option<Vec<Range>> {
    let first = one(rest)?;
    let mut ahead = rest.clone();
    let is_range = ahead.next() == Some('-') && ahead.next() != Some(']');
    if !is_range {
        return Some(first);
    }
    rest.next();
    let last = one(rest)?;
    Some(vec![(first.first()?.0, last.first()?.1)])
}

fn one(rest: &mut Peekable<Chars<'_>>) -> Option<Vec<Range>> {
    match rest.next()? {
        '\\' => rest.next().map(escaped),
        letter => Some(vec![(letter, letter)]),
    }
}

fn escaped(letter: char) -> Vec<Range> {
    match letter {
        'd' => vec![('0', '9')],
        'w' => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')],
        'n' => vec![('\n', '\n')],
        't' => vec![('\t', '\t')],
        itself => vec![(itself, itself)],
    }
}

fn how_often(text: &str) -> Option<(u32, Option<u32>)> {
    match text {
        "" => return Some((1, Some(1))),
        "?" => return Some((0, Some(1))),
        "*" => return Some((0, None)),
        "+" => return Some((1, None)),
        _ => {}
    }
    let bounds = text.strip_prefix('{')?.strip_suffix('}')?;
    let number = |digits: &str| digits.parse::<u32>().ok();
    Some(match bounds.split_once(',') {
        None => (number(bounds)?, Some(number(bounds)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    })
}

/// Counts each letter once: those of a range that come after all that were counted before.
fn different(mut ranges: Vec<Range>) -> Option<u128> {
    ranges.sort_unstable();
    let mut count = 0;
    let mut from = Some('\0');
    for (first, last) in ranges {
        let Some(start) = from else { break };
        let start = start.max(first);
        if start <= last {
            count += (start..=last).count();
            from = (last..=char::MAX).nth(1);
        }
    }
    u128::try_from(count).ok()
}
