//! Is a manifest read, and is every mistake in one shown with its place?

use lazaret_manifest::manifest::{Limits, MAX_MANIFEST_BYTES, Manifest, Reads, World};
use proptest::prelude::*;

use crate::wrong::CASES;

const FULL: &str = r#"
name = "triage-reader"
version = "0.1.0-rc.1+linux"
world = "agent"
description = "reads a report"
[requests]
use = ["tracker.label", "files.notes.read", "model.fast", "tracker.*", "files.*"]
reads = ["issue", "mail:external"]
gates = ["verdict"]
[limits]
memory_mib = 32
wall_ms = 5_000
cpu_ms = 1_000
log_bytes = 0
"#;

#[test]
fn a_full_manifest_is_read() {
    let manifest = Manifest::parse("plugin.toml", FULL).unwrap();
    assert_eq!(manifest.name(), "triage-reader");
    assert_eq!(manifest.version(), "0.1.0-rc.1+linux");
    assert_eq!(manifest.world(), World::Agent);
    assert_eq!(manifest.description(), "reads a report");
    assert!(manifest.requests_function("tracker.anything"));
    assert!(manifest.requests_function("files.other.write"));
    assert!(!manifest.requests_function("model.strong"));
    assert_eq!(manifest.requests().len(), 5);
    let tags = vec!["issue".to_owned(), "mail:external".to_owned()];
    assert_eq!(*manifest.reads(), Reads::Tags(tags));
    assert_eq!(manifest.gates(), ["verdict"]);
    let limits = Limits {
        memory_mib: 32,
        wall_ms: 5_000,
        cpu_ms: 1_000,
        log_bytes: 0,
        ..Limits::DEFAULT
    };
    assert_eq!(manifest.limits(), limits);
}

#[test]
fn a_short_manifest_asks_for_nothing_and_gets_the_default_limits() {
    let text = "name = \"a\"\nversion = \"1.2.3\"\nworld = \"orchestrator\"";
    let manifest = Manifest::parse("plugin.toml", text).unwrap();
    assert!(manifest.requests().is_empty());
    assert_eq!(*manifest.reads(), Reads::Tags(Vec::new()));
    assert_eq!(manifest.limits(), Limits::DEFAULT);
    assert_eq!(manifest.limits().memory_bytes(), 64 << 20);
}

#[test]
fn a_general_agent_asks_for_whatever_it_is_given() {
    let text = "name = \"a\"\nversion = \"1.2.3\"\nworld = \"agent\"\n[requests]\nreads = \"*\"";
    let manifest = Manifest::parse("plugin.toml", text).unwrap();
    assert_eq!(*manifest.reads(), Reads::All);
    let other = text.replace('*', "mail");
    let problems = Manifest::parse("plugin.toml", &other).unwrap_err();
    assert_eq!(problems[0].code, "invalid-value");
}

#[test]
fn every_mistake_is_shown_with_its_place() {
    for (text, expected) in CASES {
        let problems = Manifest::parse("plugin.toml", text).unwrap_err();
        let found: Vec<String> = problems
            .iter()
            .map(|one| format!("{}:{} {}", one.line, one.column, one.code))
            .collect();
        assert_eq!(found, *expected, "{text}\n{problems:#?}");
    }
}

#[test]
fn a_mistake_names_the_file_and_what_to_write_instead() {
    let problems = Manifest::parse("a/plugin.toml", CASES[5].0).unwrap_err();
    assert_eq!(
        problems[1].to_string(),
        "a/plugin.toml:4:1: the file has no field `nmae`"
    );
    assert_eq!(problems[1].hint.as_deref(), Some("did you mean `name`?"));
    assert_eq!(&CASES[5].0[problems[1].span.clone()], "nmae");
}

#[test]
fn names_in_a_message_cannot_drive_a_terminal() {
    let problems = Manifest::parse("plugin.toml", "name = \"\\u001b[2J\u{200b}\"").unwrap_err();
    let text: String = problems.iter().map(ToString::to_string).collect();
    assert!(
        text.contains("`\\u{1b}[2J\\u{200b}` is not a name"),
        "{text}"
    );
}

#[test]
fn a_manifest_past_the_limit_is_refused_unread() {
    let text = "#".repeat(MAX_MANIFEST_BYTES + 1);
    let problems = Manifest::parse("plugin.toml", &text).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "too-large");
    let text = "#".repeat(MAX_MANIFEST_BYTES);
    let problems = Manifest::parse("plugin.toml", &text).unwrap_err();
    assert_eq!(problems[0].code, "missing-field");
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*") {
        let _parsed = Manifest::parse("plugin.toml", &text);
    }

    #[test]
    fn no_damage_makes_the_parser_panic(cut in 0..FULL.len(), other in "[\\[\\]{}=\",.#\\n\\PC]{0,8}") {
        let damaged = format!("{}{other}{}", &FULL[..cut], &FULL[cut..]);
        let _parsed = Manifest::parse("plugin.toml", &damaged);
        let _parsed = Manifest::parse("plugin.toml", &FULL[..cut]);
    }
}
