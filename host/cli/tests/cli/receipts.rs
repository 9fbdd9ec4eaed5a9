//! Receipts as operators make and check them, and the forged ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::binary;
use serde_json::Value;

/// A machine with a state of its own.
struct Machine {
    directory: tempfile::TempDir,
}

/// What one signed run left behind.
struct Signed {
    machine: Machine,
    run: String,
    key: String,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        binary::command(self.directory.path(), arguments)
            .output()
            .unwrap()
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.lazaret(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The command ends with status 2, and its message names the page of the code.
    #[track_caller]
    fn is_refused(&self, arguments: &[&str], code: &str) {
        let output = self.lazaret(arguments);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(&format!("docs/errors/{code}.md")), "{text}");
    }

    fn change(&self, name: &str, change: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        let changed = change(text.clone());
        assert_ne!(text, changed, "the forger changed nothing");
        fs::write(self.path(name), changed).unwrap();
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs the triage of one report, signs it, and writes its records down.
fn signed() -> Signed {
    let machine = Machine::new();
    let issues = serde_json::json!([{
        "number": 1, "title": "It crashes", "body": "on start", "author": {"login": "a"},
        "labels": [], "comments": [], "createdAt": "2026-01-01T00:00:00Z", "url": "u",
    }]);
    fs::write(machine.path("issues.json"), issues.to_string()).unwrap();
    let report = machine.succeeds(&["run", "triage", "--json", "--args", "@issues.json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let run = report["run"].as_str().unwrap().to_owned();
    let key = machine.succeeds(&["keygen"]).trim().to_owned();
    machine.succeeds(&["receipt", &run, "--output", "receipt.json"]);
    machine.succeeds(&["export", &run, "run.jsonl"]);
    Signed { machine, run, key }
}

/// Takes the files to a machine that has never seen the run.
fn carried(signed: &Signed) -> Machine {
    let other = Machine::new();
    for name in ["receipt.json", "run.jsonl"] {
        fs::copy(signed.machine.path(name), other.path(name)).unwrap();
    }
    other
}

const WITH_RECORDS: [&str; 4] = ["verify", "receipt.json", "--records", "run.jsonl"];

fn trusting<'a>(key: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    let mut all = arguments.to_vec();
    all.extend(["--key", key]);
    all
}

#[test]
fn a_receipt_is_checked_at_home_and_elsewhere() {
    let signed = signed();
    let shown = signed.machine.succeeds(&["verify", "receipt.json"]);
    assert!(shown.contains("of this journal"), "{shown}");
    let other = carried(&signed);
    let shown = other.succeeds(&trusting(&signed.key, &WITH_RECORDS));
    assert!(shown.contains("of `run.jsonl`"), "{shown}");
    let json = other.succeeds(&trusting(
        &signed.key,
        &["verify", "receipt.json", "--json"],
    ));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["records_compared"], false);
    assert_eq!(json["states"]["run"], signed.run);
    other.is_refused(&["verify", "receipt.json"], "receipt-foreign-key");
}

#[test]
fn a_trusted_keys_file_is_read_and_its_bad_line_is_named() {
    let signed = signed();
    let other = carried(&signed);
    other.succeeds(&["runs"]);
    let line = format!("# the build machine\n{} # theirs\n", signed.key);
    fs::write(other.path("state/trusted-keys"), &line).unwrap();
    other.succeeds(&WITH_RECORDS);
    fs::write(
        other.path("state/trusted-keys"),
        format!("{line}ed25519:12\n"),
    )
    .unwrap();
    let output = other.lazaret(&WITH_RECORDS);
    assert!(
        stderr(&output).contains("trusted-keys:3"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_run_is_taken_in_with_its_receipt_and_not_without_trust() {
    let signed = signed();
    let import = ["import", "run.jsonl", "--receipt", "receipt.json"];
    let other = carried(&signed);
    other.is_refused(&import, "receipt-foreign-key");
    other.succeeds(&trusting(&signed.key, &import));
    let shown = other.succeeds(&["show", &signed.run]);
    assert!(shown.contains("hash chain intact"), "{shown}");
    other.is_refused(&trusting(&signed.key, &import), "journal.run-exists");
}

#[test]
fn a_run_that_nobody_vouches_for_is_unknown_and_goes_on_only_under_an_own_policy() {
    let signed = signed();
    let other = carried(&signed);
    let bare = other.lazaret(&["import", "run.jsonl"]);
    assert_eq!(bare.status.code(), Some(2), "{}", stderr(&bare));
    other.succeeds(&["import", "run.jsonl", "--untrusted"]);
    let shown = other.succeeds(&["show", &signed.run]);
    assert!(
        shown.contains("taken in without a trusted receipt"),
        "{shown}"
    );
    other.succeeds(&["keygen"]);
    other.is_refused(&["receipt", &signed.run], "receipt-not-ended");
    // Its policy is its own word, too.
    other.is_refused(&["resume", &signed.run], "not-resumable");
    let dist = binary::dist();
    let policy = Path::new(&dist).join("workflows/triage/lazaret.toml");
    let text = fs::read_to_string(policy).unwrap();
    fs::write(other.path("own.toml"), format!("{text}\n# mine\n")).unwrap();
    let resume = ["resume", &signed.run, "--policy", "own.toml", "--json"];
    let output = other.lazaret(&resume);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    // Everything that it holds may come from anywhere: nothing of it reaches the tracker.
    let denials = report["denials"].to_string();
    assert!(denials.contains("it carries `unknown`"), "{report}");
    assert!(
        !other.path(".lazaret/triage/tracker.json").exists(),
        "{report}"
    );
    // The twin: signed by a trusted key, the same run is as it was.
    let twin = carried(&signed);
    let import = ["import", "run.jsonl", "--receipt", "receipt.json"];
    twin.succeeds(&trusting(&signed.key, &import));
    let report: Value =
        serde_json::from_str(&twin.succeeds(&["resume", &signed.run, "--json"])).unwrap();
    assert_eq!(report["denials"], Value::Array(Vec::new()), "{report}");
}

/// What a forger does to the lines of a file of records.
type Forgery = fn(&mut Vec<String>);

/// The place of the record of a kind.
fn record_of(lines: &[String], kind: &str) -> usize {
    let mark = format!("\"kind\":\"{kind}\"");
    lines.iter().position(|line| line.contains(&mark)).unwrap()
}

#[test]
fn records_that_were_forged_without_care_are_refused() {
    let forgeries: [(&str, Forgery); 5] = [
        ("changed", |lines| {
            let at = record_of(lines, "step-started");
            lines[at] = lines[at].replace("\\\"step\\\":1", "\\\"step\\\":2");
        }),
        ("dropped", |lines| {
            drop(lines.remove(record_of(lines, "gated")));
        }),
        ("reordered", |lines| {
            let at = record_of(lines, "gated");
            lines.swap(at, at + 1);
        }),
        ("added", |lines| {
            let at = record_of(lines, "gated");
            lines.insert(at, lines[at].clone());
        }),
        ("cut", |lines| lines.truncate(lines.len() / 2)),
    ];
    for (name, forge) in forgeries {
        let signed = signed();
        let other = carried(&signed);
        other.change("run.jsonl", |text| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            forge(&mut lines);
            lines.join("\n") + "\n"
        });
        let output = other.lazaret(&trusting(&signed.key, &WITH_RECORDS));
        assert_eq!(output.status.code(), Some(2), "{name}: {}", stderr(&output));
    }
}

/// A careful forger runs something else, whose chain is in order, in place of what was signed.
#[test]
fn another_run_in_good_order_is_not_the_one_that_was_signed() {
    let (signed, other_run) = (signed(), self::signed());
    let other = carried(&signed);
    fs::copy(other_run.machine.path("run.jsonl"), other.path("run.jsonl")).unwrap();
    other.is_refused(&trusting(&signed.key, &WITH_RECORDS), "receipt-differs");
}

#[test]
fn a_run_of_another_policy_or_plugin_under_the_same_receipt_is_found() {
    for field in ["/predicate/policy", "/predicate/plugins/0/digest"] {
        let signed = signed();
        signed
            .machine
            .change("receipt.json", |text| swapped(&text, field));
        signed
            .machine
            .is_refused(&["verify", "receipt.json"], "receipt-signature");
    }
}

/// Puts another digest into the signed statement.
fn swapped(receipt: &str, pointer: &str) -> String {
    let mut envelope: Value = serde_json::from_str(receipt).unwrap();
    let payload = envelope["payload"].as_str().unwrap();
    let mut statement: Value = serde_json::from_slice(&decode(payload)).unwrap();
    *statement.pointer_mut(pointer).unwrap() = "0".repeat(64).into();
    envelope["payload"] = encode(statement.to_string().as_bytes()).into();
    envelope.to_string()
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap()
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_key_is_private_and_never_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let signed = signed();
    let path = signed.machine.path("state/receipt.key");
    assert_eq!(mode(&path), 0o600);
    let output = signed.machine.lazaret(&["keygen"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("holds a key already"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let output = signed.machine.lazaret(&["receipt", &signed.run]);
    assert!(
        stderr(&output).contains("can be read by others"),
        "{}",
        stderr(&output)
    );
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn without_a_key_the_next_step_is_named() {
    let signed = signed();
    fs::remove_file(signed.machine.path("state/receipt.key")).unwrap();
    let output = signed.machine.lazaret(&["receipt", &signed.run]);
    assert!(
        stderr(&output).contains("lazaret keygen"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn old_runs_are_removed_and_new_ones_stay() {
    let signed = signed();
    let machine = &signed.machine;
    machine.succeeds(&["gc"]);
    machine.succeeds(&["show", &signed.run]);
    let removed = machine.succeeds(&["gc", "--older-than-days", "0", "--keep", "0", "--json"]);
    let removed: Value = serde_json::from_str(&removed).unwrap();
    assert_eq!(removed["runs"], 1);
    assert_eq!(
        machine.lazaret(&["show", &signed.run]).status.code(),
        Some(2)
    );
}
