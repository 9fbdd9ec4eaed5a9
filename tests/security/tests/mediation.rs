//! Every function that a guest may import and every request of an orchestrator, clean and
//! tainted, granted and not: nothing of the contract goes past the monitor.
//!
//! The names come from `wit/`: a new function without a row here fails. Every table is played
//! with guests of the current contract and with those that were built on each released version.

use std::collections::{BTreeMap, BTreeSet};

use lazaret_runtime::approval::Word;
use lazaret_security::{Stage, Version};
use serde_json::Value;
use wit_parser::{Resolve, TypeDefKind, WorldId, WorldItem};

/// A function and what becomes of it: clean and not granted, clean and granted, tainted
/// and not granted, tainted and granted.
type Row = (&'static str, [&'static str; 4]);

const DONE: [&str; 4] = ["done"; 4];

const PAY: [&str; 4] = [
    "not-granted:tracker.pay",
    "done",
    "not-granted:tracker.pay",
    "caller-taint:tracker.pay",
];

const ASK: [&str; 4] = [
    "not-granted:person.ask",
    "done",
    "not-granted:person.ask",
    "done",
];

const GATE: [&str; 4] = [
    "gate-not-granted:verdict",
    "done",
    "gate-not-granted:verdict",
    "gate-caller:verdict",
];

const WRITE: [&str; 4] = [
    "not-granted:files.ledger.write",
    "done",
    "not-granted:files.ledger.write",
    "caller-taint:files.ledger.write",
];

const READ: [&str; 4] = [
    "not-granted:files.vault.read",
    "done",
    "not-granted:files.vault.read",
    "done",
];

const EDIT: [&str; 4] = [
    "not-granted:files.ledger.edit",
    "done",
    "not-granted:files.ledger.edit",
    "caller-taint:files.ledger.edit",
];

const FIND: [&str; 4] = [
    "not-granted:files.vault.find",
    "done",
    "not-granted:files.vault.find",
    "done",
];

const GRANTED: [&str; 4] = ["0 told", "3 told", "0 told", "3 told"];

const FETCH: [&str; 4] = [
    "not-granted:web",
    "done",
    "not-granted:web",
    "caller-taint:web.docs.get",
];

const SEARCH: [&str; 4] = [
    "not-granted:web.search",
    "done",
    "not-granted:web.search",
    "caller-taint:web.search",
];

const SECRET: [&str; 4] = ["absent", "there", "absent", "there"];

/// For an agent a grant is a profile's `use`, `gates` and, to read a mail, `reads`. Who is
/// tainted has read one, so that it was cleared for mails.
const AGENT: &[Row] = &[
    ("content.create-text", DONE),
    ("content.create-json", DONE),
    ("content.describe", DONE),
    ("content.read", ["clearance", "done", "done", "done"]),
    ("content.project", DONE),
    ("content.compose-text", DONE),
    ("content.compose-json", DONE),
    ("content.split", DONE),
    ("gate.pass", GATE),
    ("tools.available", ["0 told", "4 told", "0 told", "4 told"]),
    ("tools.call", PAY),
    ("tools.call-all", PAY),
    ("files.granted", GRANTED),
    ("files.read", READ),
    ("files.read-lines", READ),
    ("files.stat", FIND),
    ("files.list", FIND),
    ("files.glob", FIND),
    ("files.grep", FIND),
    ("files.write", WRITE),
    ("files.edit", EDIT),
    ("files.make-directory", EDIT),
    ("files.remove", EDIT),
    ("files.rename", EDIT),
    ("web.fetch", FETCH),
    ("web.search", SEARCH),
    ("secrets.exists", SECRET),
    (
        "model.ask",
        [
            "not-granted:model.default",
            "failed",
            "not-granted:model.default",
            "caller-taint:model.default",
        ],
    ),
    ("clock.now", DONE),
    ("clock.random", DONE),
    ("clock.budget", DONE),
    ("log.write", DONE),
];

/// For a tool a grant is its `use`; it is tainted where an argument is.
const TOOL: &[Row] = &[
    ("content.create-text", DONE),
    ("content.create-json", DONE),
    ("content.describe", DONE),
    ("content.read", DONE),
    ("content.project", DONE),
    ("content.compose-text", DONE),
    ("content.compose-json", DONE),
    ("content.split", DONE),
    ("files.granted", GRANTED),
    ("files.read", READ),
    ("files.read-lines", READ),
    ("files.stat", FIND),
    ("files.list", FIND),
    ("files.glob", FIND),
    ("files.grep", FIND),
    ("files.write", WRITE),
    ("files.edit", EDIT),
    ("files.make-directory", EDIT),
    ("files.remove", EDIT),
    ("files.rename", EDIT),
    ("web.fetch", FETCH),
    ("web.search", SEARCH),
    ("secrets.exists", SECRET),
    ("clock.now", DONE),
    ("clock.random", DONE),
    ("clock.budget", DONE),
    ("log.write", DONE),
];

/// For an orchestrator a grant is `untrusted`, `gates` and what its children hold.
const REQUESTS: &[Row] = &[
    ("open", PAY),
    ("project", DONE),
    ("compose-text", DONE),
    ("compose-json", DONE),
    ("split", DONE),
    ("gate", GATE),
    ("reveal", ["clearance", "done", "done", "done"]),
    ("spawn", ["done", "done", "spawn-clearance:subject", "done"]),
    ("workflow", ["failed"; 4]),
    ("call", PAY),
    ("ask", ASK),
    ("wait", DONE),
    ("cancel", DONE),
    ("phase", DONE),
];

const MODEL: &str = r#"
[model.default]
provider = "openai-compatible"
model = "nobody"
base_url = "http://127.0.0.1:1"
tolerate = []
"#;

/// Nobody listens there: what comes back is the failure, in the answer.
const WEB: &str = r#"
[secret.key]
from = "env:KEY"
hosts = ["127.0.0.1"]
[web.docs]
allow = ["http://127.0.0.1:1/**"]
private = ["127.0.0.1:1"]
headers = { Authorization = "Bearer {secret.key}" }
tags = ["page"]
[web.search]
url = "http://127.0.0.1:1/search?q={query}"
private = ["127.0.0.1:1"]
tags = ["page"]
"#;

#[test]
fn what_an_agent_does_is_judged_by_label_and_grant() {
    check(AGENT, "agent", |version, tainted, granted| {
        let mut stage = Stage::of("noop")
            .component("subject", version.guest("does_everything"))
            .sections(MODEL)
            .sections(WEB)
            .secret("KEY", "0123456789");
        if granted {
            stage = stage
                .rule("[profile.subject]", "gates", r#"["verdict"]"#)
                .rule(
                    "[profile.subject]",
                    "use",
                    r#"["tracker.*", "files.read", "files.ledger.*", "model.default", "web.docs.get", "web.search"]"#,
                );
        } else if !tainted {
            stage = stage.rule("[profile.subject]", "reads", "[]");
        }
        stage.order(word(tainted)).play().answer().clone()
    });
}

/// What a tool's function says of its answer that repeats nothing of what the tool reads.
const TELLS_NOTHING: &str = r#"{ tags = [], readers = "public" }"#;

#[test]
fn what_a_tool_does_is_judged_by_label_and_grant() {
    check(TOOL, "tool", |version, tainted, granted| {
        let uses = if granted {
            r#"["files.vault.*", "files.write", "web.docs.get", "web.search"]"#
        } else {
            "[]"
        };
        Stage::of("relays_a_tool")
            .component("tool", version.guest("tool_does_everything"))
            .sections(WEB)
            .secret("KEY", "0123456789")
            .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
            .rule("[tool.tracker]", "use", uses)
            .rule("[tool.tracker.fn.pay]", "label", TELLS_NOTHING)
            .rule("[tool.tracker.fn.publish]", "label", TELLS_NOTHING)
            .order(word(tainted))
            .play()
            .answer()
            .clone()
    });
}

#[test]
fn what_an_orchestrator_asks_is_judged_by_label_and_grant() {
    check(REQUESTS, "turns", |version, tainted, granted| {
        let mut stage = Stage::of("repeats_its_task")
            .component("orchestrator", version.guest("asks_everything"));
        if granted {
            stage = stage
                .person(|_| Some(Word::Approved))
                .rule("[workflow]", "asks", "true")
                .rule("[profile.subject]", "use", r#"["tracker.pay"]"#);
        } else {
            stage =
                stage
                    .rule("[workflow]", "gates", "[]")
                    .rule("[profile.subject]", "reads", "[]");
        }
        if tainted || granted {
            stage = stage.rule("[workflow]", "untrusted", r#""float""#);
        }
        stage.order(word(tainted)).play().result().clone()
    });
}

#[test]
fn every_import_of_an_agent_has_a_row() {
    assert_eq!(names(AGENT), imports(Version::Current, "agent"));
}

#[test]
fn every_import_of_a_tool_has_a_row() {
    assert_eq!(names(TOOL), imports(Version::Current, "tool"));
}

#[test]
fn an_orchestrator_imports_only_the_log() {
    assert_eq!(
        imports(Version::Current, "orchestrator"),
        BTreeSet::from(["log.write".to_owned()])
    );
}

#[test]
fn every_request_of_an_orchestrator_has_a_row() {
    assert_eq!(names(REQUESTS), requests(Version::Current));
}

#[test]
fn there_is_no_world_without_a_table() {
    let (resolve, _) = contract(Version::Current);
    let worlds: Vec<&str> = resolve
        .worlds
        .iter()
        .map(|(_, world)| world.name.as_str())
        .collect();
    assert_eq!(worlds, ["agent", "orchestrator", "tool"]);
}

/// Plays the four runs with the guest of each version and compares each answer, a map from
/// function to outcome. Of a released version only what it has is looked at.
fn check(table: &[Row], part: &str, play: impl Fn(Version, bool, bool) -> Value) {
    for version in Version::ALL {
        let has = match part {
            "turns" => requests(version),
            world => imports(version, world),
        };
        let rows: Vec<&Row> = table
            .iter()
            .filter(|(name, _)| has.contains(*name))
            .collect();
        assert_eq!(rows.len(), has.len(), "{version:?}: a row was taken away");
        check_version(&rows, version, &play);
    }
}

fn check_version(rows: &[&Row], version: Version, play: &impl Fn(Version, bool, bool) -> Value) {
    let runs = [(false, false), (false, true), (true, false), (true, true)];
    for (column, (tainted, granted)) in runs.into_iter().enumerate() {
        let answer = play(version, tainted, granted);
        let said: BTreeMap<&str, &str> = answer
            .as_object()
            .expect("a map from function to outcome")
            .iter()
            .map(|(name, outcome)| (name.as_str(), kind(outcome.as_str().unwrap_or_default())))
            .collect();
        let expected: BTreeMap<&str, &str> = rows
            .iter()
            .map(|(name, columns)| (*name, columns[column]))
            .collect();
        assert_eq!(
            said, expected,
            "{version:?}, tainted: {tainted}, granted: {granted}"
        );
    }
}

/// Why an effect failed is not what these tables are about.
fn kind(outcome: &str) -> &str {
    match outcome.split_once(": ") {
        Some(("failed", _)) => "failed",
        _ => outcome,
    }
}

fn word(tainted: bool) -> &'static str {
    if tainted { "tainted" } else { "clean" }
}

fn names(table: &[Row]) -> BTreeSet<String> {
    table.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn contract(version: Version) -> (Resolve, wit_parser::PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(version.contract()).expect("the contract");
    (resolve, package)
}

/// Returns `interface.function` for everything that a world imports.
fn imports(version: Version, world: &str) -> BTreeSet<String> {
    let (resolve, package) = contract(version);
    let world: WorldId = resolve
        .select_world(&[package], Some(world))
        .expect("the world");
    let mut all = BTreeSet::new();
    for (key, item) in &resolve.worlds[world].imports {
        match item {
            WorldItem::Interface { id, .. } => {
                let interface = &resolve.interfaces[*id];
                let name = interface.name.as_deref().unwrap_or_default();
                all.extend(
                    interface
                        .functions
                        .keys()
                        .map(|function| format!("{name}.{function}")),
                );
            }
            WorldItem::Function(_) => {
                all.insert(resolve.name_world_key(key));
            }
            WorldItem::Type { .. } => {}
        }
    }
    all
}

/// Returns the cases of the variant `request`.
fn requests(version: Version) -> BTreeSet<String> {
    let (resolve, package) = contract(version);
    let turns = resolve.packages[package].interfaces["turns"];
    let request = resolve.interfaces[turns].types["request"];
    let TypeDefKind::Variant(request) = &resolve.types[request].kind else {
        panic!("a request is no variant");
    };
    request.cases.iter().map(|case| case.name.clone()).collect()
}
