//! What is said before a run: `check`, `--dry-run`, consent, `plan`, and what is kept after it:
//! `save`.

use std::path::Path;

use crate::binary::report;
use crate::model::{Model, Said, last_text};
use crate::place::Place;
use serde_json::{Value, json};

fn nobody() -> Model {
    Model::start(|_| Said::Status(500))
}

/// Three findings, then one agent for each.
const FAN_OUT: &str = "
phase('Find')
const found = await agent('find', { label: 'finder', effort: 'high', schema: { type: 'object', properties: { files: { type: 'array', items: { type: 'string' } } }, required: ['files'] } })
phase('Read')
const read = await parallel(found.files.map((file, i) => () => agent(`read ${file}`, { label: `read ${i}` })))
return read.length";

#[test]
fn a_dry_run_shows_what_would_be_asked_and_asks_nobody() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script("main.js", FAN_OUT);
    let output = place.lazaret(&["run", "main.js", "--dry-run", "--json"]);
    let foreseen = report(&output);
    assert_eq!(output.status.code(), Some(0), "{foreseen}");
    assert_eq!(foreseen["agents"].as_array().unwrap().len(), 4);
    assert_eq!(foreseen["agents"][0]["phase"], "Find");
    assert_eq!(foreseen["agents"][0]["effort"], "high");
    assert_eq!(foreseen["agents"][1]["model"], "default/test");
    assert_eq!(foreseen["waves"], json!([1, 3]));
    assert!(
        foreseen["tokens"]["output"]["low"].as_u64()
            < foreseen["tokens"]["output"]["high"].as_u64()
    );
    assert!(
        foreseen["unforeseen"][0]
            .as_str()
            .unwrap()
            .contains("/files"),
        "{foreseen}"
    );
    assert!(model.asked.lock().unwrap().is_empty());
    let output = place.lazaret(&["run", "main.js", "--dry-run"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    for part in [
        "Find  1 agent ",
        "Read  3 agents",
        "read 0",
        "formula: depth 2",
        "files.notes.read",
    ] {
        assert!(shown.contains(part), "no {part} in:\n{shown}");
    }
    let runs: Vec<Value> =
        serde_json::from_slice(&place.lazaret(&["runs", "--json"]).stdout).unwrap();
    assert!(runs.is_empty(), "a dry run is no run");
}

#[test]
fn what_a_run_may_cost_is_counted_at_the_operators_prices() {
    let foreseen = |more: &str| {
        let model = nobody();
        let place = Place::new(&model, "float", more);
        place.script("main.js", "return await agent('find')");
        report(&place.lazaret(&["run", "main.js", "--dry-run", "--json"]))
    };
    let priced = foreseen("[models.prices]\n\"default/test\" = { input = 0, output = 100 }");
    for end in ["low", "high"] {
        let written = priced["tokens"]["output"][end].as_u64().unwrap();
        assert_eq!(priced["cost_usd_micros"][end], written * 100, "{priced}");
    }
    assert_eq!(priced["unpriced_agents"], 0);
    // Nobody sends a bill where there is no key.
    let free = foreseen("");
    assert_eq!(free["cost_usd_micros"]["high"], 0, "{free}");
    assert_eq!(free["unpriced_agents"], 0);
}

#[test]
fn a_large_run_that_nobody_agreed_to_does_not_start_where_the_policy_asks() {
    let model = Model::start(|request| Said::Text(last_text(request)));
    let place = Place::new(&model, "float", "[budget]\nask_agents = 3");
    place.script(
        "main.js",
        "return (await parallel([1, 2, 3, 4].map(n => () => agent(`n${n}`)))).length",
    );
    let output = place.lazaret(&["run", "main.js"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("4 agents") && said.contains("--yes"),
        "{said}"
    );
    assert!(model.asked.lock().unwrap().is_empty());
    assert_eq!(place.run(&["main.js", "--yes"]).1["result"], 4);
    place.script(
        "main.js",
        "return (await parallel([1, 2, 3].map(n => () => agent(`n${n}`)))).length",
    );
    assert_eq!(place.run(&["main.js"]).1["result"], 3);
}

#[test]
fn check_names_line_and_column_of_what_is_wrong() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script(
        "main.js",
        "agent('nobody waits')
const r = await agent('x', { lable: 'a', schema: { type: 'object', properties: { n: { type: 'integer', minimum: 5, maximum: 1 } } } })
await agent('y', { agentType: 'nobody' })
return r",
    );
    let output = place.lazaret(&["check", "main.js", "--json"]);
    let found = report(&output);
    assert_eq!(output.status.code(), Some(1), "{found}");
    let all: Vec<(String, u64)> = found["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["code"].as_str().unwrap().to_owned(),
                one["line"].as_u64().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("script.missing-await", 2),
        ("script.unknown-option", 3),
        ("script.contradictory-schema", 3),
        ("unknown-agent-type", 4),
    ];
    assert_eq!(all, expected.map(|(code, line)| (code.to_owned(), line)));
    let shown = place.lazaret(&["check", "main.js"]);
    let shown = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert!(
        shown.contains("--> main.js:3:") && shown.contains("did you mean `label`?"),
        "{shown}"
    );
    for (code, _) in &all {
        let page =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/errors/{code}.md"));
        assert!(page.is_file(), "{code} has no page");
    }
}

#[test]
fn check_of_a_sound_script_says_nothing_and_of_a_broken_one_where() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script("main.js", FAN_OUT);
    assert_eq!(place.lazaret(&["check", "main.js"]).status.code(), Some(0));
    place.script("main.js", "return (");
    let output = place.lazaret(&["check", "main.js"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("script.syntax") && said.contains("main.js:"),
        "{said}"
    );
}

/// A planner whose first script is wrong.
fn planner() -> Model {
    Model::start(|request| {
        let text = last_text(request);
        if !text.contains("# The request") {
            return Said::Text(text);
        }
        let script = if text.contains("# What is wrong with it") {
            "export const meta = { name: 'greet', description: 'greets' }\nreturn await agent('hello')"
        } else {
            "export const meta = { name: 'greet', description: 'greets' }\nreturn ("
        };
        let plan = json!({"fits": "one agent", "reason": "it is small", "script": script});
        Said::Text(plan.to_string())
    })
}

#[test]
fn a_plan_is_checked_shown_and_run_only_after_consent() {
    let model = planner();
    let place = Place::new(&model, "float", "");
    let output = place.lazaret(&["plan", "greet somebody"]);
    let (shown, said) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        shown.contains("return await agent('hello')") && shown.contains("1 agent"),
        "{shown}"
    );
    assert!(
        said.contains("one agent: it is small") && said.contains("not run"),
        "{said}"
    );
    assert!(said.contains("asking again"), "{said}");
    // Two attempts; the planner has no tools, and has not been told of anything else.
    let asked = model.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|request| {
        request
            .get("tools")
            .is_none_or(|tools| tools.as_array().unwrap().is_empty())
    }));
    let output = place.lazaret(&["plan", "greet somebody", "--yes", "--save", "greet"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.trim_end().ends_with("hello"), "{shown}");
    let (_, saved) = place.run(&["greet"]);
    assert_eq!(
        (&saved["result"], &saved["taint"]),
        (&json!("hello"), &json!([]))
    );
}

#[test]
fn what_is_typed_as_args_is_json_or_a_text() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script("main.js", "return args");
    for (typed, expected) in [
        ("[1]", json!([1])),
        ("7", json!(7)),
        ("two words", json!("two words")),
        ("\"{\\\"a\\\": 1}\"", json!({"a": 1})),
    ] {
        assert_eq!(
            place.run(&["main.js", "--args", typed]).1["result"],
            expected,
            "{typed}"
        );
    }
    let wrong = place.lazaret(&["run", "main.js", "--args", "{\"a\": "]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_run_is_saved_under_a_name_and_as_a_skill() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script("main.js", "return (args ?? { n: 1 }).n + 1");
    let (_, first) = place.run(&["main.js"]);
    let run = first["run"].as_str().unwrap();
    assert!(place.lazaret(&["save", run, "next"]).status.success());
    assert_eq!(place.run(&["next", "--args", "{\"n\": 2}"]).1["result"], 3);
    let twice = place.lazaret(&["save", run, "next"]);
    assert_eq!(twice.status.code(), Some(2));
    assert_eq!(place.lazaret(&["save", run, "../x"]).status.code(), Some(2));
    assert!(
        place
            .lazaret(&["save", run, "next", "--skill", "skills"])
            .status
            .success()
    );
    let skill = std::fs::read_to_string(place.path().join("skills/next/SKILL.md")).unwrap();
    assert!(
        skill.starts_with("---\nname: next\ndescription: \"of a test\"\n---\n"),
        "{skill}"
    );
    assert_eq!(place.run(&["skills/next/workflow.js"]).1["result"], 2);
}
