//! The binary as a user meets it: results, messages and exit statuses, right and wrong input.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::binary::{self, report};
use serde_json::Value;

/// A directory to run in, with an installation and a state of its own.
struct Place {
    directory: tempfile::TempDir,
    dist: PathBuf,
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            dist: binary::dist(),
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        binary::command(self.path(), arguments).output().unwrap()
    }

    /// Runs the command in a terminal of its own, where somebody types this.
    fn typed(&self, arguments: &[&str], keys: &str) -> String {
        let command = format!("{} {}", env!("CARGO_BIN_EXE_lazaret"), arguments.join(" "));
        let mut terminal = Command::new("script")
            .args(["--quiet", "--command", &command, "/dev/null"])
            .current_dir(self.path())
            .env("LAZARET_HOME", &self.dist)
            .env("LAZARET_STATE", self.path().join("state"))
            .env("NO_COLOR", "1")
            .env("VISUAL", "")
            .env("EDITOR", "")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("`script` of util-linux makes a terminal");
        let mut stdin = terminal.stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, keys.as_bytes()).unwrap();
        drop(stdin);
        stdout(&terminal.wait_with_output().unwrap())
    }

    fn issues(&self) -> String {
        let file = self.dist.join("workflows/triage/data/issues.json");
        format!("@{}", file.display())
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path().join(name), text).unwrap();
        format!("@{name}")
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn triage_reads_every_report_and_acts_on_it() {
    let place = Place::new();
    let output = place.lazaret(&["run", "triage", "--json", "--args", &place.issues()]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(report["status"], "done");
    assert_eq!(report["taint"], serde_json::json!(["issue", "author"]));
    assert_eq!(report["denials"], serde_json::json!([]));
    let reports = report["result"]["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 46);
    assert!(reports.iter().all(|one| one["status"] == "done"));
    assert_eq!(report["agents"]["completed"], 92);
    let security = reports.iter().find(|one| one["number"] == 1203).unwrap();
    assert_eq!(security["kind"], "security");

    let tracker = std::fs::read(place.path().join(".lazaret/triage/tracker.json")).unwrap();
    let tracker: Value = serde_json::from_slice(&tracker).unwrap();
    let entry = &tracker["reports"]["1203"];
    assert!(
        entry["labels"]
            .as_array()
            .unwrap()
            .contains(&"security".into())
    );
    assert_eq!(entry["closed"], false);
}

#[test]
fn verdicts_agree_with_a_careful_reader_in_most_cases() {
    let place = Place::new();
    let output = place.lazaret(&["run", "triage", "--json", "--args", &place.issues()]);
    let expected = place.dist.join("workflows/triage/data/expected.json");
    let expected: Value = serde_json::from_slice(&std::fs::read(expected).unwrap()).unwrap();
    let report = report(&output);
    let reports = report["result"]["reports"].as_array().unwrap();
    let agreed = reports
        .iter()
        .filter(|one| one["kind"] == expected[one["number"].to_string()]["kind"])
        .count();
    assert!(
        agreed * 100 >= reports.len() * 85,
        "{agreed} of {}",
        reports.len()
    );
}

#[test]
fn the_bits_of_a_run_are_the_sum_of_its_gates() {
    let place = Place::new();
    let output = place.lazaret(&["run", "triage", "--json", "--args", &place.issues()]);
    let bits = &report(&output)["gate_bits"];
    let sum = |of: &Value| -> f64 {
        of.as_object()
            .unwrap()
            .values()
            .map(|one| one.as_f64().unwrap())
            .sum()
    };
    let total = bits["total"].as_f64().unwrap();
    assert!((sum(&bits["by_gate"]) - total).abs() < 1e-6);
    assert!((sum(&bits["by_item"]) - total).abs() < 1e-6);
    // log2(1001) for the count; log2(385) and log2(4) for each report; log2(4) for each of the 15
    // actors that draft an answer: the text that it passes on unread may decide how it ends.
    let expected = 9.968 + 46.0 * (8.589 + 2.0) + 15.0 * 2.0;
    assert!(
        (total - expected).abs() < 0.1,
        "{total} is not about {expected}"
    );
}

#[test]
fn malformed_json_is_named_with_its_place_and_starts_nothing() {
    let place = Place::new();
    let broken = place.write("issues.json", "[\n  {\"number\": 1,}\n]");
    let output = place.lazaret(&["run", "triage", "--args", &broken]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("issues.json:2:16: malformed JSON"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&place.lazaret(&["runs"])).is_empty());
}

#[test]
fn items_that_fail_are_named_and_the_others_go_on() {
    let place = Place::new();
    let good = r#"{"number": 7, "title": "It crashes", "body": "It crashes at start.", "author": {"login": "ann"}, "comments": []}"#;
    let no_body = r#"{"number": 8, "title": "t", "author": {"login": "ann"}, "comments": []}"#;
    let huge = format!(
        r#"{{"number": 9, "title": "t", "body": "{}", "author": {{"login": "ann"}}, "comments": []}}"#,
        "x".repeat(10 << 20)
    );
    let list = place.write("issues.json", &format!("[{no_body},{good},{huge}]"));
    let output = place.lazaret(&["run", "triage", "--json", "--args", &list]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(report["result"]["reports"][0]["number"], 7);
    assert_eq!(report["failures"][0]["place"], "/0");
    assert_eq!(
        report["failures"][0]["message"],
        "the field `body` is missing"
    );
    assert_eq!(report["failures"][1]["place"], "/2");
    let message = report["failures"][1]["message"].as_str().unwrap();
    assert!(message.contains("`max_item_bytes`"), "{message}");
}

#[test]
fn a_label_that_the_tracker_does_not_know_fails_that_report_alone() {
    let place = Place::new();
    std::fs::create_dir_all(place.path().join(".lazaret/triage")).unwrap();
    place.write(
        ".lazaret/triage/tracker.json",
        r#"{"labels": ["bug", "area/cli", "area/other", "severity/low", "severity/normal", "severity/high", "severity/critical"], "reports": {}}"#,
    );
    let list = place.write(
        "issues.json",
        r#"[{"number": 1, "title": "It crashes", "body": "It crashes with a panic at start.", "author": {"login": "ann"}, "comments": []},
            {"number": 2, "title": "Feature request: please add a dark theme", "body": "It would be nice to have one.", "author": {"login": "ann"}, "comments": []}]"#,
    );
    let output = place.lazaret(&["run", "triage", "--json", "--args", &list]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(5), "{report}");
    assert_eq!(report["result"]["reports"][0]["status"], "done");
    assert_eq!(report["result"]["reports"][1]["status"], "not acted on");
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("report 2, label") && message.contains("/labels"),
        "{message}"
    );
}

#[test]
fn a_policy_with_an_unknown_label_is_refused_with_its_line() {
    let place = Place::new();
    let own = place.dist.join("workflows/triage/lazaret.toml");
    let policy = std::fs::read_to_string(own).unwrap();
    let policy = policy.replace(
        "removes = [\"issue\", \"author\"]",
        "removes = [\"isue\", \"author\"]",
    );
    place.write("lazaret.toml", &policy);
    let output = place.lazaret(&["run", "triage", "--policy", "lazaret.toml", "--args", "[]"]);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2));
    let line = policy
        .lines()
        .position(|line| line.contains("isue"))
        .unwrap()
        + 1;
    assert!(text.contains(&format!("lazaret.toml:{line}:")), "{text}");
    assert!(
        text.contains("`isue`") && text.contains("docs/errors/unknown-label.md"),
        "{text}"
    );
}

#[test]
fn an_unknown_workflow_is_answered_with_those_that_there_are() {
    let place = Place::new();
    let output = place.lazaret(&["run", "trage", "--args", "[]"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`triage`"), "{}", stderr(&output));
}

#[test]
fn a_run_can_be_found_and_shown_by_the_first_letters_of_its_id() {
    let place = Place::new();
    let run = place.lazaret(&["run", "triage", "--json", "--args", "[]"]);
    let id = report(&run)["run"].as_str().unwrap().to_owned();
    assert!(stdout(&place.lazaret(&["runs"])).contains(&id));
    let shown = stdout(&place.lazaret(&["show", &id[..6]]));
    assert!(
        shown.contains("hash chain intact") && shown.contains("ended done"),
        "{shown}"
    );
    let missing = place.lazaret(&["show", "zzzzzz"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn inspecting_runs_nothing_and_lists_what_is_imported() {
    let place = Place::new();
    let plugin = place.dist.join("plugins/triage-reader.wasm");
    let output = place.lazaret(&["inspect", "--json", plugin.to_str().unwrap()]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["requests"], serde_json::json!([]));
    assert_eq!(
        value["imports"],
        serde_json::json!(["lazaret:agent/content@0.1.0", "lazaret:agent/log@0.1.0"])
    );
}

#[test]
fn an_agent_that_asks_for_nothing_imports_nothing() {
    let place = Place::new();
    let plugin = place
        .dist
        .join("guests")
        .join("noop")
        .with_extension("wasm");
    let output = place.lazaret(&["inspect", "--json", plugin.to_str().unwrap()]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["imports"], serde_json::json!([]));
}

#[test]
fn help_has_examples_and_completions_are_made() {
    let place = Place::new();
    assert!(stdout(&place.lazaret(&["run", "--help"])).contains("Examples:"));
    assert!(stdout(&place.lazaret(&["completions", "bash"])).contains("_lazaret"));
    assert!(place.lazaret(&["doctor"]).status.success());
}

/// Triage whose drafts a person has to approve.
fn asking_policy(place: &Place) -> String {
    let shipped = place.dist.join("workflows/triage/lazaret.toml");
    let shipped = std::fs::read_to_string(shipped).unwrap();
    let asked = shipped.replace(
        "[tool.tracker.fn.draft]",
        "[tool.tracker.fn.draft]\ndecide = \"ask\"",
    );
    assert_ne!(asked, shipped);
    place.write("asks.toml", &asked);
    "asks.toml".to_owned()
}

#[test]
fn a_run_that_asks_waits_without_a_terminal_and_takes_answers_later() {
    let place = Place::new();
    let policy = asking_policy(&place);
    let issues = place.issues();
    let output = place.lazaret(&[
        "run", "triage", "--json", "--policy", &policy, "--args", &issues,
    ]);
    let report = report(&output);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert_eq!(report["status"], "waiting");
    let asked = report["approvals"].as_array().unwrap().len();
    assert!(asked > 1, "{report}");
    let run = report["run"].as_str().unwrap();
    assert!(
        !std::fs::read_to_string(place.path().join(".lazaret/triage/tracker.json"))
            .unwrap()
            .contains("Thank you for the report")
    );

    let refused = place.lazaret(&["approve", run]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("on a terminal"));

    let listed = place.lazaret(&["approve", run, "--json"]);
    assert_eq!(listed.status.code(), Some(3));
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), asked);
    let body = listed[0]["arguments"]["body"].as_str().unwrap();
    assert!(body.contains("Thank you for the report"), "{listed}");
    let wrong = place.lazaret(&["deny", run, "9999"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("has no item 9999"));

    let denied = place.lazaret(&["deny", run, "1"]);
    assert_eq!(denied.status.code(), Some(0), "{}", stderr(&denied));
    let left = place.lazaret(&["approve", run, "--json"]);
    let left: Value = serde_json::from_slice(&left.stdout).unwrap();
    assert_eq!(left.as_array().unwrap().len(), asked - 1);
    let shown = stdout(&place.lazaret(&["show", run]));
    assert!(shown.contains("item 1: denied by operator"), "{shown}");
}

#[test]
fn a_person_at_a_terminal_sees_a_call_to_its_end_before_approving_it() {
    let place = Place::new();
    let policy = asking_policy(&place);
    let issues = place.issues();
    let arguments = [
        "run", "triage", "--json", "--policy", &policy, "--args", &issues,
    ];
    let report = report(&place.lazaret(&arguments));
    let run = report["run"].as_str().unwrap();
    let typed = |item: &str, keys: &str| place.typed(&["approve", run, item], keys);

    let left = typed("1", "q\nq\n");
    assert!(left.contains("asks to call tracker.draft"), "{left}");
    assert!(
        left.contains("body: untrusted, may come from issue, author"),
        "{left}"
    );
    let approved = typed("1", "\n\n\n\na\n");
    assert!(approved.contains("item 1: approved"), "{approved}");
    let shown = stdout(&place.lazaret(&["show", run]));
    assert!(shown.contains("item 1: approved by operator"), "{shown}");
}

#[test]
fn a_person_edits_a_call_in_a_line_or_from_a_file_and_that_is_what_is_sent() {
    let place = Place::new();
    let policy = asking_policy(&place);
    let issues = place.issues();
    let arguments = [
        "run", "triage", "--json", "--policy", &policy, "--args", &issues,
    ];
    let report = report(&place.lazaret(&arguments));
    let run = report["run"].as_str().unwrap();

    let keys = "\n\n\n\ne\nnumber\nno number\ne\nbody\nNo, thank you.\na\n";
    let edited = place.typed(&["approve", run, "1"], keys);
    assert!(edited.contains("nothing was edited"), "{edited}");
    assert!(edited.contains("body: written by you"), "{edited}");
    assert!(edited.contains("item 1: edited"), "{edited}");

    place.write("edit.json", r#"{"subject": "x"}"#);
    let approve = ["approve", run, "2", "--edit", "edit.json"];
    let wrong = place.typed(&approve, "a\n");
    assert!(
        wrong.contains("the argument `subject` is not of this call"),
        "{wrong}"
    );
    place.write("edit.json", r#"{"body": "Written in a file."}"#);
    let left = place.typed(&approve, "l\n");
    assert!(
        left.contains("Written in a file.") && !left.contains("item 2: "),
        "{left}"
    );
    let edited = place.typed(&approve, "\n\n\n\na\n");
    assert!(edited.contains("item 2: edited"), "{edited}");

    let resumed = place.lazaret(&["resume", run]);
    assert_eq!(resumed.status.code(), Some(3), "{}", stderr(&resumed));
    let tracker = place.path().join(".lazaret/triage/tracker.json");
    let tracker = std::fs::read_to_string(tracker).unwrap();
    assert!(tracker.contains("No, thank you."), "{tracker}");
    assert!(tracker.contains("Written in a file."), "{tracker}");
    let shown = stdout(&place.lazaret(&["show", run]));
    assert!(shown.contains("item 1: edited by operator"), "{shown}");
}
