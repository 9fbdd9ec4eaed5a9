//! Do a policy and its manifests become the tables that they say, and nothing wider?

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{FunctionId, GateId, Verdict};
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Allowance, Budget, Clearance, Compiled, FunctionKind, KeySource};
use lazaret_policy::manifest::{Limits, Manifest};
use lazaret_policy::policy::Policy;

use crate::triage::{POLICY, compiled, manifests};

fn tag(compiled: &Compiled, name: &str) -> TagSet {
    compiled.names.find_tag(name).unwrap()
}

fn reader(compiled: &Compiled, name: &str) -> Readers {
    compiled.names.find_reader(name).unwrap()
}

/// One line a function: arguments with what they tolerate, the caller's tolerance,
/// recipients, the answer's label, and the verdict.
fn rule(compiled: &Compiled, id: FunctionId) -> String {
    let function = compiled.function(id).unwrap();
    let rule = compiled.tables.function(id).unwrap();
    let tags = |set: TagSet| {
        if set == TagSet::ALL {
            return "*".to_owned();
        }
        compiled.names.tag_names(set).join("+")
    };
    let who = |set: Readers| {
        compiled
            .names
            .reader_names(set)
            .map_or_else(|| "public".to_owned(), |names| names.join("+"))
    };
    let arguments: Vec<String> = function
        .arguments
        .iter()
        .zip(&rule.arguments)
        .map(|(name, argument)| format!("{name}:{}", tags(argument.tolerates)))
        .collect();
    let ask = match rule.verdict {
        Verdict::Allow => "",
        Verdict::AskOtherwise { .. } => " ask-otherwise",
        Verdict::Ask { .. } => " ask",
    };
    format!(
        "{}({}) caller:{} to:{} gives:{}/{}{ask}",
        function.name,
        arguments.join(", "),
        tags(rule.caller),
        who(rule.recipients),
        tags(rule.source.taint),
        who(rule.source.readers),
    )
}

fn granted(compiled: &Compiled, profile: &str) -> Vec<String> {
    let id = compiled.profile_id(profile).unwrap();
    let grants = compiled.tables.profile(id).unwrap().grants;
    names(compiled, grants.functions())
}

fn names(compiled: &Compiled, functions: impl Iterator<Item = FunctionId>) -> Vec<String> {
    functions
        .map(|id| compiled.function(id).unwrap().name.clone())
        .collect()
}

#[test]
fn functions_become_rules_in_the_order_of_their_ids() {
    let compiled = compiled();
    let found: Vec<String> = (0..)
        .map(FunctionId)
        .take(compiled.functions.len())
        .map(|id| rule(&compiled, id))
        .collect();
    assert_eq!(
        found,
        [
            "run.print(value:*) caller:* to:operator gives:/public",
            "files.tracker.read(path:*, lines:*) caller:* to: gives:issue/operator+models",
            "files.tracker.find(path:*, what:*) caller:* to: gives:issue/operator+models",
            "files.tracker.write(path:issue, content:issue) caller:issue to:operator+models gives:/public",
            "files.tracker.edit(path:issue, content:issue, change:issue) caller:issue to:operator+models gives:issue/operator+models",
            "files.notes.read(path:*, lines:*) caller:* to: gives:/operator+models",
            "files.notes.find(path:*, what:*) caller:* to: gives:/operator+models",
            "tracker.label(number:, labels:) caller: to:operator+models gives:/public",
            "tracker.draft(number:, body:issue) caller: to:operator+models gives:draft/operator+alice@example.org",
            "tracker.close(number:) caller:issue to:tracker.example.org gives:/public ask",
            "tracker.poke() caller: to:operator gives:/public",
            "model.fast(request:*) caller:* to:models gives:/public",
            "person.ask(question:*, part:*) caller:* to:operator gives:/public ask",
        ]
    );
    assert_eq!(compiled.tables.functions.len(), compiled.functions.len());
    assert_eq!(compiled.print, FunctionId(0));
}

#[test]
fn names_are_found_and_others_are_not() {
    let compiled = compiled();
    let label = compiled.function_id("tracker.label").unwrap();
    let number = compiled.argument_id(label, "number").unwrap();
    let labels = compiled.argument_id(label, "labels").unwrap();
    assert_eq!((number.0, labels.0), (0, 1));
    assert_eq!(compiled.argument_id(label, "title"), None);
    assert_eq!(compiled.function_id("tracker.open"), None);
    assert_eq!(compiled.gate_id("total"), Some(GateId(1)));
    assert_eq!(compiled.gate_name(GateId(1)), Some("total"));
    assert_eq!(compiled.gate_id("other"), None);
    assert_eq!(compiled.profile_id("other"), None);
    let kind = &compiled.function(label).unwrap().kind;
    let expected = FunctionKind::Tool {
        tool: "tracker".to_owned(),
        function: "label".to_owned(),
    };
    assert_eq!(*kind, expected);
}

#[test]
fn granted_is_what_is_both_given_and_asked_for() {
    let compiled = compiled();
    // The policy gives `model.fast` too, the manifest asks for `mail.send` too.
    assert_eq!(granted(&compiled, "reader"), ["files.notes.read"]);
    // The policy gives `tracker.*` and a directory, the manifest asks for two functions.
    assert_eq!(
        granted(&compiled, "actor"),
        ["tracker.label", "tracker.draft"]
    );
    let actor = compiled.profile_id("actor").unwrap();
    let actor = compiled.tables.profile(actor).unwrap();
    assert!(actor.grants.has_gate(compiled.gate_id("verdict").unwrap()));
    assert!(!actor.grants.has_gate(compiled.gate_id("total").unwrap()));
    assert_eq!(
        names(&compiled, compiled.tools["tracker"].grants.functions()),
        ["files.tracker.read", "files.tracker.write"]
    );
}

#[test]
fn what_is_granted_and_not_requested_is_noted() {
    let notes: Vec<String> = compiled().notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "lazaret.toml:73:28: the policy grants `model.fast`, which the plugin `triage-reader` does not request",
            "lazaret.toml:76:8: the policy grants `tracker.close`, `tracker.poke`, which the plugin `triage-actor` does not request",
            "lazaret.toml:76:21: the policy grants `files.notes.read`, which the plugin `triage-actor` does not request",
            "lazaret.toml:77:21: the policy grants the gate `total`, which the plugin `triage-actor` does not request",
        ]
    );
    assert!(
        compiled()
            .notes
            .iter()
            .all(|note| note.code == "grant-not-requested")
    );
}

#[test]
fn clearances_are_what_is_both_given_and_asked_for() {
    let compiled = compiled();
    let clearance = |name| {
        let id = compiled.profile_id(name).unwrap();
        compiled.tables.profile(id).unwrap().clearance
    };
    let operator = reader(&compiled, "operator");
    assert_eq!(
        clearance("reader"),
        Label {
            taint: tag(&compiled, "issue"),
            readers: operator | reader(&compiled, "models"),
        }
    );
    assert_eq!(
        clearance("actor"),
        Label {
            taint: TagSet::EMPTY,
            readers: operator,
        }
    );
}

#[test]
fn a_star_in_the_policy_is_cut_to_what_the_plugin_asks_to_read() {
    let text = POLICY.replace("reads = [\"issue\"]", "reads = \"*\"");
    let policy = Policy::parse("lazaret.toml", &text).unwrap();
    let clearance = |manifests: &BTreeMap<String, Manifest>| {
        let compiled = compile(&policy, manifests).unwrap();
        let id = compiled.profile_id("reader").unwrap();
        let taint = compiled.tables.profile(id).unwrap().clearance.taint;
        (taint, tag(&compiled, "issue"))
    };
    let (taint, issue) = clearance(&manifests());
    assert_eq!(taint, issue);
    let mut manifests = manifests();
    let all = "name = \"a\"\nversion = \"0.1.0\"\nworld = \"agent\"\n[requests]\nreads = \"*\"";
    let all = Manifest::parse("plugin.toml", all).unwrap();
    manifests.insert("triage-reader".to_owned(), all);
    assert_eq!(clearance(&manifests).0, TagSet::ALL);
}

#[test]
fn arguments_are_labelled_by_field() {
    let compiled = compiled();
    let labels = &compiled.args.labels;
    let private = reader(&compiled, "operator") | reader(&compiled, "models");
    let at = |field: &str| {
        let pointer = Pointer::parse(field).unwrap();
        labels.item(7).project(&pointer).joined()
    };
    let issue = tag(&compiled, "issue");
    assert_eq!(
        at("/title"),
        Label {
            taint: issue,
            readers: private
        }
    );
    assert_eq!(
        at("/number"),
        Label {
            taint: TagSet::EMPTY,
            readers: private
        }
    );
    assert_eq!(
        at("/url"),
        Label {
            taint: tag(&compiled, "link"),
            readers: Readers::PUBLIC
        }
    );
    assert_eq!(compiled.args.items, Some(Pointer::ROOT));
    assert_eq!(
        compiled.args.item_schema,
        Some(serde_json::json!({ "type": "object" }))
    );
    assert_eq!(
        (compiled.args.max_items, compiled.args.max_item_bytes),
        (50, 1 << 20)
    );
}

#[test]
fn arguments_that_nobody_labelled_are_unknown_and_private() {
    let policy = Policy::parse("lazaret.toml", "version = 1").unwrap();
    let compiled = compile(&policy, &BTreeMap::new()).unwrap();
    let expected = Label {
        taint: TagSet::UNKNOWN,
        readers: reader(&compiled, "operator"),
    };
    assert_eq!(compiled.args.labels.joined(), expected);
    assert!(compiled.args.labels.is_flat());
    assert_eq!(compiled.workflow, None);
}

#[test]
fn the_orchestrator_holds_what_its_children_hold_and_may_print() {
    let compiled = compiled();
    let workflow = compiled.workflow.as_ref().unwrap();
    assert_eq!(
        names(&compiled, workflow.grants.functions()),
        [
            "run.print",
            "files.notes.read",
            "tracker.label",
            "tracker.draft"
        ]
    );
    for profile in &compiled.tables.profiles {
        assert!(profile.grants.is_subset(&workflow.grants));
        assert!(!profile.grants.has_function(compiled.print));
    }
    assert!(
        workflow
            .grants
            .has_gate(compiled.gate_id("verdict").unwrap())
    );
    assert_eq!(workflow.plugin, "triage-orchestrator");
    assert_eq!(workflow.clearance, Clearance::Opaque);
    assert_eq!(workflow.clearance.label(Label::BOTTOM), Label::BOTTOM);
    assert_eq!(Clearance::Float.label(Label::BOTTOM), Label::TOP);
    let silent = POLICY.replace("print = true", "");
    let policy = Policy::parse("lazaret.toml", &silent).unwrap();
    let compiled = compile(&policy, &manifests()).unwrap();
    let grants = compiled.workflow.unwrap().grants;
    assert!(!grants.has_function(compiled.print));
}

#[test]
fn limits_are_the_smaller_of_asked_and_given() {
    let compiled = compiled();
    let profile = |name| {
        compiled
            .profile(compiled.profile_id(name).unwrap())
            .unwrap()
            .limits
    };
    let reader = Limits {
        memory_mib: 32,
        wall_ms: 5_000,
        ..Limits::DEFAULT
    };
    assert_eq!(profile("reader"), reader);
    let default = Limits {
        memory_mib: 32,
        ..Limits::DEFAULT
    };
    assert_eq!(profile("actor"), default);
    assert_eq!(compiled.tools["tracker"].limits, default);
    assert_eq!(compiled.workflow.as_ref().unwrap().limits.memory_mib, 16);
    let budget = Budget {
        agents: 100,
        agents_at_once: 8,
        ask_agents: None,
        ask_usd: None,
        run: Allowance {
            micros: Some(1_500_000),
            wall_ms: Some(7_200_000),
            ..Allowance::default()
        },
        agent: Allowance {
            tokens: Some(20_000),
            wall_ms: Some(1_200_000),
            ..Allowance::default()
        },
        phases: BTreeMap::from([(
            "Deep review".to_owned(),
            Allowance {
                micros: Some(250_000),
                agents: Some(12),
                gate_bits: Some(Bits::whole(40)),
                ..Allowance::default()
            },
        )]),
        answer_tokens: 16_384,
    };
    assert_eq!(compiled.budget, budget);
    assert_eq!(compiled.tables.limits.gate_bits, Bits::whole(1_000));
    // Half of a thousand bits for a hundred agents.
    let reader = compiled.profile_id("reader").unwrap();
    let reserve = compiled.tables.profile(reader).unwrap().reserve;
    assert_eq!(reserve, Bits::whole(5));
    assert_eq!(compiled.tables.limits.outcome_bits_per_item, Bits::whole(4));
}

#[test]
fn gates_and_mounts_are_as_written() {
    let compiled = compiled();
    let verdict = compiled.tables.gate(GateId(0)).unwrap();
    assert_eq!(verdict.removes, tag(&compiled, "issue"));
    assert_eq!(verdict.per_item, Bits::whole(16));
    assert!(verdict.releases.is_nobody());
    let count = compiled.tables.gate(GateId(1)).unwrap();
    assert_eq!(
        count.removes,
        tag(&compiled, "issue") | tag(&compiled, "link")
    );
    assert_eq!(count.per_item, Bits::from_thousandths(2_500));
    let mount = &compiled.mounts["tracker"];
    assert_eq!(mount.path, ".lazaret/triage");
    assert!(mount.write && mount.create);
    assert!(!compiled.mounts["notes"].write);
    let key = compiled.providers["fast"].key.clone();
    let variable = KeySource::Variable("ANTHROPIC_API_KEY".to_owned());
    assert_eq!(key, Some(variable));
}

/// Wrong plugins: what is put for the reader's manifest, and place and code.
pub(crate) const CASES: &[(Option<&str>, &str)] = &[
    (None, "71:10 plugin-missing"),
    (Some("tool"), "71:10 plugin-world"),
    (Some("orchestrator"), "71:10 plugin-world"),
];

#[test]
fn a_plugin_that_is_missing_or_of_another_world_is_refused() {
    let policy = Policy::parse("lazaret.toml", POLICY).unwrap();
    for (world, expected) in CASES {
        let mut manifests = manifests();
        manifests.remove("triage-reader");
        if let Some(world) = world {
            let text = format!("name = \"a\"\nversion = \"0.1.0\"\nworld = \"{world}\"");
            let manifest = Manifest::parse("plugin.toml", &text).unwrap();
            manifests.insert("triage-reader".to_owned(), manifest);
        }
        let problems = compile(&policy, &manifests).unwrap_err();
        let found: Vec<String> = problems
            .iter()
            .map(|one| format!("{}:{} {}", one.line, one.column, one.code))
            .collect();
        assert_eq!(found, [*expected]);
    }
}

#[test]
fn every_missing_plugin_is_shown_at_once() {
    let policy = Policy::parse("lazaret.toml", POLICY).unwrap();
    let problems = compile(&policy, &BTreeMap::new()).unwrap_err();
    assert_eq!(problems.len(), 4);
}

#[test]
fn arguments_that_nobody_labelled_are_unknown_and_have_a_size() {
    let policy = Policy::parse("lazaret.toml", "version = 1").unwrap();
    let compiled = compile(&policy, &BTreeMap::new()).unwrap();
    let args = &compiled.args;
    assert_eq!(args.labels.joined().taint, TagSet::UNKNOWN);
    assert_eq!((args.max_items, args.max_item_bytes), (1_000, 1_048_576));
}
