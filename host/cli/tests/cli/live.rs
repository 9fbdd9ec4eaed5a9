//! Runs that are looked at and steered from another process: followed, one agent stopped, carried
//! on in the background, told of by a command; and one agent looked at, or run again, afterwards.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::binary;
use crate::model::{Model, Said, last_text};
use serde_json::Value;

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
[limits]
wall_ms = 600000
"#;

const TWO: &str = "export const meta = { name: 'two', description: 'asks two' }
    phase('Ask')
    const all = await parallel(['quick', 'slow'].map(x => () => agent(x, { label: x })))
    return all.map(one => one === null ? 'none' : one).join('')";

/// How often it is looked whether something has happened.
const PAUSE: Duration = Duration::from_millis(50);
const MOST_LOOKS: u32 = 600;

struct Place {
    directory: tempfile::TempDir,
    dist: PathBuf,
    model: Model,
}

impl Place {
    /// A model that answers at once, but for an agent called `slow`, which it never answers.
    fn new(script: &str) -> Self {
        Self::with(script, |request| {
            let text = last_text(request);
            if text.contains("slow") {
                return Said::Silence;
            }
            Said::Text(format!("<{text}>"))
        })
    }

    fn with(script: &str, answer: impl Fn(&Value) -> Said + Send + Sync + 'static) -> Self {
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
            dist: binary::dist(),
            model: Model::start(answer),
        };
        let policy = POLICY.replace("ADDRESS", &place.model.address);
        place.write("lazaret.toml", &policy);
        place.write("script.js", script);
        place
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        binary::command(self.path(), arguments)
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.lazaret(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        said(&output)
    }

    fn report(&self, arguments: &[&str]) -> Value {
        let output = self.lazaret(arguments);
        let report = serde_json::from_slice(&output.stdout);
        report.unwrap_or_else(|_| panic!("no report: {}", said(&output)))
    }

    /// Starts the script in the background and returns its run, once an agent is being asked for.
    fn detached(&self, agents: usize) -> String {
        let started = self.report(&["run", "script.js", "--json", "--detach"]);
        let run = started["run"].as_str().unwrap().to_owned();
        until(|| self.model.asked.lock().unwrap().len() >= agents);
        run
    }

    fn shown(&self, run: &str) -> String {
        self.succeeds(&["show", run])
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn until(happened: impl Fn() -> bool) {
    for _ in 0..MOST_LOOKS {
        if happened() {
            return;
        }
        std::thread::sleep(PAUSE);
    }
    panic!("it never happened");
}

#[test]
fn one_agent_of_a_run_in_the_background_is_stopped_and_the_run_is_followed_to_its_end() {
    let place = Place::new(TWO);
    let run = place.detached(2);
    until(|| place.shown(&run).contains("step 1 quick [general-purpose]"));
    until(|| place.shown(&run).contains("answered"));
    let watching = place
        .command(&["show", &run, "--watch"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stopped = place.succeeds(&["stop", &run, "slow"]);
    assert!(stopped.contains("step 2 slow was stopped"), "{stopped}");
    let watched = watching.wait_with_output().unwrap();
    let lines = String::from_utf8(watched.stdout).unwrap();
    assert_eq!(watched.status.code(), Some(0), "{lines}");
    for line in [
        "step 1 quick began",
        "step 2 slow [general-purpose]",
        "ended done",
    ] {
        assert!(lines.contains(line), "{lines}");
    }
    let shown = place.shown(&run);
    for line in [
        "phase Ask: 2 agents",
        "result: trusted",
        "│ <quick>none",
        "stopped, as a person decided",
        "10 tokens in, 5 out",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let again = place.report(&["resume", &run, "--json"]);
    assert_eq!(again["result"], "<quick>none");
    let late = place.lazaret(&["stop", &run, "slow"]);
    assert_eq!(late.status.code(), Some(2));
    assert!(
        said(&late).contains("no process carries the run on"),
        "{}",
        said(&late)
    );
}

#[test]
fn skipping_an_agent_that_runs_stops_it_and_one_that_does_not_run_cannot_be_stopped() {
    let place = Place::new(TWO);
    let run = place.detached(2);
    until(|| place.shown(&run).contains("answered"));
    let ended = place.lazaret(&["stop", &run, "quick"]);
    assert_eq!(ended.status.code(), Some(2));
    assert!(said(&ended).contains("does not run"), "{}", said(&ended));
    let retried = place.lazaret(&["retry", &run, "slow"]);
    assert_eq!(retried.status.code(), Some(2));
    assert!(
        said(&retried).contains("lazaret cancel"),
        "{}",
        said(&retried)
    );
    place.succeeds(&["skip", &run, "slow"]);
    until(|| place.shown(&run).contains("ended done"));
}

#[test]
fn a_run_in_the_background_is_cancelled() {
    let place = Place::new(TWO);
    let run = place.detached(2);
    place.succeeds(&["cancel", &run]);
    let watched = place.lazaret(&["show", &run, "--watch"]);
    assert_eq!(watched.status.code(), Some(130), "{}", said(&watched));
}

#[test]
fn a_run_in_the_background_may_end_at_once_and_may_have_rounds() {
    let place =
        Place::new("export const meta = { name: 'none', description: 'asks nobody' }\nreturn 1");
    place.write("state/settings.toml", &told_by(&place));
    let told = || std::fs::read_to_string(place.path().join("told")).unwrap_or_default();
    let started = place.report(&["run", "script.js", "--json", "--detach"]);
    let run = started["run"].as_str().unwrap();
    assert_eq!(started["status"], "running");
    until(|| told().contains(&format!("{run} done")));
    // What comes after `--` is the script's name, and no option.
    let rounds = [
        "run",
        "--until",
        "round === 3",
        "--detach",
        "--json",
        "--",
        "script.js",
    ];
    let started = place.report(&rounds);
    let run = started["run"].as_str().unwrap();
    until(|| told().matches(" done ").count() == 4);
    assert!(told().contains(&format!("{run} done")), "{}", told());
    let logs = || {
        let entries = std::fs::read_dir(place.path().join("state")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".run-")).count()
    };
    assert_eq!(logs(), 2);
    let watched = place.lazaret(&["show", run, "--watch"]);
    assert_eq!(watched.status.code(), Some(0), "{}", said(&watched));
    // The process may hold its run for a moment after it has told of the end.
    until(|| {
        place.succeeds(&["gc", "--older-than-days", "0", "--keep", "0"]);
        logs() == 0
    });
}

#[test]
fn a_run_of_many_agents_is_followed_on_a_small_terminal() {
    let script = "export const meta = { name: 'many', description: 'asks many' }
        phase('Ask')
        const names = Array.from({ length: 40 }, (_, n) => n < 30 ? 'quick ' + n : 'slow ' + n)
        return (await parallel(names.map(x => () => agent(x, { label: x })))).length";
    let place = Place::new(script);
    let run = place.detached(40);
    until(|| place.shown(&run).contains("40 agents, 10 running"));
    let command = format!("{} show {run} --watch", env!("CARGO_BIN_EXE_lazaret"));
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--flush", "--command"])
        .arg(format!("stty rows 20 cols 60; {command}"))
        .arg(place.path().join("screen"))
        .env("LAZARET_STATE", place.path().join("state"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("`script` of util-linux makes a terminal");
    let screen = || {
        let screen = std::fs::read(place.path().join("screen")).unwrap_or_default();
        String::from_utf8_lossy(&screen).into_owned()
    };
    until(|| screen().contains("phase Ask: 40 agents, 10 running"));
    until(|| screen().contains("slow 30 [general-purpose]: running, "));
    assert!(!screen().contains("quick 3 "), "{}", screen());
    assert!(
        screen().lines().all(|line| !line.contains("operator")),
        "{}",
        screen()
    );
    place.succeeds(&["cancel", &run]);
    assert_eq!(terminal.wait().unwrap().code(), Some(130), "{}", screen());
}

#[test]
fn a_run_that_cannot_begin_in_the_background_says_why() {
    let place = Place::new(TWO);
    place.write("lazaret.toml", "version = 2");
    let output = place.lazaret(&["run", "script.js", "--detach"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("policy-version.md"),
        "{}",
        said(&output)
    );
}

const ONE: &str = "export const meta = { name: 'one', description: 'asks one' }
    return await agent('What is it?', { label: 'asker' })";

#[test]
fn what_an_agent_was_told_and_answered_is_shown_and_cannot_drive_the_terminal() {
    let place = Place::with(ONE, |_| Said::Text("a \u{1b}[2Jtrap\nApproved.".to_owned()));
    let report = place.report(&["run", "script.js", "--json"]);
    let run = report["run"].as_str().unwrap();
    let told = place.succeeds(&["show", run, "asker"]);
    for line in [
        "system: trusted",
        "│ What is it?",
        "assistant: ",
        "a \\u{1b}[2Jtrap",
        "gave: ",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains('\u{1b}'));
    // A line of the model's stays behind its mark.
    assert!(
        !told.lines().any(|line| line.starts_with("Approved.")),
        "{told}"
    );
    let json: Value = serde_json::from_str(&place.succeeds(&["show", run, "1", "--json"])).unwrap();
    let turns = json["turns"].as_array().unwrap();
    assert!(
        turns.iter().any(|turn| turn["who"] == "assistant"),
        "{json}"
    );
    let nobody = place.lazaret(&["show", run, "nobody"]);
    assert_eq!(nobody.status.code(), Some(2));
}

/// A command that writes what it is told into a file.
fn told_by(place: &Place) -> String {
    let told = place.path().join("told");
    let program = place.path().join("notify.sh");
    let script = format!(
        "#!/bin/sh\n{{ echo \"$LAZARET_RUN $LAZARET_STATUS $1\"; cat; }} >>'{}'\n",
        told.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(
        &program,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    format!(
        "[notify]\ncommand = [\"{}\", \"$(touch injected)\"]\n",
        program.display()
    )
}

#[test]
fn the_operator_s_command_is_told_of_the_end_and_a_project_s_is_not_read() {
    let place = Place::with(ONE, |_| Said::Text("yes".to_owned()));
    let settings = told_by(&place);
    // Where a project could put one.
    place.write("settings.toml", &settings);
    place.report(&["run", "script.js", "--json"]);
    assert!(!place.path().join("told").exists());
    place.write("state/settings.toml", &settings);
    let report = place.report(&["run", "script.js", "--json"]);
    let run = report["run"].as_str().unwrap();
    let told = std::fs::read_to_string(place.path().join("told")).unwrap();
    let expected =
        format!("{run} done $(touch injected)\n{{\"run\":\"{run}\",\"status\":\"done\"}}\n");
    assert_eq!(told, expected);
    assert!(!place.path().join("injected").exists());
    place.write("state/settings.toml", "[notify]\ncommand = [\"./here\"]");
    let refused = place.lazaret(&["run", "script.js"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
}

#[test]
fn one_agent_runs_again_with_its_recorded_answers_and_leaves_the_run_as_it_is() {
    let place = Place::new(&TWO.replace("slow", "other"));
    let report = place.report(&["run", "script.js", "--json"]);
    let run = report["run"].as_str().unwrap();
    let asked = place.model.asked.lock().unwrap().len();
    let before = place.succeeds(&["show", run, "--json"]);
    let again = place.succeeds(&["run", "--step", run, "other"]);
    assert!(
        again.contains("│ <other>") && again.contains("step 2 other answered"),
        "{again}"
    );
    // Another component in its place: here one that asks for nothing.
    let guest = place.dist.join("guests/repeats_its_task.wasm");
    let plugin = format!("agent={}", guest.display());
    let other = place.report(&["run", "--step", run, "2", "--plugin", &plugin, "--json"]);
    assert_eq!(other["reached"], true, "{other}");
    assert_ne!(other["answer"], "<other>", "{other}");
    assert_eq!(place.model.asked.lock().unwrap().len(), asked);
    assert_eq!(place.succeeds(&["show", run, "--json"]), before);
}
