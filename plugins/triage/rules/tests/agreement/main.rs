//! How often the rules say what a careful person said about the demo's reports.
//!
//! `cargo test -p triage-rules --test agreement -- --nocapture` prints the numbers and every difference.
//! The floors are what holds with some room, not what was hoped for.
//!
//! One hand wrote the reports, the verdicts and the words, so the numbers flatter:
//! on a stranger's repository expect less.

#![expect(clippy::print_stdout, reason = "the numbers are for people to read")]
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "a test's helper fails by panicking"
)]

mod json;

use json::Json;
use triage_rules::{Report, Verdict, classify, summarise};

const ISSUES: &str = include_str!("../../../../workflows/triage/data/issues.json");
const EXPECTED: &str = include_str!("../../../../workflows/triage/data/expected.json");

/// The fields of a verdict and the percentage that has to agree.
const FLOORS: [(&str, usize); 4] = [
    ("kind", 85),
    ("severity", 75),
    ("area", 75),
    ("needs_reply", 80),
];

fn report(issue: &Json) -> Report<'_> {
    let comments = issue
        .at("comments")
        .list()
        .iter()
        .map(|comment| comment.at("body").text())
        .collect();
    Report {
        title: issue.at("title").text(),
        body: issue.at("body").text(),
        comments,
    }
}

fn field(verdict: Verdict, name: &str) -> String {
    match name {
        "kind" => verdict.kind.to_string(),
        "severity" => verdict.severity.to_string(),
        "area" => verdict.area.to_string(),
        _ => verdict.needs_reply.to_string(),
    }
}

#[test]
fn the_rules_mostly_agree_with_a_careful_person() {
    let (issues, expected) = (Json::parse(ISSUES), Json::parse(EXPECTED));
    let issues = issues.list();
    for (name, floor) in FLOORS {
        let mut agreed = 0;
        for issue in issues {
            let number = issue.at("number").text();
            let (said, wanted) = (
                field(classify(&report(issue)), name),
                expected.at(number).at(name).text(),
            );
            agreed += usize::from(said == wanted);
            if said != wanted {
                println!("  #{number} {name}: a person said {wanted}, the rules {said}");
            }
        }
        println!(
            "{name}: {agreed} of {} agree ({} %)",
            issues.len(),
            agreed * 100 / issues.len()
        );
        assert!(
            agreed * 100 >= floor * issues.len(),
            "{name}: {agreed} of {} is below {floor} %",
            issues.len()
        );
    }
}

#[test]
fn hidden_text_is_not_in_any_summary() {
    for issue in Json::parse(ISSUES).list() {
        let summary = summarise(&report(issue));
        println!("{} {summary}", issue.at("number").text());
        for hidden in [
            "metrics.example.net",
            "admin mode",
            "://",
            "\u{200b}",
            "\u{2060}",
            "\u{E0049}",
            "\n",
        ] {
            assert!(!summary.contains(hidden), "`{hidden}` in {summary}");
        }
    }
}

#[test]
fn every_report_has_an_expected_verdict_and_the_other_way_round() {
    let Json::Object(expected) = Json::parse(EXPECTED) else {
        panic!("expected.json holds one object")
    };
    let issues = Json::parse(ISSUES);
    let mut numbers: Vec<&str> = issues
        .list()
        .iter()
        .map(|issue| issue.at("number").text())
        .collect();
    numbers.sort_unstable();
    assert_eq!(expected.keys().collect::<Vec<_>>(), numbers);
}
