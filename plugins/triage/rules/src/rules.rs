//! How points become a verdict.

use crate::Report;
use crate::score::{self, Words};
use crate::text::Page;
use crate::verdict::{Area, Kind, Severity, Verdict};
use crate::words::{self, Weighs};

/// A title that is put as a question says as much as one sure word in it.
const ASKING_TITLE: u32 = 24;

/// A title that begins like a wish ("add ...") says a little less.
const WISHING_TITLE: u32 = 18;

/// From here on the words for a severity are believed: one word of weight 3
/// in prose, or the like.
const TELLING: u32 = 9;

/// One sure word in prose, or two likely ones.
const RUINOUS: u32 = 12;

/// With fewer points a report is neither security nor spam: the one makes
/// people drop everything, the other makes them look away.
const GRAVE_KIND_FLOOR: u32 = 9;

/// With fewer points no area is named.
const AREA_FLOOR: u32 = 4;

/// A bug told in fewer characters, with nothing pasted or linked, lacks what is needed to
/// look into it. Somebody has to ask.
const THIN_CHARS: usize = 250;

/// Sorts a report. Any text gives a verdict, and the same text the same one.
///
/// Reads the title, the body and the last comment within the bounds of
/// [`crate::TITLE_MAX_BYTES`] and [`crate::BODY_MAX_BYTES`].
pub fn classify(report: &Report<'_>) -> Verdict {
    let page = Page::read(report.title, report.body);
    let words = Words::of(&page);
    let kind = kind(&page, &words);
    Verdict {
        kind,
        severity: severity(kind, &words),
        area: area(kind, &words),
        needs_reply: needs_reply(kind, report, &page),
    }
}

fn kind(page: &Page, words: &Words) -> Kind {
    let shape = |kind| match kind {
        Kind::Question => asking(page, words),
        Kind::Feature => wishing(words),
        Kind::Security | Kind::Bug | Kind::Documentation | Kind::Spam => 0,
    };
    let points = |kind| match (kind, words.points(words::KIND, &kind) + shape(kind)) {
        (Kind::Security | Kind::Spam, ..GRAVE_KIND_FLOOR) => 0,
        (_, points) => points,
    };
    match score::best(Kind::ALL, points) {
        Some((kind, 1..)) => kind,
        // Nothing tells: whatever it is, its author has to be asked.
        Some((_, 0)) | None => Kind::Question,
    }
}

fn asking(page: &Page, words: &Words) -> u32 {
    let asks = is_question(&page.title) || begins_with(words, words::ASKS);
    if asks { ASKING_TITLE } else { 0 }
}

fn wishing(words: &Words) -> u32 {
    if begins_with(words, words::WISHES) {
        WISHING_TITLE
    } else {
        0
    }
}

fn begins_with(words: &Words, any: &[&str]) -> bool {
    words
        .title
        .split_ascii_whitespace()
        .next()
        .is_some_and(|first| any.contains(&first))
}

fn severity(kind: Kind, words: &Words) -> Severity {
    let points = |weighs| words.points(words::SEVERITY, &weighs);
    let ruinous = points(Weighs::Ruinous) >= RUINOUS;
    match kind {
        Kind::Spam | Kind::Question => Severity::Low,
        Kind::Security if ruinous => Severity::Critical,
        Kind::Security => Severity::High,
        Kind::Bug if ruinous => Severity::Critical,
        Kind::Bug if points(Weighs::Grave) >= TELLING && points(Weighs::Eased) < TELLING => {
            Severity::High
        }
        Kind::Bug | Kind::Feature | Kind::Documentation => {
            if points(Weighs::Slight) >= TELLING {
                Severity::Low
            } else {
                Severity::Normal
            }
        }
    }
}

fn area(kind: Kind, words: &Words) -> Area {
    match kind {
        Kind::Spam => Area::Other,
        Kind::Documentation => Area::Docs,
        Kind::Bug | Kind::Feature | Kind::Question | Kind::Security => {
            match score::best(Area::ALL, |area| words.mentions(words::AREA, &area)) {
                Some((area, AREA_FLOOR..)) => area,
                _ => Area::Other,
            }
        }
    }
}

/// Tells whether somebody waits: the last one to speak asked, or nobody has
/// answered something that needs an answer.
fn needs_reply(kind: Kind, report: &Report<'_>, page: &Page) -> bool {
    let answered_with = report
        .comments
        .last()
        .map(|last| Page::read("", last).prose);
    let thin = page.prose.chars().count() < THIN_CHARS
        && page.quoted.trim().is_empty()
        && !page.prose.contains("://");
    match (kind, answered_with) {
        (Kind::Spam, _) => false,
        // No stranger's comment may silence one.
        (Kind::Security, _) => true,
        (_, Some(last)) => asks(&last),
        (Kind::Question, None) => true,
        (Kind::Bug, None) => thin || asks(&page.prose),
        (Kind::Feature | Kind::Documentation, None) => asks(&page.prose),
    }
}

/// Tells whether a text has a sentence that asks. Addresses do not count, nor
/// the headings of a form, which ask the author.
fn asks(prose: &str) -> bool {
    let prose = score::without_links(prose, " ");
    let lines = prose
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with(['#', '<']) && !line.starts_with("**"));
    lines.flat_map(str::split_whitespace).any(is_question)
}

fn is_question(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| {
        matches!(c, ')' | '"' | '*' | '_' | '!' | '”' | '»') || c.is_whitespace()
    });
    text.ends_with(['?', '？', '¿', '؟'])
}
