//! Input that is broken: each error names the place, and nothing else is lost by it.

use lazaret_runtime::HostError;
use lazaret_security::{Played, Stage};
use serde_json::{Value, json};

fn report(number: u64) -> Value {
    json!({
        "number": number,
        "title": "the program crashes at start",
        "body": "It crashes with a stack trace. Please fix this.",
        "author": { "login": "somebody" },
        "labels": [],
        "comments": [],
        "createdAt": "2026-01-01T00:00:00Z",
        "url": "https://example.org/1",
    })
}

fn stage(reports: &[Value]) -> Stage {
    Stage::workflow("triage").argument(json!(reports).to_string())
}

/// The entries of the result, without what is not the same in two runs.
fn entries(played: &Played) -> Vec<Value> {
    played.result()["reports"]
        .as_array()
        .expect("a list of reports")
        .clone()
}

/// What failed: place and message.
fn failures(played: &Played) -> Vec<(&str, &str)> {
    let failures = played.report.failures.iter();
    failures
        .map(|one| (one.place.as_str(), one.message.as_str()))
        .collect()
}

fn refused(argument: &[u8]) -> String {
    let error = stage(&[])
        .argument(argument)
        .try_play()
        .expect_err("the input was taken");
    assert_eq!(error.code(), "input");
    error.to_string()
}

#[test]
fn a_malformed_file_is_refused_with_its_line_and_column() {
    let cases = [
        (
            "",
            "input.json:1:0: malformed JSON: EOF while parsing a value",
        ),
        (
            "[1,\n 2,\n x]",
            "input.json:3:2: malformed JSON: expected value",
        ),
        (
            "[] []",
            "input.json:1:4: malformed JSON: trailing characters",
        ),
        (
            "[\"\n\"]",
            "input.json:2:0: malformed JSON: control character",
        ),
    ];
    for (text, expected) in cases {
        let said = refused(text.as_bytes());
        assert!(said.starts_with(expected), "{text:?}: {said}");
    }
}

#[test]
fn a_file_that_is_no_text_is_refused_with_its_place() {
    let said = refused(b"[\"\xff\"]");
    assert!(said.starts_with("input.json:1:"), "{said}");
}

#[test]
fn a_file_that_is_nested_too_deep_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let said = refused(deep.as_bytes());
    assert!(said.contains("recursion limit"), "{said}");
}

#[test]
fn a_file_that_holds_no_list_is_refused() {
    let said = refused(b"{}");
    assert!(
        said.contains("the workflow expects a list at the top level"),
        "{said}"
    );
}

#[test]
fn a_report_with_a_missing_field_is_set_aside_and_the_others_go_on() {
    let mut broken = report(2);
    broken.as_object_mut().unwrap().remove("body");
    let played = stage(&[report(1), broken, report(3)]).play();
    assert_eq!(failures(&played), [("/1", "the field `body` is missing")]);
    assert_eq!(played.report.status.as_str(), "done-with-failures");
    let without = stage(&[report(1), report(3)]).play();
    assert_eq!(entries(&played), entries(&without));
    assert_eq!(without.report.status.as_str(), "done");
}

#[test]
fn a_field_of_another_type_is_set_aside_with_its_place_below_the_report() {
    let mut broken = report(2);
    broken["comments"] = json!([{ "body": "fine" }, { "body": 7 }]);
    let played = stage(&[report(1), broken]).play();
    let expected = "the value is of another type than the schema says";
    assert_eq!(failures(&played), [("/1/comments/1/body", expected)]);
    assert_eq!(entries(&played).len(), 1);
}

#[test]
fn what_is_no_report_at_all_is_set_aside() {
    let played = stage(&[json!(null), json!("report"), json!([]), report(4)]).play();
    let places: Vec<&str> = failures(&played)
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places, ["/0", "/1", "/2"]);
    assert_eq!(entries(&played).len(), 1);
}

#[test]
fn a_report_of_ten_mebibytes_is_set_aside_and_the_others_go_on() {
    let mut large = report(2);
    large["body"] = json!("x".repeat(10 << 20));
    let played = stage(&[report(1), large, report(3)]).play();
    let [(place, message)] = failures(&played)[..] else {
        panic!("{:?}", failures(&played));
    };
    assert_eq!(place, "/1");
    assert!(
        message.ends_with("the limit `max_item_bytes` is 1048576"),
        "{message}"
    );
    assert!(!message.contains("xxx"), "{message}");
    let without = stage(&[report(1), report(3)]).play();
    assert_eq!(entries(&played), entries(&without));
}

#[test]
fn a_report_of_ten_mebibytes_is_read_where_the_policy_takes_it() {
    let mut large = report(2);
    large["body"] = json!("crash ".repeat(10 << 17));
    let played = stage(&[report(1), large])
        .rule("[source.args]", "max_item_bytes", "20_000_000")
        .rule("[limits]", "cpu_ms", "60000")
        .rule("[limits]", "wall_ms", "60000")
        .play();
    assert_eq!(entries(&played).len(), 2, "{:?}", failures(&played));
}

#[test]
fn one_report_past_the_limit_is_set_aside() {
    let played = stage(&[report(1), report(2), report(3)])
        .rule("[source.args]", "max_items", "2")
        .play();
    assert_eq!(
        failures(&played),
        [("/2", "past the limit `max_items` of 2")]
    );
    assert_eq!(entries(&played).len(), 2);
}

#[test]
fn a_label_that_the_policy_does_not_know_is_refused_with_its_place_and_a_hint() {
    let error = stage(&[report(1)])
        .rule("[profile.reader]", "reads", r#"["isue"]"#)
        .try_play()
        .expect_err("the policy was taken");
    let HostError::Policy(problems) = error else {
        panic!("{error}");
    };
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["unknown-label"]);
    let problem = &problems[0];
    assert!(problem.line > 1 && problem.column > 1, "{problem}");
    assert!(problem.message.contains("`isue`"), "{problem}");
    assert!(
        problem
            .hint
            .as_deref()
            .unwrap_or_default()
            .contains("issue"),
        "{problem:?}"
    );
}

#[test]
fn every_unknown_label_of_a_policy_is_told_at_once() {
    let error = stage(&[])
        .rule("[profile.reader]", "reads", r#"["isue"]"#)
        .rule("[gate.verdict]", "removes", r#"["mial"]"#)
        .try_play()
        .expect_err("the policy was taken");
    let HostError::Policy(problems) = error else {
        panic!("{error}");
    };
    assert_eq!(problems.len(), 2, "{problems:?}");
}

/// The tracker's file, with these labels.
fn tracker(labels: &[&str]) -> String {
    json!({ "labels": labels, "reports": {} }).to_string()
}

#[test]
fn a_label_that_the_tracker_does_not_have_is_named_and_what_else_was_to_be_done_is_done() {
    let file = ".lazaret/triage/tracker.json";
    let known = [
        "bug",
        "feature",
        "question",
        "documentation",
        "security",
        "spam",
    ];
    let played = stage(&[report(1), report(2)])
        .file(file, &tracker(&known))
        .play();
    assert_eq!(entries(&played).len(), 2);
    let all = played.result().to_string() + &format!("{:?}", failures(&played));
    assert!(all.contains("labels of tracker.json"), "{all}");
    let stored: Value = serde_json::from_str(&played.file(file).unwrap()).unwrap();
    let reports = stored["reports"].as_object().unwrap();
    assert_eq!(reports.len(), 2, "{stored}");
}

#[test]
fn a_tracker_whose_file_is_malformed_is_named_and_stays_as_it_is() {
    let file = ".lazaret/triage/tracker.json";
    let played = stage(&[report(1)]).file(file, "{ \"labels\": [").play();
    let all = played.result().to_string() + &format!("{:?}", failures(&played));
    assert!(all.contains("tracker/tracker.json"), "{all}");
    assert_eq!(played.file(file).unwrap(), "{ \"labels\": [");
}
