//! The real binary is killed between an effect's intent and its result: a call of an MCP server, a
//! POST and an edit of a file are not made again without a person's word; a GET is.
//!
//! Needs the distribution that `cargo xtask test` builds and names in `LAZARET_DIST`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests stop a test as tests do, and read the environment"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const POLICY: &str = r#"
version = 1
[workflow]
name = "doubt"
orchestrator = "orchestrator"
untrusted = "float"
print = true
[plugin.orchestrator]
file = "runs_one.wasm"
[plugin.subject]
file = "SUBJECT.wasm"
[readers]
private = ["operator", "models"]
[source.args]
tags = []
readers = "public"
[profile.subject]
plugin = "subject"
reads = "*"
readers = "private"
"#;

/// A server that writes each call down, and kills who called it where a file `die` is there.
const SERVER: &str = r#"#!/bin/sh
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case "$line" in
    *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"desk","version":"1"}}}\n' "$id" ;;
    *'"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"pay","description":"Pays.","inputSchema":{"type":"object","properties":{"amount":{}}}}]}}\n' "$id" ;;
    *'"tools/call"'*)
      echo call >>calls
      if [ -e die ]; then rm die; kill -9 $PPID; exit; fi
      printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"paid"}]}}\n' "$id" ;;
  esac
done
"#;

const MCP: &str = r#"use = ["desk.pay"]
[tool.desk]
mcp = ["sh", "server.sh"]
[tool.desk.fn.pay]
args = { amount = [] }
"#;

/// A directory to run in, with a state of its own.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new(subject: &str, rules: &str) -> Self {
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        let dist = std::env::var("LAZARET_DIST")
            .expect("LAZARET_DIST is not set: run these tests with `cargo xtask test`");
        for guest in ["runs_one", subject] {
            let file = format!("{guest}.wasm");
            let from = Path::new(&dist).join("guests").join(&file);
            std::fs::copy(from, place.path().join(&file)).unwrap();
        }
        let policy = POLICY.replace("SUBJECT", subject) + rules;
        std::fs::write(place.path().join("lazaret.toml"), policy).unwrap();
        std::fs::write(place.path().join("server.sh"), SERVER).unwrap();
        place
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazaret"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env("LAZARET_STATE", self.path().join("state"))
            .env("NO_COLOR", "1");
        command
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn start(&self, order: &str) -> Child {
        let args = json!({"order": order, "parts": []}).to_string();
        self.command(&["run", ".", "--args", &args, "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Starts a run that is killed in the middle of its effect, and returns its id.
    fn dies(&self, order: &str) -> String {
        let output = self.start(order).wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), None, "it was not killed: {said}");
        self.run()
    }

    fn run(&self) -> String {
        let listed = self.lazaret(&["runs", "--json"]);
        let runs: Value = serde_json::from_slice(&listed.stdout).unwrap();
        runs[0]["run"].as_str().unwrap().to_owned()
    }

    fn resume(&self, run: &str) -> (i32, Value) {
        let output = self.lazaret(&["resume", run, "--json"]);
        let said = String::from_utf8_lossy(&output.stderr);
        let report = serde_json::from_slice(&output.stdout);
        let report = report.unwrap_or_else(|_| panic!("no report: {said}"));
        (output.status.code().unwrap(), report)
    }

    /// Answers the question of the run on a terminal with a line, and returns the exit status with
    /// what was shown.
    fn answer(&self, run: &str, line: &str) -> (i32, String) {
        let command = format!("{} approve {run}", env!("CARGO_BIN_EXE_lazaret"));
        let mut terminal = Command::new("script")
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .current_dir(self.path())
            .env("LAZARET_STATE", self.path().join("state"))
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` of util-linux makes a terminal");
        let mut keys = terminal.stdin.take().unwrap();
        writeln!(keys, "{line}").unwrap();
        drop(keys);
        let output = terminal.wait_with_output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code().unwrap(), shown)
    }

    fn calls(&self) -> usize {
        let calls = std::fs::read_to_string(self.path().join("calls"));
        calls.unwrap_or_default().lines().count()
    }
}

/// How a terminal's shell tells of a process that was killed.
const KILLED: i32 = 128 + 9;

const PAY: &str = r#"desk.pay {"amount": 3}"#;

/// A run that died in the middle of a call of the server.
fn died_while_paying() -> (Place, String) {
    let place = Place::new("calls_by_name", MCP);
    std::fs::write(place.path().join("die"), "").unwrap();
    let run = place.dies(PAY);
    assert_eq!(place.calls(), 1);
    (place, run)
}

fn answer_of(report: &Value) -> &Value {
    &report["result"]["answer"]
}

#[test]
fn a_call_in_doubt_waits_for_a_person_and_is_never_made_again_without_a_word() {
    let (place, run) = died_while_paying();
    for _ in 0..2 {
        let (status, report) = place.resume(&run);
        assert_eq!((status, place.calls()), (3, 1), "{report}");
    }
    let waiting = place.lazaret(&["approve", &run, "--json"]);
    let waiting: Value = serde_json::from_slice(&waiting.stdout).unwrap();
    assert_eq!(waiting.as_array().unwrap().len(), 1, "it is asked once");
    assert_eq!(waiting[0]["call"]["in_doubt"], 0);
    assert_eq!(waiting[0]["arguments"]["amount"], 3);
    let endorsed = place.lazaret(&["endorse", &run, "1"]);
    assert_eq!(endorsed.status.code(), Some(2));
}

#[test]
fn done_goes_on_without_making_it_again() {
    let (place, run) = died_while_paying();
    assert_eq!(place.resume(&run).0, 3);
    let (status, shown) = place.answer(&run, "done");
    assert_eq!((status, place.calls()), (0, 1), "{shown}");
    assert!(shown.contains("and may have made it: desk.pay"), "{shown}");
    let (status, report) = place.resume(&run);
    assert_eq!((status, place.calls()), (0, 1));
    assert_eq!(answer_of(&report), "null", "{report}");
}

#[test]
fn repeat_makes_it_once_more_and_dying_again_asks_again() {
    let (place, run) = died_while_paying();
    assert_eq!(place.resume(&run).0, 3);
    std::fs::write(place.path().join("die"), "").unwrap();
    let listed = |place: &Place| {
        let waiting = place.lazaret(&["approve", &run, "--json"]);
        let waiting: Value = serde_json::from_slice(&waiting.stdout).unwrap();
        waiting.as_array().unwrap().len()
    };
    // The terminal's process goes on with the run and is killed by the server.
    let (status, shown) = place.answer(&run, "repeat");
    assert_eq!((status, place.calls()), (KILLED, 2), "{shown}");
    assert_eq!(place.resume(&run).0, 3);
    assert_eq!((listed(&place), place.calls()), (1, 2));
    let (status, shown) = place.answer(&run, "repeat");
    assert_eq!((status, place.calls()), (0, 3), "{shown}");
    let (status, report) = place.resume(&run);
    assert_eq!((status, place.calls()), (0, 3));
    assert!(answer_of(&report).to_string().contains("paid"), "{report}");
}

#[test]
fn failed_tells_the_caller_and_the_run_says_so() {
    let (place, run) = died_while_paying();
    assert_eq!(place.resume(&run).0, 3);
    assert!(place.lazaret(&["deny", &run]).status.success());
    let (status, report) = place.resume(&run);
    assert_eq!((status, place.calls()), (5, 1), "{report}");
    let failures = report["failures"].to_string();
    assert!(failures.contains("`desk.pay` is in doubt"), "{failures}");
}

/// Its address, whom it kills, and how often it was asked.
type DeadlySite = (String, Arc<Mutex<Option<u32>>>, Arc<Mutex<u32>>);

/// A site that kills who asks it first, and answers who asks later. Counts the requests.
fn deadly_site() -> DeadlySite {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (victim, asked) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(0)));
    let (victims, count) = (Arc::clone(&victim), Arc::clone(&asked));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            *count.lock().unwrap() += 1;
            let victim: Option<u32> = victims.lock().unwrap().take();
            if let Some(process) = victim {
                kill(process);
            }
            let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
            drop((&stream).write_all(reply));
        }
    });
    (address, victim, asked)
}

fn kill(process: u32) {
    let process = rustix::process::Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
}

/// Runs a request whose process dies before the answer: the exit status of the resume, and how
/// often the site was asked in all.
fn dies_while_asking(method: &str) -> (i32, u32) {
    let (address, victim, asked) = deadly_site();
    let rules = format!(
        "use = [\"web.site.*\"]\n[web.site]\nallow = [\"http://{address}/**\"]\nprivate = [\"{address}\"]\n\
         methods = [\"get\", \"post\"]\ntags = [\"page\"]\n"
    );
    let place = Place::new("fetches_a_page", &rules);
    // Held until the process is known: the site kills whom it finds there.
    let mut held = victim.lock().unwrap();
    let mut going = place.start(&format!("{method} http://{address}/"));
    *held = Some(going.id());
    drop(held);
    assert_eq!(going.wait().unwrap().code(), None, "it was not killed");
    let (status, _) = place.resume(&place.run());
    let asked = *asked.lock().unwrap();
    (status, asked)
}

#[test]
fn a_post_in_doubt_waits_for_a_person_and_a_get_is_asked_again() {
    assert_eq!(dies_while_asking("post"), (3, 1));
    assert_eq!(dies_while_asking("get"), (0, 2));
}

/// How often the moment between an edit and its record is looked for.
const MOST_TRIES: u32 = 40;

#[test]
fn an_edit_in_doubt_waits_for_a_person() {
    let rules =
        "use = [\"files.ledger.*\"]\n[files.ledger]\npath = \"ledger\"\ntags = []\nwrite = true\n";
    for _ in 0..MOST_TRIES {
        let place = Place::new("acts_on_files", rules);
        let file = place.path().join("ledger/entry.txt");
        std::fs::create_dir(place.path().join("ledger")).unwrap();
        std::fs::write(&file, "paid: 0").unwrap();
        let mut going = place.start(r#"[["edit", "ledger/entry.txt", "0", "00"]]"#);
        let before = Instant::now();
        while std::fs::read_to_string(&file).is_ok_and(|text| text == "paid: 0") {
            assert!(before.elapsed() < Duration::from_mins(1), "it never edited");
        }
        kill(going.id());
        if going.wait().unwrap().code().is_some() {
            continue;
        }
        let run = place.run();
        let shown = place.lazaret(&["show", &run, "--json"]);
        if String::from_utf8_lossy(&shown.stdout).contains("\"effect-done\"") {
            continue;
        }
        assert_eq!(place.resume(&run).0, 3);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "paid: 00");
        let (status, _) = place.answer(&run, "done");
        assert_eq!(status, 0);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "paid: 00");
        return;
    }
    panic!("the moment between the edit and its record was never hit");
}
