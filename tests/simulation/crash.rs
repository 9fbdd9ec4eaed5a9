//! The real binary dies while it writes its journal, at one place after the other, is resumed,
//! and is compared with a run that nobody disturbed: nothing lost, no effect made twice, no
//! taint lost, no bit counted twice.
//!
//! The limit on the size of a file kills it: the kernel ends a process with `SIGXFSZ` at the
//! write that would pass it, after it has written what still fits. So each place is exact,
//! half-written pages are among them, and the product has no switch for it.
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

#[path = "../../host/cli/tests/support/model.rs"]
#[expect(dead_code, reason = "this model never refuses")]
mod model;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use model::{Model, Said, last_text};
use serde_json::{Value, json};

/// By how much the limit grows: with `--full` by a page of the journal and its header, so that
/// the run dies at every write.
const FULL_STEP_KIB: u64 = 5;
const STEP_KIB: u64 = 47;

/// The most places, should a run never end.
const MOST_PLACES: u64 = 2_000;

/// A directory to run in, with a state of its own. The compile cache is shared.
struct Place {
    directory: tempfile::TempDir,
    cache: PathBuf,
    dist: PathBuf,
}

impl Place {
    fn new(cache: &Path) -> Self {
        let dist = std::env::var("LAZARET_DIST")
            .expect("LAZARET_DIST is not set: run these tests with `cargo xtask test`");
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
            cache: cache.to_owned(),
            dist: dist.into(),
        };
        let issues = place.dist.join("workflows/triage/data/issues.json");
        let issues: Vec<Value> = serde_json::from_slice(&std::fs::read(issues).unwrap()).unwrap();
        let some = Value::Array(issues.into_iter().skip(3).take(3).collect());
        std::fs::write(place.directory.path().join("issues.json"), some.to_string()).unwrap();
        place
    }

    fn lazaret(&self, limit_kib: Option<u64>, arguments: &[&str]) -> Output {
        let limit = limit_kib.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string());
        let script = r#"ulimit -c 0; ulimit -f "$1"; shift; exec "$0" "$@""#;
        Command::new("bash")
            .args(["-c", script, env!("CARGO_BIN_EXE_lazaret"), &limit])
            .args(arguments)
            .current_dir(self.directory.path())
            .env("LAZARET_HOME", &self.dist)
            .env("LAZARET_STATE", self.directory.path().join("state"))
            .env("LAZARET_CACHE", &self.cache)
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    fn triage(&self, limit_kib: Option<u64>) -> Output {
        self.lazaret(
            limit_kib,
            &["run", "triage", "--json", "--args", "@issues.json"],
        )
    }

    /// The same where every draft waits for a person.
    fn asking_triage(&self, limit_kib: Option<u64>) -> Output {
        let shipped = self.dist.join("workflows/triage/lazaret.toml");
        let shipped = std::fs::read_to_string(shipped).unwrap();
        let draft = "[tool.tracker.fn.draft]";
        let asks = shipped.replace(draft, &format!("{draft}\ndecide = \"ask\""));
        std::fs::write(self.directory.path().join("asks.toml"), asks).unwrap();
        let arguments = ["run", "triage", "--json", "--args", "@issues.json"];
        self.lazaret(
            limit_kib,
            &[&arguments[..], &["--policy", "asks.toml"]].concat(),
        )
    }

    /// A script that has two others, with two agents each, and an agent of its own.
    fn nested(&self, limit_kib: Option<u64>, model: &str) -> Output {
        for (name, text) in [
            ("lazaret.toml", NESTED_POLICY.replace("ADDRESS", model)),
            ("main.js", MAIN.to_owned()),
            ("pair.js", PAIR.to_owned()),
        ] {
            std::fs::write(self.directory.path().join(name), text).unwrap();
        }
        self.lazaret(limit_kib, &["run", "main.js", "--json"])
    }

    /// Goes on with a run to its end. Where it waits, the person refuses all that wait.
    fn to_its_end(&self, run: &str) -> Value {
        let mut ended = self.lazaret(None, &["resume", run, "--json"]);
        if ended.status.code() == Some(3) {
            assert!(self.lazaret(None, &["deny", run]).status.success());
            ended = self.lazaret(None, &["resume", run, "--json"]);
        }
        report(&ended)
    }

    /// The run's id, once the journal has it.
    fn run(&self) -> Option<String> {
        let listed = self.lazaret(None, &["runs", "--json"]);
        let runs: Vec<Value> = serde_json::from_slice(&listed.stdout).ok()?;
        let first = runs.first()?;
        let has_records = first["records"].as_u64()? > 0;
        has_records.then(|| first["run"].as_str().unwrap().to_owned())
    }

    fn events(&self, run: &str) -> Vec<Value> {
        let shown = self.lazaret(None, &["show", run, "--json"]);
        String::from_utf8(shown.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// What the workload left outside, where it left anything.
    fn tracker(&self) -> Option<Value> {
        let path = self.directory.path().join(".lazaret/triage/tracker.json");
        serde_json::from_slice(&std::fs::read(path).ok()?).unwrap()
    }
}

fn report(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {said}"))
}

/// What must not depend on where the run was interrupted.
fn outcome(report: &Value) -> Value {
    let mut agents = report["agents"].clone();
    agents.as_object_mut().unwrap().remove("replayed");
    json!({
        "status": report["status"], "result": report["result"], "taint": report["taint"],
        "agents": agents, "gate_bits": report["gate_bits"], "denials": report["denials"],
        "failures": report["failures"], "unrequested": report["unrequested"],
    })
}

/// The writes that were made, each by its arguments' digests.
fn writes(events: &[Value]) -> Vec<String> {
    let place = |event: &Value| (event["step"].as_u64(), event["effect"].as_u64());
    let done = events
        .iter()
        .filter(|event| event["event"] == "effect-done");
    let done: Vec<_> = done.map(place).collect();
    let intended = events.iter().filter(|event| {
        event["event"] == "effect-intended"
            && event["function"] == "files.tracker.write"
            && done.contains(&place(event))
    });
    intended
        .map(|event| event["arguments"].to_string())
        .collect()
}

/// The agents that ended, and how often each did. Another script is given its batches again, and
/// ends again.
fn ends(events: &[Value]) -> Vec<u64> {
    let ended = events
        .iter()
        .filter(|event| event["event"] == "step-finished" && event["given"].is_object());
    ended.map(|event| event["step"].as_u64().unwrap()).collect()
}

/// Has a workload die at one write of its journal after the other, and compares how it ends with
/// one that nobody disturbed. `begin` begins it, with a limit at which it dies.
fn dies_everywhere(begin: impl Fn(&Place, Option<u64>) -> Output, status: &str) {
    let cache = tempfile::tempdir().unwrap();
    let undisturbed = Place::new(cache.path());
    begin(&undisturbed, None);
    let expected = undisturbed.to_its_end(&undisturbed.run().unwrap());
    assert_eq!(expected["status"], status, "{expected}");
    let written = writes(&undisturbed.events(&undisturbed.run().unwrap()));

    let is_full = std::env::var_os("LAZARET_FULL").is_some();
    let step = if is_full { FULL_STEP_KIB } else { STEP_KIB };
    let (mut died, mut limit) = (0, 64);
    for _ in 0..MOST_PLACES {
        let place = Place::new(cache.path());
        let output = begin(&place, Some(limit));
        if output.status.code().is_some() {
            assert!(died >= 5, "only {died} places were tried");
            return;
        }
        let Some(run) = place.run() else {
            // The first record holds the components: nothing has begun before it is there.
            limit += 64;
            continue;
        };
        let why = format!("died at {limit} KiB");
        let resumed = place.to_its_end(&run);
        assert_eq!(outcome(&resumed), outcome(&expected), "{why}");
        assert_eq!(place.tracker(), undisturbed.tracker(), "{why}");
        let events = place.events(&run);
        assert_each_once(&ends(&events), "a step ended twice", &why);
        let writes = writes(&events);
        assert_eq!(writes.len(), written.len(), "{why}");
        assert_each_once(&writes, "a write was made twice", &why);
        died += 1;
        limit += step;
    }
    panic!("the run never ended");
}

fn assert_each_once<T: Ord + Clone>(all: &[T], what: &str, why: &str) {
    let mut once = all.to_vec();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), all.len(), "{what}, {why}");
}

#[test]
fn a_run_that_dies_at_any_write_of_its_journal_goes_on_as_if_it_had_not() {
    dies_everywhere(Place::triage, "done");
}

#[test]
fn a_run_that_asks_a_person_and_dies_at_any_write_goes_on_as_if_it_had_not() {
    dies_everywhere(Place::asking_triage, "done-with-failures");
}

const NESTED_POLICY: &str = r#"
version = 1
[readers]
private = ["operator", "models"]
[model.default]
provider = "openai"
model = "test"
base_url = "ADDRESS"
[profile.general-purpose]
plugin = "agent"
reads = "*"
use = ["model.default"]
[budget]
tokens = 1_000
answer_tokens = 5
[limits]
wall_ms = 600000
"#;

const MAIN: &str = "export const meta = { name: 'main', description: 'has others' }
    const pairs = await parallel(['a', 'b'].map(x => () => workflow({ scriptPath: 'pair.js' }, x)))
    return pairs.join('') + await agent('last')";

const PAIR: &str = "export const meta = { name: 'pair', description: 'asks two' }
    phase(args)
    return (await parallel([1, 2].map(n => () => agent(args + n)))).join('')";

#[test]
fn a_script_with_others_in_it_that_dies_at_any_write_goes_on_as_if_it_had_not() {
    let model = Model::start(|request| Said::Text(format!("<{}>", last_text(request))));
    dies_everywhere(|place, limit| place.nested(limit, &model.address), "done");
}

#[test]
fn a_finished_run_is_replayed_as_a_whole_and_changes_nothing() {
    let cache = tempfile::tempdir().unwrap();
    let place = Place::new(cache.path());
    let first = report(&place.triage(None));
    let run = first["run"].as_str().unwrap();
    let before = place.tracker();
    std::fs::remove_file(place.directory.path().join("issues.json")).unwrap();
    let again = report(&place.lazaret(None, &["resume", run, "--json"]));
    assert_eq!(outcome(&again), outcome(&first));
    assert_eq!(again["agents"]["replayed"], first["agents"]["started"]);
    assert_eq!(place.tracker(), before);
    let shown = place.lazaret(None, &["show", run]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("replayed: 1-6"), "{shown}");
}

#[test]
fn two_processes_write_their_runs_into_one_journal_at_the_same_time() {
    let cache = tempfile::tempdir().unwrap();
    let place = Place::new(cache.path());
    let both: Vec<Value> = std::thread::scope(|scope| {
        let going: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    report(
                        &place
                            .lazaret(None, &["run", "triage", "--json", "--args", "@issues.json"]),
                    )
                })
            })
            .collect();
        going.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_ne!(both[0]["run"], both[1]["run"]);
    for one in &both {
        assert_eq!(one["status"], "done", "{one}");
        let run = one["run"].as_str().unwrap();
        let shown = place.lazaret(None, &["show", run, "--brief"]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert!(shown.contains("hash chain intact"), "{shown}");
        assert_eq!(ends(&place.events(run)).len(), 6);
    }
}

#[test]
fn two_processes_on_one_run_are_told_apart() {
    let cache = tempfile::tempdir().unwrap();
    let place = Place::new(cache.path());
    let first = report(&place.triage(None));
    let run = first["run"].as_str().unwrap();
    let lock = format!("state/journal.db.run-{run}.lock");
    let lock = std::fs::File::create(place.directory.path().join(lock)).unwrap();
    lock.lock().unwrap();
    let refused = place.lazaret(None, &["resume", run]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("docs/errors/journal.busy.md"), "{said}");
}
