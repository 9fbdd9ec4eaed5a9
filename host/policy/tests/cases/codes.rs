//! Is the list of codes complete, and is every code in it one that can happen?

use std::collections::BTreeSet;

use lazaret_policy::diagnostic::CODES;
use lazaret_policy::manifest::Manifest;
use lazaret_policy::policy::Policy;

use crate::{compile, explain, policy, triage, wrong};

fn codes_of_cases() -> BTreeSet<&'static str> {
    let mut codes = BTreeSet::new();
    for (text, _) in wrong::CASES {
        let problems = Manifest::parse("plugin.toml", text).unwrap_err();
        codes.extend(problems.iter().map(|one| one.code));
    }
    for (text, _) in policy::CASES {
        let text = format!("version = 1\n{text}");
        let problems = Policy::parse("lazaret.toml", &text).unwrap_err();
        codes.extend(problems.iter().map(|one| one.code));
    }
    let compiled = triage::compiled();
    codes.extend(compiled.notes.iter().map(|note| note.code));
    for denial in explain::all(&compiled) {
        codes.extend([compiled.explain(&denial).code]);
    }
    codes.extend(
        compile::CASES
            .iter()
            .filter_map(|(_, expected)| expected.split(' ').nth(1)),
    );
    // Tested by themselves, each beside its limit.
    codes.extend([
        "forbidden",
        "rule",
        "rule-forbids",
        "answer-unlabelled",
        "unreachable",
        "no-rule",
    ]);
    codes.extend([
        "no-model",
        "no-price",
        "too-large",
        "too-many",
        "policy-version",
    ]);
    codes.extend([
        "not-a-component",
        "manifest-twice",
        "manifest-text",
        "not-closed",
    ]);
    codes
}

#[test]
fn every_code_that_can_happen_is_listed_and_every_listed_one_happens() {
    let listed: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    assert_eq!(listed, codes_of_cases());
    assert_eq!(listed.len(), CODES.len());
}

#[test]
fn codes_are_short_words_with_a_summary() {
    for (code, summary) in CODES {
        assert!(
            code.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{code}"
        );
        assert!(!summary.is_empty() && !summary.ends_with('.'), "{code}");
    }
}
