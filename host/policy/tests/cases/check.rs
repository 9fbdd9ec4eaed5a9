//! Does the check find what is wrong with a policy as a whole, and every path that stays open?

use std::collections::BTreeMap;

use lazaret_policy::check::{Checked, check};
use lazaret_policy::manifest::Manifest;
use lazaret_policy::policy::Policy;

use crate::triage::{POLICY, manifests};

#[path = "check/paths.rs"]
mod paths;
#[path = "check/stores.rs"]
mod stores;

/// A policy in which everything is used and every path is closed.
const SOUND: &str = r#"version = 1
[workflow]
name = "w"
orchestrator = "boss"
gates = ["verdict"]
[plugin.boss]
file = "boss.wasm"
[plugin.agent]
file = "agent.wasm"
[plugin.box]
file = "box.wasm"
[source.args]
tags = ["mail"]
[files.desk]
path = "desk"
tags = ["file"]
write = true
[tool.box]
plugin = "box"
use = ["files.desk.read"]
[tool.box.fn.put]
args = { text = [] }
label = { tags = ["file"] }
[gate.verdict]
removes = ["mail"]
bits_per_item = 4
[profile.reader]
plugin = "agent"
reads = ["mail"]
use = ["box.put"]
"#;

fn manifest(world: &str, rest: &str) -> Manifest {
    let text =
        format!("name = \"a\"\nversion = \"0.1.0\"\nworld = \"{world}\"\n[requests]\n{rest}");
    Manifest::parse("plugin.toml", &text).unwrap()
}

fn checked(text: &str) -> Checked {
    let manifests = BTreeMap::from([
        (
            "boss".to_owned(),
            manifest("orchestrator", "gates = [\"verdict\"]"),
        ),
        (
            "agent".to_owned(),
            manifest("agent", "use = [\"*\"]\nreads = \"*\""),
        ),
        ("box".to_owned(), manifest("tool", "use = [\"*\"]")),
    ]);
    match Policy::parse("lazaret.toml", text) {
        Ok(policy) => check(&policy, &manifests),
        Err(errors) => Checked {
            errors,
            ..Checked::default()
        },
    }
}

/// Every problem as place, code and message.
fn said(checked: &Checked) -> Vec<String> {
    let all = checked.errors.iter().chain(&checked.warnings);
    all.map(|one| format!("{}:{} {}: {}", one.line, one.column, one.code, one.message))
        .collect()
}

/// Texts of the sound policy, each with what stands in its place.
type Changes<'a> = &'a [(&'a str, &'a str)];

fn with(changes: Changes<'_>) -> Checked {
    let mut text = SOUND.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    checked(&text)
}

#[test]
fn a_sound_policy_gives_nothing() {
    let checked = checked(SOUND);
    assert_eq!(said(&checked), [""; 0]);
    assert_eq!(paths::paths(&checked), [""; 0]);
}

#[test]
fn what_nobody_can_use_is_a_warning_with_its_place() {
    let cases: &[(Changes<'_>, &[&str])] = &[
        (
            &[("gates = [\"verdict\"]\n", "")],
            &["23:7 unreachable: nobody may use the gate `verdict`"],
        ),
        (
            &[("use = [\"box.put\"]", "use = []")],
            &["21:14 unreachable: nobody is granted the function `box.put`"],
        ),
        (
            &[("use = [\"files.desk.read\"]\n", "")],
            &["14:8 unreachable: nobody is granted the directory `desk`"],
        ),
        (
            &[(
                "[plugin.box]",
                "[plugin.spare]\nfile = \"spare.wasm\"\n[plugin.box]",
            )],
            &["10:9 unreachable: nothing uses the plugin `spare`"],
        ),
        (
            &[(
                "[gate.verdict]\nremoves = [\"mail\"]",
                "[files.far]\npath = \"far\"\ntags = [\"far\"]\n[gate.verdict]\nremoves = [\"mail\", \"far\"]",
            )],
            &[
                "24:8 unreachable: nobody is granted the directory `far`",
                "28:20 unreachable: nothing that anybody may open carries `far`",
            ],
        ),
        (
            &[(
                "reads = [\"mail\"]",
                "reads = [\"mail\"]\nreaders = \"public\"",
            )],
            &[
                "27:10 unreachable: the workflow cannot spawn `reader`: it starts with what fewer may read",
            ],
        ),
        (
            &[(
                "[gate.verdict]",
                "[tool.idle]\nplugin = \"box\"\n[gate.verdict]",
            )],
            &["24:7 no-rule: the tool `idle` has no function with a rule"],
        ),
    ];
    for (changes, expected) in cases {
        let checked = with(changes);
        assert_eq!(said(&checked), *expected);
        assert!(checked.errors.is_empty(), "{expected:?}");
    }
}

#[test]
fn what_somebody_can_use_is_none() {
    let server = "[tool.far]\nmcp = [\"far\"]\n[tool.far.fn.get]\n[gate.verdict]";
    let cases: &[Changes<'_>] = &[
        // What carries the tag may be opened in two places.
        &[("removes = [\"mail\"]", "removes = [\"mail\", \"file\"]")],
        &[
            ("[gate.verdict]", server),
            ("use = [\"box.put\"]", "use = [\"box.put\", \"far.get\"]"),
            ("reads = [\"mail\"]", "reads = [\"mail\", \"unknown\"]"),
        ],
        &[("reads = [\"mail\"]", "reads = [\"mail\", \"unknown\"]")],
        // One that floats rises to whatever its children start with.
        &[
            ("name = \"w\"", "name = \"w\"\nuntrusted = \"float\""),
            (
                "reads = [\"mail\"]",
                "reads = [\"mail\"]\nreaders = \"public\"",
            ),
        ],
    ];
    for changes in cases {
        assert_eq!(said(&with(changes)), [""; 0], "{changes:?}");
    }
}

#[test]
fn wider_grants_and_requests_without_a_rule_are_warnings() {
    let policy = Policy::parse("lazaret.toml", POLICY).unwrap();
    let checked = check(&policy, &manifests());
    let found = said(&checked);
    assert!(
        found.contains(&"12:9 no-rule: the plugin `triage-reader` asks for `mail.send`, for which there is no rule".to_owned()),
        "{found:#?}"
    );
    let unknown = found.iter().filter(|line| line.contains(" no-rule: "));
    assert_eq!(unknown.count(), 1, "{found:#?}");
    let wider = found
        .iter()
        .filter(|line| line.contains("grant-not-requested"));
    assert_eq!(wider.count(), policy_notes(), "{found:#?}");
}

fn policy_notes() -> usize {
    crate::triage::compiled().notes.len()
}

#[test]
fn a_tool_that_reads_what_is_labelled_says_what_its_answers_are() {
    let checked = with(&[("label = { tags = [\"file\"] }\n", "")]);
    assert_eq!(
        said(&checked),
        [
            "21:14 answer-unlabelled: `box.put` says nothing of its answer, and its tool reads what carries `file`"
        ]
    );
    let private = with(&[
        ("label = { tags = [\"file\"] }\n", ""),
        ("tags = [\"file\"]", "tags = []"),
    ]);
    assert_eq!(
        said(&private),
        [
            "21:14 answer-unlabelled: `box.put` says nothing of its answer, and its tool reads what not everybody may read"
        ]
    );
    let public = with(&[
        ("label = { tags = [\"file\"] }\n", ""),
        ("tags = [\"file\"]", "tags = []\nreaders = \"public\""),
    ]);
    assert_eq!(said(&public), [""; 0]);
}
