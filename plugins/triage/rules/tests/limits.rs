//! Any text at all gives an answer, of bounded size and in bounded time.

use triage_rules::{
    Area, BODY_MAX_BYTES, Kind, Report, SUMMARY_MAX_CHARS, Severity, TITLE_MAX_BYTES, classify,
    summarise,
};

/// Pieces from which odd texts are put together: nothing, marks that open and
/// never close, hidden and combining characters, ends of lines of all sorts.
const ODD: [&str; 32] = [
    "",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{200b}",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "\u{10ffff}",
    "\u{e0041}",
    "e\u{301}\u{301}",
    "👩‍👩‍👧",
    "ß",
    "İ",
    "ﬁ",
    "```",
    "~~~~",
    "<!--",
    "-->",
    "://",
    "http://",
    "?",
    "> ",
    "    ",
    "|",
    "crash",
    "。",
];

fn check(title: &str, body: &str, comment: &str) {
    let report = Report {
        title,
        body,
        comments: vec![comment],
    };
    assert_eq!(
        classify(&report),
        classify(&report),
        "the same text, the same verdict"
    );
    let summary = summarise(&report);
    assert!(
        !summary.is_empty() && summary.chars().count() <= SUMMARY_MAX_CHARS,
        "{summary:?}"
    );
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{e0000}'..='\u{e0fff}')
    };
    assert!(!summary.contains(hides), "{summary:?}");
}

#[test]
fn every_odd_text_gets_an_answer() {
    for first in ODD {
        check(&first.repeat(400), &first.repeat(2000), &first.repeat(400));
        for second in ODD {
            let both = format!("{first}{second}");
            check(first, &both, second);
            check(&both, &format!("{second}\n{first}\n{second}"), &both);
        }
    }
}

#[test]
fn every_single_character_gets_an_answer() {
    for c in (0..=0x10_ffff_u32).step_by(131).filter_map(char::from_u32) {
        let text = format!("a{c}b {c} {c}");
        check(&text, &text, &text);
    }
}

#[test]
fn broken_bytes_made_whole_get_an_answer() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for length in 0..200_usize {
        let bytes = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        });
        let text = String::from_utf8_lossy(&bytes.take(length).collect::<Vec<u8>>()).into_owned();
        check(&text, &text, &text);
    }
}

#[test]
fn a_long_text_is_read_up_to_its_bound_and_in_good_time() {
    // No clock: work that grows with the square of a megabyte would not end.
    for piece in [
        "x",
        "crash ",
        "<!--",
        "<!-- -->",
        "```\n",
        "`",
        "://",
        "http://a ",
        "é",
        "\u{200b}",
        "\n",
        ". ",
        "#\n",
        "? ",
        " no",
    ] {
        let long = piece.repeat((1 << 20) / piece.len());
        check(&long, &long, &long);
    }
}

#[test]
fn what_lies_past_a_bound_is_not_read() {
    let telling = "vulnerability";
    let verdict = |title: &str, body: &str| {
        classify(&Report {
            title,
            body,
            comments: vec![],
        })
        .kind
    };
    assert_eq!(
        verdict(
            &format!("{}{telling}", " ".repeat(TITLE_MAX_BYTES - telling.len())),
            ""
        ),
        Kind::Security
    );
    assert_eq!(
        verdict(&format!("{}{telling}", " ".repeat(TITLE_MAX_BYTES)), ""),
        Kind::Question
    );
    assert_eq!(
        verdict(
            "",
            &format!("{}{telling}", "\n".repeat(BODY_MAX_BYTES - telling.len()))
        ),
        Kind::Security
    );
    assert_eq!(
        verdict("", &format!("{}{telling}", "\n".repeat(BODY_MAX_BYTES))),
        Kind::Question
    );
}

#[test]
fn the_closed_sets_have_distinct_names() {
    fn distinct<const N: usize>(names: [&str; N], all: usize) {
        let set: std::collections::BTreeSet<&str> = names.into_iter().collect();
        assert_eq!((set.len(), all), (N, N));
    }
    let kinds = [
        "bug",
        "feature",
        "question",
        "documentation",
        "security",
        "spam",
    ];
    distinct(kinds, Kind::ALL.len());
    assert!(Kind::ALL.iter().all(|kind| kinds.contains(&kind.as_str())));
    let severities = ["low", "normal", "high", "critical"];
    distinct(severities, Severity::ALL.len());
    assert!(
        Severity::ALL
            .iter()
            .all(|severity| severities.contains(&severity.as_str()))
    );
    let areas = [
        "cli",
        "network",
        "storage",
        "performance",
        "build",
        "docs",
        "ui",
        "other",
    ];
    distinct(areas, Area::ALL.len());
    assert!(Area::ALL.iter().all(|area| areas.contains(&area.as_str())));
}
