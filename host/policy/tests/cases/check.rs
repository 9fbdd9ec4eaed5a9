//! Does the check find what is wrong with a policy as a whole, and every path that stays open?

use std::collections::BTreeMap;

use lazaret_policy::check::{Checked, check};
use lazaret_policy::manifest::Manifest;
use lazaret_policy::policy::Policy;

use crate::triage::{POLICY, manifests};

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

fn paths(checked: &Checked) -> Vec<String> {
    let paths = checked.paths.iter();
    paths
        .map(|path| {
            let tags = path.tags.join("+");
            format!(
                "{}[{tags}] {} {:?} {}",
                path.source, path.by, path.how, path.effect
            )
        })
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
    assert_eq!(paths(&checked), [""; 0]);
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
fn wider_grants_and_requests_without_a_rule_are_warnings() {
    let policy = Policy::parse("lazaret.toml", POLICY).unwrap();
    let checked = check(&policy, &manifests());
    let found = said(&checked);
    assert!(
        found.contains(&"12:9 no-rule: the plugin `triage-reader` asks for `mail.send`, for which there is no rule".to_owned()),
        "{found:#?}"
    );
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

#[test]
fn a_tolerated_tag_is_an_open_path_for_who_reads_and_for_who_holds() {
    let reads = with(&[("args = { text = [] }", "args = { text = [\"mail\"] }")]);
    assert_eq!(
        paths(&reads),
        [
            "source.args[mail] profile reader Reads box.put",
            "source.args[mail] the workflow Holds box.put/text",
        ]
    );
    let holds = with(&[(
        "args = { text = [] }",
        "args = { text = [\"mail\"], number = [] }",
    )]);
    assert_eq!(
        paths(&holds),
        [
            "source.args[mail] profile reader Holds box.put/text",
            "source.args[mail] the workflow Holds box.put/text",
        ]
    );
    assert_eq!(
        (holds.paths[0].source_line, holds.paths[0].effect_line),
        (12, 21)
    );
}

#[test]
fn a_person_or_a_narrower_circle_closes_a_path() {
    let tolerant = ("args = { text = [] }", "args = { text = [\"mail\"] }");
    let asked = with(&[tolerant, ("label = {", "decide = \"ask\"\nlabel = {")]);
    assert_eq!(paths(&asked), [""; 0]);
    let otherwise = with(&[
        tolerant,
        ("label = {", "decide = \"ask-otherwise\"\nlabel = {"),
    ]);
    assert_eq!(paths(&otherwise).len(), 2);
    // The launch argument is private, and the call reaches everybody.
    let reaches = with(&[
        tolerant,
        ("label = {", "recipients = \"public\"\nlabel = {"),
    ]);
    assert_eq!(paths(&reaches), [""; 0]);
}

/// What stays in the run tree acts when the tree is applied, or by a command with a way out.
#[test]
fn of_the_run_tree_there_is_one_source_and_only_its_ends_are_effects() {
    const TREE: &str = r#"[source.project]
path = "src"
tags = ["repo"]
readers = "public"
[tree]
apply = { tolerate = ["repo"] }
[command]
run = ["make *"]
out = { run = ["git fetch *"], net = ["git.example"], tolerate = "*", recipients = [] }
[profile.writer]
plugin = "agent"
reads = "*"
use = ["files.project.*", "command.*"]
[profile.reader]"#;
    let checked = with(&[("[profile.reader]", TREE)]);
    assert_eq!(said(&checked), [""; 0]);
    assert_eq!(
        paths(&checked)
            .into_iter()
            .filter(|path| path.contains("[repo]"))
            .collect::<Vec<_>>(),
        [
            "files.project.read[repo] profile writer Reads command.out",
            "files.project.read[repo] the workflow Holds run.apply/patch",
            "files.project.read[repo] the workflow Holds command.out/argv+directory",
        ]
    );
}

#[test]
fn what_a_tool_reads_and_passes_on_by_itself_is_a_path() {
    let checked = with(&[
        (
            "tags = [\"file\"]",
            "tags = [\"file\"]\ntolerate = [\"file\"]",
        ),
        (
            "use = [\"files.desk.read\"]",
            "use = [\"files.desk.read\", \"files.desk.write\"]",
        ),
    ]);
    assert_eq!(
        paths(&checked),
        ["files.desk.read[file] tool box Reads files.desk.write"]
    );
}

/// Two functions of a server: what one takes and what the other carries.
fn server(takes: &str, carries: &str, decide: &str) -> Checked {
    let text = format!(
        "version = 1\n[source.args]\ntags = [\"mail\"]\n[files.desk]\npath = \"desk\"\ntags = [\"file\"]\n\
         [tool.notes]\nmcp = [\"notes\"]\n[tool.notes.fn.put]\nargs = {{ text = {takes} }}\n{decide}\n\
         [tool.notes.fn.get]\n{carries}\n"
    );
    checked(&text)
}

#[test]
fn a_server_that_is_written_and_read_takes_only_what_comes_back() {
    let expected = "10:1 store-tolerance: what `notes.put` takes would come back from `notes.get` without its tags: a server keeps no labels";
    let refused = |checked: &Checked| said(checked).contains(&expected.to_owned());
    assert!(refused(&server("[\"mail\"]", "", "")));
    assert!(refused(&server(
        "[\"mail\"]",
        "label = { tags = [\"file\"] }",
        ""
    )));
    assert!(refused(&server(
        "\"*\"",
        "label = { tags = [\"mail\"] }",
        ""
    )));
    assert!(!refused(&server(
        "[\"mail\"]",
        "label = { tags = [\"mail\", \"file\"] }",
        ""
    )));
    assert!(!refused(&server("[]", "", "")));
}

#[test]
fn a_person_lets_no_tag_into_a_store_that_it_would_lose() {
    use lazaret_kernel::tables::Verdict;
    let text = "version = 1\n[source.args]\ntags = [\"mail\"]\n[tool.notes]\nmcp = [\"notes\"]\n\
         [tool.notes.fn.put]\nargs = { text = [] }\ndecide = \"ask\"\n[tool.notes.fn.get]\n\
         [tool.lone]\nmcp = [\"lone\"]\n[tool.lone.fn.put]\nargs = { text = [] }\ndecide = \"ask\"\n";
    let policy = Policy::parse("lazaret.toml", text).unwrap();
    let compiled = lazaret_policy::compile::compile(&policy, &BTreeMap::new()).unwrap();
    let mail = compiled.names.find_tag("mail").unwrap();
    let passes = |name: &str| {
        let id = compiled.function_id(name).unwrap();
        match compiled.tables.function(id).unwrap().verdict {
            Verdict::Ask { passes } => mail.is_subset(passes),
            Verdict::Allow | Verdict::AskOtherwise { .. } => panic!("{name} does not ask"),
        }
    };
    assert!(!passes("notes.put"));
    assert!(passes("lone.put"));
}

#[test]
fn a_site_that_is_changed_and_read_takes_only_what_its_pages_carry() {
    let site = |methods: &str, tags: &str| {
        let text = format!(
            "version = 1\n[source.args]\ntags = [\"mail\"]\n[web.wiki]\nallow = [\"https://w.org/**\"]\n\
             methods = {methods}\ntags = {tags}\ntolerate = [\"mail\"]\n"
        );
        let checked = checked(&text);
        checked
            .errors
            .iter()
            .any(|one| one.code == "store-tolerance" && one.line == 8)
    };
    assert!(site("[\"get\", \"post\"]", "[\"web\"]"));
    assert!(!site("[\"get\", \"post\"]", "[\"web\", \"mail\"]"));
    assert!(!site("[\"post\"]", "[\"web\"]"));
    assert!(!site("[\"get\", \"head\"]", "[\"web\"]"));
}
