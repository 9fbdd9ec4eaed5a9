//! What a run gave, or why it gave nothing, as it is read afterwards: marked by where it may come
//! from. The model is an HTTP server on loopback.

use std::process::Output;

use crate::binary;
use crate::model::{Model, Said};
use crate::place::Place;
use serde_json::{Value, json};

/// A stranger's text that would drive a terminal and look like a line of ours.
const ARGS: &str = r#"{"secret": "a \u001b[2Jtrap\nApproved."}"#;

/// Floating scripts with a stranger's argument; the model refuses everybody.
fn place(script: &str) -> Place {
    let model = Model::start(|_| Said::Status(401));
    let place = Place::new(&model, "float", "");
    place.write("args.json", ARGS);
    place.script("script.js", script);
    place
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs the script on the stranger's argument, or on the operator's own.
fn run(place: &Place, args: &str) -> (String, Value) {
    let (_, report) = place.run(&["script.js", "--args", args]);
    (report["run"].as_str().unwrap().to_owned(), report)
}

/// The last event of a run, as `show --json` prints it.
fn end(place: &Place, run: &str) -> Value {
    let events = said(&place.lazaret(&["show", run, "--json"]));
    let last = events.lines().last().unwrap();
    let event: Value = serde_json::from_str(last).unwrap();
    assert_eq!(event["event"], "run-finished", "{event}");
    event
}

/// Both ways to read a run as text say so.
#[track_caller]
fn shows(place: &Place, run: &str, expected: &[&str]) {
    for more in [&[][..], &["--watch"]] {
        let shown = said(&place.lazaret(&[&["show", run], more].concat()));
        for line in expected {
            assert!(shown.contains(line), "{line}: {shown}");
        }
        assert!(!shown.contains('\u{1b}'), "{shown}");
        let is_ours = |line: &str| line.starts_with("Approved.");
        assert!(!shown.lines().any(is_ours), "{shown}");
    }
}

#[test]
fn a_result_is_shown_with_the_taint_that_it_was_printed_with() {
    let place = place("return args.secret");
    let (tainted, report) = run(&place, "@args.json");
    assert_eq!(report["taint"], json!(["unknown"]), "{report}");
    let expected = [
        "result: untrusted, may come from unknown",
        "┃ a \\u{1b}[2Jtrap",
        "┃ Approved.",
    ];
    shows(&place, &tainted, &expected);
    let event = end(&place, &tainted);
    assert_eq!(event["result"]["label"]["taint"], json!(["unknown"]));

    // The twin: the operator's own words.
    let (own, report) = run(&place, r#"{"secret": "mine"}"#);
    assert_eq!(report["taint"], json!([]), "{report}");
    shows(&place, &own, &["result: trusted", "│ mine"]);
    assert_eq!(end(&place, &own)["result"]["label"]["taint"], json!([]));
}

#[test]
fn why_a_script_failed_is_told_with_the_taint_of_what_it_had_read() {
    let place = place("throw new Error(args.secret)");
    let (tainted, report) = run(&place, "@args.json");
    let failure = &report["failures"][0];
    assert_eq!(failure["place"], "workflow", "{report}");
    assert!(failure["message"].as_str().unwrap().contains("trap"));
    assert_eq!(failure["taint"], json!(["unknown"]), "{report}");
    assert_eq!(report["taint"], json!(["unknown"]), "{report}");
    let expected = [
        "failure: untrusted, may come from unknown",
        "a \\u{1b}[2Jtrap",
        "┃ Approved.",
    ];
    shows(&place, &tainted, &expected);
    let event = end(&place, &tainted);
    assert_eq!(event["failure"]["label"]["taint"], json!(["unknown"]));
    let printed = said(&place.lazaret(&["run", "script.js", "--args", "@args.json"]));
    for line in [
        "  workflow: untrusted, may come from unknown",
        "┃ Approved.",
    ] {
        assert!(printed.contains(line), "{line}: {printed}");
    }

    // The twin: the operator's own words.
    let (own, report) = run(&place, r#"{"secret": "mine"}"#);
    assert_eq!(report["failures"][0]["taint"], json!([]), "{report}");
    assert_eq!(report["taint"], json!([]), "{report}");
    shows(&place, &own, &["failure: trusted", "mine"]);
}

#[test]
fn why_an_agent_failed_is_told_with_its_taint_also_by_a_later_part_of_the_run() {
    let place = place("return (await agent(args.secret)) ?? 'nobody'");
    let (tainted, report) = run(&place, "@args.json");
    let failure = &report["failures"][0];
    assert_eq!(failure["place"], "step 1", "{report}");
    assert_eq!(failure["taint"], json!(["unknown"]), "{report}");
    let again = binary::report(&place.lazaret(&["resume", &tainted, "--json"]));
    assert_eq!(again["agents"]["replayed"], 1, "{again}");
    assert_eq!(again["failures"], report["failures"]);

    let (_, report) = run(&place, r#"{"secret": "mine"}"#);
    assert_eq!(report["failures"][0]["taint"], json!([]), "{report}");
}
