//! What may an orchestrator do besides starting agents, and the engine that runs agents' code?

use std::collections::BTreeMap;

use lazaret_kernel::tables::Grants;
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Compiled, Order};
use lazaret_policy::policy::Policy;

use crate::triage::{POLICY, manifest, manifests};

#[test]
fn an_orchestrator_asks_a_person_where_the_policy_lets_it_and_it_requests_that() {
    let text = POLICY.replace("print = true", "asks = true");
    let asking = Policy::parse("lazaret.toml", &text).unwrap();
    let silent = Policy::parse("lazaret.toml", POLICY).unwrap();
    let name = "triage-orchestrator";
    let requesting = manifest(name, "orchestrator", "[requests]\nuse = [\"person.ask\"]");
    let with = |policy, uses: bool| {
        let mut manifests = manifests();
        manifests.extend(uses.then(|| requesting.clone()));
        compile(policy, &manifests).unwrap()
    };
    let asks = |compiled: &Compiled| {
        let ask = compiled.function_id("person.ask").unwrap();
        let workflow = compiled.workflow.as_ref().unwrap();
        workflow.grants.has_function(ask)
    };
    assert!(asks(&with(&asking, true)));
    assert!(!asks(&with(&silent, true)));
    let unrequested = with(&asking, false);
    assert!(!asks(&unrequested));
    let notes: Vec<String> = unrequested.notes.iter().map(ToString::to_string).collect();
    assert!(
        notes.contains(&format!("lazaret.toml:6:16: the policy grants `person.ask`, which the plugin `{name}` does not request")),
        "{notes:?}"
    );
}

#[test]
fn what_runs_code_is_granted_nothing_and_stays_within_its_limits() {
    let text = "version = 1\n[plugin.engine]\nfile = \"engine.wasm\"\n[code]\nplugin = \"engine\"\n[limits]\nmemory_mib = 32";
    let policy = Policy::parse("lazaret.toml", text).unwrap();
    let wanting = "[requests]\nuse = [\"code.run\", \"person.ask\"]\n[limits]\nwall_ms = 5_000";
    let with = |world| {
        compile(
            &policy,
            &BTreeMap::from([manifest("engine", world, wanting)]),
        )
    };
    let code = with("orchestrator").unwrap().code.unwrap();
    assert_eq!(code.plugin, "engine");
    assert_eq!(code.grants, Grants::NONE);
    assert_eq!((code.limits.memory_mib, code.limits.wall_ms), (32, 5_000));
    let problems = with("agent").unwrap_err();
    let said: Vec<&str> = problems.iter().map(|one| one.code).collect();
    assert_eq!(said, ["plugin-world"]);
}

#[test]
fn an_orchestrator_is_told_how_its_children_ended_in_the_order_that_the_policy_says() {
    let with = |order: &str| {
        let text = POLICY.replace("print = true", order);
        Policy::parse("lazaret.toml", &text)
    };
    for (written, expected) in [
        ("", Order::Spawn),
        ("order = \"spawn\"", Order::Spawn),
        ("order = \"completion\"", Order::Completion),
    ] {
        let compiled = compile(&with(written).unwrap(), &manifests()).unwrap();
        assert_eq!(compiled.workflow.unwrap().order, expected, "{written}");
    }
    let problems = with("order = \"any\"").unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["lazaret.toml:9:9: `order` is `any`"]);
}
