//! `--until` and `--every`: the same workflow again and again, each round a run of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::model::{Model, Said};
use crate::place::Place;
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
fn a_failed_round_ends_nothing_and_forgets_nothing() {
    let asked = AtomicUsize::new(0);
    let model = Model::start(move |_| {
        let round = asked.fetch_add(1, Ordering::Relaxed);
        let said = ["one", "stop", "three", "stop"].get(round);
        Said::Text((*said.unwrap()).to_owned())
    });
    let place = Place::new(&model, "float", "");
    place.script(
        "main.js",
        "const said = await agent('which?')
        if (said === 'stop') throw new Error('so it is')
        return { state: [...(args.state ?? []), said] }",
    );
    let output = place.lazaret(&[
        "run", "main.js", "--args", "{}", "--every", "1s", "--rounds", "3", "--json",
    ]);
    let said = String::from_utf8_lossy(&output.stderr);
    let rounds = reports(&output);
    let status: Vec<&Value> = rounds.iter().map(|round| &round["status"]).collect();
    assert_eq!(status, ["done", "failed", "done"], "{said}");
    assert_eq!(rounds[2]["result"]["state"], json!(["one", "three"]));
    // Which state it has tells it that a round failed: one bit.
    let bits = |round: usize| rounds[round]["gate_bits"]["total"].as_f64();
    assert_eq!((bits(1), bits(2)), (Some(0.0), Some(1.0)), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");
    // The last round's status is the command's.
    let (code, only) = place.run(&["main.js", "--args", "{}", "--every", "1s", "--rounds", "1"]);
    assert_eq!((code, &only["status"]), (Some(1), &json!("failed")));
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
