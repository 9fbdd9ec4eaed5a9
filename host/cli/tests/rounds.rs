//! `--until` and `--every`: the same workflow again and again, each round a run of its own.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop a test as tests do, and read the environment"
)]

#[path = "support/model.rs"]
#[expect(dead_code, reason = "the tests of models use the rest of it")]
mod model;
#[path = "support/place.rs"]
mod place;

use std::io::{BufRead as _, BufReader};
use std::process::{Output, Stdio};

use model::{Model, Said};
use place::Place;
use serde_json::{Value, json};

fn nobody() -> Model {
    Model::start(|_| Said::Status(500))
}

/// What each round printed.
fn reports(output: &Output) -> Vec<Value> {
    let printed = String::from_utf8_lossy(&output.stdout);
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn rounds_go_on_until_the_condition_holds_and_hand_their_state_on() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script(
        "main.js",
        "const seen = [...(args.state ?? []), (args.state ?? []).length]
        return { state: seen, open: 3 - seen.length }",
    );
    let output = place.lazaret(&[
        "run",
        "main.js",
        "--until",
        "result.open === 0",
        "--json",
        "--args",
        "{}",
    ]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let last = String::from_utf8_lossy(&output.stdout);
    let last: Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
    assert_eq!(last["result"], json!({"state": [0, 1, 2], "open": 0}));
    assert_eq!(last["gate_bits"]["total"].as_f64(), Some(0.0));
    assert!(said.contains("after 3 round(s)"), "{said}");
    let never = place.lazaret(&[
        "run", "main.js", "--until", "false", "--rounds", "2", "--json",
    ]);
    assert_eq!(never.status.code(), Some(1));
    let wrong = place.lazaret(&[
        "run",
        "main.js",
        "--args",
        "{}",
        "--until",
        "result.a.b",
        "--json",
    ]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_condition_over_tainted_results_is_counted_for_an_opaque_script_too() {
    let model = nobody();
    let place = Place::new(&model, "opaque", "");
    place.write("args.json", r#"{"secret": "from outside"}"#);
    place.script("main.js", "return { kept: args }");
    let condition = "result.kept.secret.length > 3 && round === 2";
    let output = place.lazaret(&[
        "run",
        "main.js",
        "--args",
        "@args.json",
        "--until",
        condition,
        "--json",
    ]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let printed = String::from_utf8_lossy(&output.stdout);
    let last: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    assert_eq!(last["taint"], json!(["unknown"]), "{last}");
    // That there is a second round is one bit of the first one's result.
    assert_eq!(last["gate_bits"]["total"].as_f64(), Some(1.0), "{last}");
    assert!(
        said.contains("untrusted results decided 2 bit(s)"),
        "{said}"
    );
}

#[test]
fn what_is_kept_between_rounds_keeps_its_label() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script(".claude/workflows/local.js", "return ['seen']");
    place.script(
        "main.js",
        "return args.state ? { state: args.state } : { state: await workflow('local') }",
    );
    let output = place.lazaret(&[
        "run",
        "main.js",
        "--args",
        "{}",
        "--until",
        "round === 2",
        "--json",
    ]);
    let printed = String::from_utf8_lossy(&output.stdout);
    let last: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    assert_eq!(last["result"]["state"], json!(["seen"]), "{last}");
    assert_eq!(last["taint"], json!(["unknown"]), "{last}");
}

#[test]
fn every_round_follows_a_pause_and_a_failed_one_ends_nothing() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script(
        "main.js",
        "if (args.state === undefined) throw new Error('the first one fails')
        return { state: args.state }",
    );
    let output = place.lazaret(&[
        "run", "main.js", "--args", "{}", "--every", "1s", "--rounds", "3", "--json",
    ]);
    let rounds = reports(&output);
    let status: Vec<&str> = rounds
        .iter()
        .map(|round| round["status"].as_str().unwrap())
        .collect();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(status.len(), 3, "{status:?} {said}");
    assert_eq!(status[0], "failed", "{status:?}");
    let ids: Vec<&Value> = rounds.iter().map(|round| &round["run"]).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    let started = |id: &Value| {
        let shown = place.lazaret(&["show", id.as_str().unwrap(), "--json"]);
        place::report(&shown)
    };
    assert_eq!(started(ids[0])["status"], "failed");
}

#[test]
fn a_pause_ends_with_a_signal() {
    let model = nobody();
    let place = Place::new(&model, "float", "");
    place.script("main.js", "return 1");
    let mut child = place
        .command(&["run", "main.js", "--every", "1d", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let printed = child.stdout.take().unwrap();
    BufReader::new(printed).read_line(&mut first).unwrap();
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["result"], json!(1));
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
