//! Runs that go on: after a cancel, with an edited script, with another policy, with one agent
//! retried or skipped. The model is an HTTP server on loopback.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::binary;
use crate::model::{Model, Said, last_text};
use serde_json::{Value, json};

const POLICY: &str = r#"
version = 1
[readers]
private = ["operator", "models"]
[source.args]
tags = ["unknown"]
readers = "private"
[model.default]
provider = "openai"
model = "test"
base_url = "ADDRESS"
[profile.general-purpose]
plugin = "agent"
reads = "*"
use = ["model.default"]
"#;

/// A directory to run in, with a state of its own.
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

    fn of(model: &Model, script: &str) -> Self {
        let place = Self::new();
        place.write("lazaret.toml", &POLICY.replace("ADDRESS", &model.address));
        place.write("script.js", script);
        place
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        binary::command(self.path(), arguments)
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Triage of a few reports, and its report.
    fn triage(&self) -> Value {
        let issues = self.dist.join("workflows/triage/data/issues.json");
        let issues: Vec<Value> = serde_json::from_slice(&std::fs::read(issues).unwrap()).unwrap();
        let some = Value::Array(issues.into_iter().skip(3).take(3).collect());
        self.write("issues.json", &some.to_string());
        binary::report(&self.lazaret(&["run", "triage", "--json", "--args", "@issues.json"]))
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const THREE: &str = "export const meta = { name: 'three', description: 'asks three' }
    const all = await parallel(['a', 'b', 'c'].map(x => () => agent(x, { label: x })))
    return all.join('')";

#[test]
fn an_edited_script_runs_only_what_changed() {
    let model = Model::start(|request| Said::Text(format!("<{}>", last_text(request))));
    let place = Place::of(&model, THREE);
    let first = binary::report(&place.lazaret(&["run", "script.js", "--json"]));
    assert_eq!(first["result"], "<a><b><c>");
    let run = first["run"].as_str().unwrap();
    place.write("script.js", &THREE.replace("'b'", "'x'"));
    let output = place.lazaret(&["resume", run, "--script", "script.js", "--json"]);
    let second = binary::report(&output);
    assert_eq!(output.status.code(), Some(0), "{second}");
    assert_eq!(second["result"], "<a><x><c>");
    assert_eq!(second["agents"]["replayed"], 2);
    assert_eq!(second["agents"]["completed"], 3);
    assert_eq!(model.asked.lock().unwrap().len(), 4);
    // What the dropped agent has used stays paid.
    assert_eq!(second["tokens"], json!({"input": 40, "output": 20}));
}

#[test]
fn a_strict_prefix_runs_everything_after_the_first_change() {
    let model = Model::start(|request| Said::Text(format!("<{}>", last_text(request))));
    let place = Place::of(&model, THREE);
    let first = binary::report(&place.lazaret(&["run", "script.js", "--json"]));
    let run = first["run"].as_str().unwrap();
    place.write("script.js", &THREE.replace("'b'", "'x'"));
    let strict = [
        "resume",
        run,
        "--script",
        "script.js",
        "--strict-prefix",
        "--json",
    ];
    let second = binary::report(&place.lazaret(&strict));
    assert_eq!(second["result"], "<a><x><c>");
    assert_eq!(second["agents"]["replayed"], 1);
    assert_eq!(model.asked.lock().unwrap().len(), 5);
}

#[test]
fn a_cancelled_run_goes_on_after_its_last_recorded_answer() {
    let may_answer = Arc::new(AtomicBool::new(false));
    let free = Arc::clone(&may_answer);
    let model = Model::start(move |request| {
        if !last_text(request).contains("does not fit") {
            return Said::Text(r#"{"kind": "nonsense"}"#.to_owned());
        }
        while !free.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(10));
        }
        Said::Text(r#"{"kind": "bug"}"#.to_owned())
    });
    let script = "export const meta = { name: 'kind', description: 'asks for a kind' }
        const schema = { type: 'object', properties: { kind: { enum: ['bug'] } }, required: ['kind'] }
        return (await agent('what is it?', { schema })).kind";
    let place = Place::of(&model, script);
    let running = place
        .command(&["run", "script.js", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first answer is recorded before the second question is intended.
    let run = loop {
        let listed = binary::report(&place.lazaret(&["runs", "--json"]));
        if let Some(run) = listed[0]["run"].as_str() {
            let shown = said(&place.lazaret(&["show", run, "--json"]));
            if shown.matches("effect-intended").count() == 2 {
                break run.to_owned();
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let cancelled = place.lazaret(&["cancel", &run]);
    assert_eq!(cancelled.status.code(), Some(0), "{}", said(&cancelled));
    let ended = running.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", said(&ended));
    assert_eq!(binary::report(&ended)["status"], "cancelled");
    let again = place.lazaret(&["cancel", &run]);
    assert!(said(&again).contains("journal.ended"), "{}", said(&again));

    may_answer.store(true, Ordering::SeqCst);
    let resumed = binary::report(&place.lazaret(&["resume", &run, "--json"]));
    assert_eq!(resumed["result"], "bug");
    let asked = model.asked.lock().unwrap();
    let first = asked
        .iter()
        .filter(|one| !last_text(one).contains("does not fit"));
    assert_eq!(first.count(), 1, "a recorded answer was asked for again");
}

/// A tool whose word the policy takes, and that does nothing for who has read strangers' words.
const TRACKER: &str = r#"
[plugin.triage-tracker]
file = "PLUGIN"
[files.tracker]
path = "tracker"
tags = []
readers = "private"
write = true
[tool.tracker]
plugin = "triage-tracker"
use = ["files.tracker.read", "files.tracker.write"]
[tool.tracker.fn.escalate]
args = { number = [], severity = [] }
label = { tags = [] }
"#;

/// It may be called twice in a run.
const AT_MOST_TWO: &str = r"
rule = 'forbid(principal, action, resource) when { context.calls >= 2 };'
";

/// Makes the tracker's file, and returns the policy that gives agents the tracker; `more` is said
/// of its function. What strangers write is tagged `web`.
fn with_tracker(place: &Place, model: &Model, more: &str) -> String {
    let plugin = place.dist.join("plugins/triage-tracker.wasm");
    let tool = TRACKER.replace("PLUGIN", &plugin.display().to_string());
    let policy = POLICY.replace("ADDRESS", &model.address) + &tool + more;
    std::fs::create_dir(place.path().join("tracker")).unwrap();
    place.write("tracker/tracker.json", r#"{"labels": [], "reports": {}}"#);
    let uses = r#"use = ["model.default", "tracker.escalate"]"#;
    let policy = policy.replace(r#"use = ["model.default"]"#, uses);
    policy.replace(r#"tags = ["unknown"]"#, r#"tags = ["web"]"#)
}

/// Runs the script until its model pauses, ends the run there, and returns its id.
fn interrupted(place: &Place, pauses: &AtomicBool, kill: bool) -> String {
    let mut running = place
        .command(&["run", "script.js", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !pauses.load(Ordering::SeqCst) {
        let ended = running.try_wait().unwrap();
        assert_eq!(ended, None, "the run goes on until the model pauses");
        std::thread::sleep(Duration::from_millis(10));
    }
    let listed = binary::report(&place.lazaret(&["runs", "--json"]));
    let run = listed[0]["run"].as_str().unwrap().to_owned();
    if kill {
        running.kill().unwrap();
    } else {
        place.lazaret(&["cancel", &run]);
    }
    running.wait().unwrap();
    run
}

/// Calls the tool for the reports 1 to 3, one after the other. After so many it says nothing
/// until it may.
fn escalates_three(pause: usize, may_go_on: &Arc<AtomicBool>, pauses: &Arc<AtomicBool>) -> Model {
    let (may_go_on, pauses) = (Arc::clone(may_go_on), Arc::clone(pauses));
    Model::start(move |request| {
        let messages = request["messages"].as_array().unwrap().iter();
        let turn = messages
            .filter(|message| message["role"] == "assistant")
            .count();
        while turn == pause && !may_go_on.load(Ordering::SeqCst) {
            pauses.store(true, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(10));
        }
        if turn == 3 {
            return Said::Text(last_text(request));
        }
        let arguments = json!({ "number": turn + 1, "severity": "high" });
        Said::Calls(vec![(
            "tracker__escalate".to_owned(),
            arguments.to_string(),
        )])
    })
}

fn escalations(place: &Place, run: &str) -> (usize, usize) {
    let events = said(&place.lazaret(&["show", run, "--json"]));
    let intended = r#""function":"tracker.escalate""#;
    let intended = events
        .lines()
        .filter(|line| line.contains("effect-intended") && line.contains(intended));
    let kept = std::fs::read_to_string(place.path().join("tracker/tracker.json")).unwrap();
    (intended.count(), kept.matches("high").count())
}

#[test]
fn a_rule_counts_the_calls_of_all_parts_of_a_run_that_was_killed_or_cancelled() {
    for (made, kill) in [(1, true), (2, true), (1, false), (2, false)] {
        let [may_go_on, pauses] = [(), ()].map(|()| Arc::new(AtomicBool::new(false)));
        let model = escalates_three(made, &may_go_on, &pauses);
        let script = "export const meta = { name: 'three', description: 'escalates' }
            return await agent('escalate', { label: 'clerk' })";
        let place = Place::of(&model, script);
        let policy = with_tracker(&place, &model, AT_MOST_TWO);
        place.write("lazaret.toml", &policy);
        let run = interrupted(&place, &pauses, kill);
        assert_eq!(escalations(&place, &run), (made, made));

        may_go_on.store(true, Ordering::SeqCst);
        let resumed = binary::report(&place.lazaret(&["resume", &run, "--json"]));
        assert_eq!(escalations(&place, &run), (2, 2), "{resumed}");
        let told = resumed["result"].as_str().unwrap();
        assert!(told.contains("forbid"), "the third is refused: {resumed}");
        // Who is run again has called before.
        place.lazaret(&["retry", &run, "clerk"]);
        place.lazaret(&["resume", &run, "--json"]);
        assert_eq!(escalations(&place, &run), (2, 2));
    }
}

/// Escalates the report that it is asked to, and says that it is done.
fn escalates_as_asked() -> Model {
    Model::start(|request| {
        let messages = request["messages"].as_array().unwrap();
        if messages.iter().any(|one| one["role"] == "assistant") {
            return Said::Text("done".to_owned());
        }
        let number = if last_text(request).contains("second") {
            2
        } else {
            1
        };
        let arguments = json!({ "number": number, "severity": "high" });
        Said::Calls(vec![(
            "tracker__escalate".to_owned(),
            arguments.to_string(),
        )])
    })
}

const ONE: &str = "export const meta = { name: 'one', description: 'escalates' }
    return await agent('escalate the first', { label: 'clerk' })";

/// The same goal, and what the first says decides what another is told.
const ANOTHER: &str = "export const meta = { name: 'two', description: 'escalates' }
    const said = await agent('escalate the first', { label: 'clerk' })
    await agent(`escalate the second: ${said}`)
    return said";

/// Taking a source for trusted was a mistake, which the policy of now does not make: of the
/// function that an agent called, or of a file that the tool has read for it.
#[test]
fn what_a_finished_agent_gave_is_as_tainted_as_the_policy_of_now_says_of_its_sources() {
    let same = ("", "");
    let function = ("label = { tags = [] }", r#"label = { tags = ["web"] }"#);
    let file = (
        "path = \"tracker\"\ntags = []\n",
        "path = \"tracker\"\ntags = [\"web\"]\n",
    );
    for ((from, to), escalated, taint) in [
        (same, 2, json!([])),
        (function, 1, json!(["web"])),
        (file, 1, json!(["web"])),
    ] {
        let model = escalates_as_asked();
        let place = Place::of(&model, ONE);
        let policy = with_tracker(&place, &model, "");
        assert!(policy.contains(from), "{policy}");
        place.write("lazaret.toml", &policy);
        place.write("now.toml", &policy.replacen(from, to, 1));
        place.write("another.js", ANOTHER);
        let first = binary::report(&place.lazaret(&["run", "script.js", "--json"]));
        assert_eq!(
            (&first["result"], &first["taint"]),
            (&json!("done"), &json!([])),
            "{first}"
        );
        let run = first["run"].as_str().unwrap();
        let again = [
            "resume",
            run,
            "--policy",
            "now.toml",
            "--script",
            "another.js",
            "--json",
        ];
        let second = binary::report(&place.lazaret(&again));
        assert_eq!(second["agents"]["replayed"], 1, "{second}");
        assert_eq!(
            (&second["result"], &second["taint"]),
            (&json!("done"), &taint),
            "{second}"
        );
        assert_eq!(escalations(&place, run), (escalated, escalated), "{second}");
    }
}

/// A server in a shell that has one mail, in a file.
const SERVER: &str = r#"#!/bin/sh
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case "$line" in
    *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"desk","version":"1"}}}\n' "$id" ;;
    *'"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"mails","description":"Gives the mails.","inputSchema":{"type":"object"}}]}}\n' "$id" ;;
    *'"tools/call"'*) printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$(cat answer.json)" ;;
  esac
done
"#;

/// What those listed have sent is trusted.
const MAILS: &str = r#"
[plugin.opens]
file = "GUEST"
[principals]
internal = ["ann"]
[tool.desk]
mcp = ["sh", "server.sh"]
[tool.desk.fn.mails]
parse = "json"
items = "/mails"
trusted_if = { field = "/from", member_of = "internal" }
label = { tags = ["web"], readers = "private" }
[[tool.desk.fn.mails.field]]
pointer = "/mails/*/id"
tags = []
[[tool.desk.fn.mails.field]]
pointer = "/mails/*/from"
tags = []
"#;

#[test]
fn who_is_trusted_no_more_taints_what_a_finished_agent_made_of_their_mail() {
    let mails = json!({ "mails": [{ "id": 1, "from": "ann", "text": "hello" }] });
    let answer = json!({ "content": [{ "type": "text", "text": mails.to_string() }] });
    let script = "export const meta = { name: 'mail', description: 'opens a mail' }
        return await agent('open the first')";
    for (listed, taint) in [("ann", json!([])), ("bob", json!(["web"]))] {
        let model = Model::start(|_| Said::Status(500));
        let place = Place::of(&model, script);
        place.write("server.sh", SERVER);
        place.write("answer.json", &answer.to_string());
        let guest = place.dist.join("guests/opens_its_mails.wasm");
        let mails = MAILS.replace("GUEST", &guest.display().to_string());
        let policy = POLICY.replace("ADDRESS", &model.address) + &mails;
        let policy = policy.replace(r#"plugin = "agent""#, r#"plugin = "opens""#);
        let policy = policy.replace(r#"use = ["model.default"]"#, r#"use = ["desk.mails"]"#);
        place.write("lazaret.toml", &policy);
        let listed = format!("internal = [\"{listed}\"]");
        let now = policy.replace(r#"internal = ["ann"]"#, &listed);
        place.write("now.toml", &now);
        let run = ["run", "script.js", "--policy", "lazaret.toml", "--json"];
        let first = binary::report(&place.lazaret(&run));
        assert_eq!(first["agents"]["completed"], 1, "{first}");
        assert_eq!(first["taint"], json!([]), "{first}");
        let run = first["run"].as_str().unwrap();
        let resume = ["resume", run, "--policy", "now.toml", "--json"];
        let second = binary::report(&place.lazaret(&resume));
        assert_eq!(second["agents"]["replayed"], 1, "{second}");
        assert_eq!(second["result"], first["result"]);
        assert_eq!(second["taint"], taint, "{second}");
    }
}

#[test]
fn fields_of_a_recalled_answer_are_as_tainted_as_the_policy_of_now_says() {
    let field = |tags: &str| {
        format!("[[tool.tracker.fn.escalate.field]]\npointer = \"/ok\"\ntags = {tags}\n")
    };
    for (tags, escalated) in [("[]", 3), (r#"["web"]"#, 1)] {
        let [may_go_on, pauses] = [(), ()].map(|()| Arc::new(AtomicBool::new(false)));
        let model = escalates_three(1, &may_go_on, &pauses);
        let place = Place::of(&model, ONE);
        let policy = with_tracker(&place, &model, &field("[]"));
        place.write("lazaret.toml", &policy);
        place.write("now.toml", &policy.replace(&field("[]"), &field(tags)));
        let run = interrupted(&place, &pauses, false);
        assert_eq!(escalations(&place, &run), (1, 1));
        may_go_on.store(true, Ordering::SeqCst);
        let resume = ["resume", run.as_str(), "--policy", "now.toml", "--json"];
        let resumed = binary::report(&place.lazaret(&resume));
        assert_eq!(
            escalations(&place, &run),
            (escalated, escalated),
            "{resumed}"
        );
    }
}

#[test]
fn a_failed_agent_stays_failed_until_a_person_has_it_run_again() {
    let is_dead = Arc::new(AtomicBool::new(true));
    let dead = Arc::clone(&is_dead);
    let model = Model::start(move |_| {
        if dead.load(Ordering::SeqCst) {
            Said::Status(401)
        } else {
            Said::Text("hello".to_owned())
        }
    });
    let script = "export const meta = { name: 'dead', description: 'asks a dead model' }
        return (await agent('anybody?', { label: 'greeter' })) ?? 'nobody'";
    let place = Place::of(&model, script);
    let first = binary::report(&place.lazaret(&["run", "script.js", "--json"]));
    let run = first["run"].as_str().unwrap();
    is_dead.store(false, Ordering::SeqCst);
    let same = place.lazaret(&["resume", run, "--json"]);
    assert_eq!(binary::report(&same)["result"], "nobody");
    assert_eq!(same.status.code(), Some(5), "{}", said(&same));
    place.lazaret(&["retry", run, "greeter"]);
    let again = place.lazaret(&["resume", run, "--json"]);
    assert_eq!(
        binary::report(&again)["result"],
        "hello",
        "{}",
        said(&again)
    );
    assert_eq!(again.status.code(), Some(0));
}

#[test]
fn one_agent_can_be_skipped_or_run_again_before_the_run_goes_on() {
    let place = Place::new();
    let first = place.triage();
    let run = first["run"].as_str().unwrap();
    let number = first["result"]["reports"][0]["number"].as_u64().unwrap();
    let reader = format!("read {number}");
    let skipped = place.lazaret(&["skip", run, &reader]);
    assert_eq!(skipped.status.code(), Some(0), "{}", said(&skipped));
    let second = binary::report(&place.lazaret(&["resume", run, "--json"]));
    assert_eq!(second["result"]["reports"][0]["status"], "unread");
    // Its actor's effects were made and nobody asks for them now: said, and not undone.
    assert_ne!(second["unrequested"], json!([]));

    let retried = place.lazaret(&["retry", run, &reader]);
    assert_eq!(retried.status.code(), Some(0), "{}", said(&retried));
    let third = binary::report(&place.lazaret(&["resume", run, "--json"]));
    assert_eq!(third["result"], first["result"]);
    assert_eq!(third["agents"]["replayed"], 5);

    let unknown = place.lazaret(&["skip", run, "nobody"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("docs/errors/no-such-agent.md"));
}

#[test]
fn a_what_if_says_what_another_policy_would_have_refused_and_makes_nothing() {
    let place = Place::new();
    let first = place.triage();
    let run = first["run"].as_str().unwrap();
    let tracker = || std::fs::read(place.path().join(".lazaret/triage/tracker.json")).unwrap();
    let (before, records) = (tracker(), said(&place.lazaret(&["runs"])));
    let same = place.lazaret(&["replay", run]);
    assert_eq!(same.status.code(), Some(0), "{}", said(&same));

    let own = place.dist.join("workflows/triage/lazaret.toml");
    let own = std::fs::read_to_string(own).unwrap();
    let strict = own
        .replace("\"tracker.label\",", "")
        .replace("\"tracker.label\"", "");
    assert_ne!(own, strict);
    place.write("strict.toml", &strict);
    let other = place.lazaret(&["replay", run, "--policy", "strict.toml", "--json"]);
    let difference = binary::report(&other);
    assert_eq!(other.status.code(), Some(1), "{difference}");
    let refused = difference["refused"].to_string();
    assert!(
        refused.contains("not-granted:tracker.label"),
        "{difference}"
    );
    assert_eq!(tracker(), before);
    assert_eq!(said(&place.lazaret(&["runs"])), records);
}
