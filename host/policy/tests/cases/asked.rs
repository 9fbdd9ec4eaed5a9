//! What do a policy and its tables tell whoever asks them for something by its name?

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::label::Label;
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Allowance, Compiled, Outside};
use lazaret_policy::policy::Policy;

use crate::policy::{compiled, parse};
use crate::triage::{self, POLICY, manifest};

fn triage() -> Policy {
    Policy::parse("lazaret.toml", POLICY).unwrap()
}

#[test]
fn the_line_of_a_rule_is_that_of_its_section() {
    let line = |section: &str| {
        let mut lines = POLICY.lines().zip(1..);
        lines.find(|(line, _)| *line == section).map(|(_, at)| at)
    };
    for (name, section) in [
        ("tracker.label", "[tool.tracker.fn.label]"),
        ("files.notes.find", "[files.notes]"),
        ("model.fast", "[model.fast]"),
        ("verdict", "[gate.verdict]"),
        ("total", "[gate.total]"),
        ("actor", "[profile.actor]"),
    ] {
        let expected = line(section);
        assert!(expected.is_some(), "{section}");
        assert_eq!(triage().line_of(name), expected, "{name}");
    }
    // Every policy has these, without a line.
    for name in ["run.print", "person.ask", "tracker.open", "nobody"] {
        assert_eq!(triage().line_of(name), None, "{name}");
    }
}

#[test]
fn what_a_use_list_can_give_is_a_functions_whole_name() {
    for name in [
        "tracker.label",
        "files.notes.read",
        "model.fast",
        "person.ask",
    ] {
        assert!(triage().can_grant(name), "{name}");
    }
    for name in ["run.print", "tracker.*", "tracker.open", "tracker", ""] {
        assert!(!triage().can_grant(name), "{name}");
    }
}

#[test]
fn profiles_servers_and_secrets_are_told_by_name() {
    let triage = triage();
    assert!(triage.profile_names().eq(["reader", "actor"]));
    assert!(triage.has_profile("actor") && !triage.has_profile("nobody"));
    assert!(triage.servers().is_empty() && triage.secrets().is_empty());
    let policy = parse(
        "[tool.near]\nmcp = [\"near\"]\n[tool.far]\nmcp = \"https://a.org/mcp\"\n\
         [secret.key]\nfrom = \"env:KEY\"\nhosts = [\"a.org\"]",
    )
    .unwrap();
    let servers = policy.servers().iter().map(|(name, _)| name.as_str());
    assert!(servers.eq(["near", "far"]), "{:?}", policy.servers());
    let secrets = policy.secrets().iter().map(|(name, _)| name.as_str());
    assert!(secrets.eq(["key"]));
}

#[test]
fn the_run_tree_is_a_copy_of_its_own_directory() {
    let sources = "[files.notes]\npath = \"notes\"\ntags = []\n\
                   [source.project]\npath = \"src\"\ntags = [\"repo\"]\n";
    let policy = parse(&format!("{sources}[tree]\nshare = [\"target\"]")).unwrap();
    let (rule, mount, names) = policy.tree().unwrap();
    assert_eq!(rule.source, "project");
    assert_eq!(rule.share, ["target"]);
    assert_eq!(mount.path, "src");
    assert_eq!(names.tag_names(mount.label.taint), ["repo"]);
    assert!(parse(sources).unwrap().tree().is_none());
}

#[test]
fn what_a_person_writes_is_untainted_and_private() {
    let compiled = triage::compiled();
    let reader = |name: &str| compiled.names.find_reader(name).unwrap();
    let expected = Label {
        readers: reader("operator") | reader("models"),
        ..Label::BOTTOM
    };
    assert_eq!(compiled.editor(), expected);
}

#[test]
fn models_are_asked_within_limits_of_tokens_or_of_money() {
    let none = Allowance::default();
    let (tokens, micros) = (Some(1), Some(1));
    assert!(Allowance { tokens, ..none }.limits_models());
    assert!(Allowance { micros, ..none }.limits_models());
    let others = Allowance {
        wall_ms: Some(1),
        agents: Some(1),
        gate_bits: Some(Bits::whole(1)),
        ..none
    };
    assert!(!others.limits_models());
}

/// What a call of a function does outside of its run.
fn outside(compiled: &Compiled, name: &str) -> Outside {
    let function = compiled.function(compiled.function_id(name).unwrap());
    compiled.outside(&function.unwrap().kind)
}

#[test]
fn what_changes_something_outside_of_the_run_may_do_so_once_or_each_time() {
    let text = "version = 1\n[plugin.engine]\nfile = \"e\"\n[code]\nplugin = \"engine\"\n\
         [source.project]\npath = \".\"\ntags = []\n[tree]\n[command]\nnear = [\"make *\"]\n\
         far = { run = [\"gh *\"], net = [\"a.org\"] }\n[tool.desk]\nmcp = [\"desk\"]\n\
         [tool.desk.fn.send]\n[web.docs]\nallow = [\"https://a.org/**\"]\ntags = []\n\
         methods = [\"get\", \"head\", \"post\", \"delete\"]\n\
         [web.search]\nurl = \"https://a.org/?q={query}\"\nresults = \"/r\"\ntags = []\n";
    let policy = Policy::parse("lazaret.toml", text).unwrap();
    let engine = manifest("engine", "orchestrator", "");
    let compiled = compile(&policy, &BTreeMap::from([engine])).unwrap();
    for (name, expected) in [
        ("desk.send", Outside::EachTime),
        ("files.project.edit", Outside::EachTime),
        ("files.project.write", Outside::Once),
        ("files.project.read", Outside::Nothing),
        ("files.project.find", Outside::Nothing),
        ("run.apply", Outside::Once),
        ("tree.merge", Outside::Nothing),
        ("command.near", Outside::Nothing),
        ("command.far", Outside::EachTime),
        ("web.docs.get", Outside::Nothing),
        ("web.docs.head", Outside::Nothing),
        ("web.docs.post", Outside::EachTime),
        ("web.docs.delete", Outside::EachTime),
        ("web.search", Outside::Nothing),
        ("code.run", Outside::Nothing),
        ("person.ask", Outside::Nothing),
        ("run.print", Outside::Nothing),
    ] {
        assert_eq!(outside(&compiled, name), expected, "{name}");
    }
    let triage = triage::compiled();
    assert_eq!(outside(&triage, "tracker.label"), Outside::Once);
    assert_eq!(outside(&triage, "model.fast"), Outside::Nothing);
}

#[test]
fn a_tool_says_whom_a_call_reaches_by_one_of_its_arguments() {
    let section = |recipients: &str| {
        format!(
            "[tool.mail]\nmcp = [\"mail\"]\n[tool.mail.fn.send]\nargs = {{ to = [], text = [] }}\n\
             recipients = \"{recipients}\""
        )
    };
    for pointer in ["/to", "/to/0/address"] {
        let compiled = compiled(&section(pointer));
        let id = compiled.function_id("mail.send").unwrap();
        let named = compiled.function(id).unwrap().recipients.as_ref();
        assert_eq!(named.unwrap().to_string(), pointer);
        assert_eq!(
            compiled.rule_words(id),
            "mail.send(to: [], text: []) caller [] to [operator] gives [unknown] for [operator]: allow"
        );
    }
    let public = compiled(&section("public"));
    let id = public.function_id("mail.send").unwrap();
    assert_eq!(public.function(id).unwrap().recipients, None);
    let problems = parse(&section("/too")).unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["lazaret.toml:6:14: the function has no argument `too`"]
    );
    assert_eq!(problems[0].hint.as_deref(), Some("did you mean `to`?"));
}
