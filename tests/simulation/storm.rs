//! A run with many parallel agents is killed again and again at random moments, and finishes:
//! each agent ends once, and its model is asked once, but for the requests that were on their
//! way when it died.
//!
//! `cargo xtask test --full` has a thousand agents and twenty kills. Needs the distribution that
//! `cargo xtask test` builds and names in `LAZARET_DIST`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests stop a test as tests do, and read the environment"
)]

#[path = "../../host/cli/tests/support/model.rs"]
#[expect(dead_code, reason = "this model never refuses")]
mod model;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use model::{Model, Said, last_text};
use serde_json::Value;

/// How many agents ask at the same time.
const AT_ONCE: usize = 8;

const POLICY: &str = r#"
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
agents = 1000
[limits]
agents_at_once = 8
wall_ms = 600000
"#;

/// A sequence that a printed seed repeats (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)) % most
    }
}

fn command(place: &Path, arguments: &[&str]) -> Command {
    let dist = std::env::var("LAZARET_DIST")
        .expect("LAZARET_DIST is not set: run these tests with `cargo xtask test`");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazaret"));
    command
        .args(arguments)
        .current_dir(place)
        .env("LAZARET_HOME", dist)
        .env("LAZARET_STATE", place.join("state"))
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn output(place: &Path, arguments: &[&str]) -> String {
    let output = command(place, arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The run's id, once the journal has it.
fn run(place: &Path) -> Option<String> {
    let runs: Value = serde_json::from_str(&output(place, &["runs", "--json"])).ok()?;
    let run = runs.get(0)?;
    (run["records"].as_u64()? > 0).then(|| run["run"].as_str().unwrap().to_owned())
}

fn seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let given = std::env::var("LAZARET_SEED").ok();
    given.map_or_else(
        || u64::from(now.unwrap().subsec_nanos()),
        |given| given.parse().expect("LAZARET_SEED is a number"),
    )
}

#[test]
fn a_run_that_is_killed_at_random_finishes_and_does_no_work_twice() {
    let is_full = std::env::var_os("LAZARET_FULL").is_some();
    // An answer takes so long that all parts together cannot end before the last kill.
    let (agents, kills, answer_ms) = if is_full {
        (1_000, 20, 80)
    } else {
        (60, 4, 300)
    };
    let seed = seed();
    println!("LAZARET_SEED={seed} repeats this run's kills");
    let mut dice = Dice(seed);
    let model = Model::start(move |request| {
        std::thread::sleep(Duration::from_millis(answer_ms));
        Said::Text(format!("<{}>", last_text(request)))
    });
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    std::fs::write(
        place.join("lazaret.toml"),
        POLICY.replace("ADDRESS", &model.address),
    )
    .unwrap();
    let script = format!(
        "export const meta = {{ name: 'many', description: 'asks many' }}
        const numbers = Array.from({{ length: {agents} }}, (_, n) => n)
        const all = await parallel(numbers.map(n => () => agent('agent ' + n)))
        return all.join('')"
    );
    std::fs::write(place.join("script.js"), script).unwrap();

    let mut killed = 0;
    while killed < kills {
        let known = run(place);
        let mut going = match &known {
            None => command(place, &["run", "script.js", "--json"]),
            Some(run) => command(place, &["resume", run, "--json"]),
        }
        .spawn()
        .unwrap();
        std::thread::sleep(Duration::from_millis(100 + dice.below(400)));
        if going.try_wait().unwrap().is_some() {
            break;
        }
        going.kill().unwrap();
        going.wait().unwrap();
        killed += 1;
    }
    assert_eq!(
        killed, kills,
        "it ended before it was killed so often, seed {seed}"
    );
    let id = run(place).expect("the run began");
    let report: Value = serde_json::from_str(&output(place, &["resume", &id, "--json"])).unwrap();
    let expected: Vec<_> = (0..agents).map(|n| format!("<agent {n}>")).collect();
    let expected = expected.concat();
    assert_eq!(report["result"], expected.as_str(), "seed {seed}");
    assert_eq!(report["agents"]["completed"], agents, "seed {seed}");

    let mut ended: BTreeMap<u64, u32> = BTreeMap::new();
    for line in output(place, &["show", &id, "--json"]).lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        if event["event"] == "step-finished" {
            *ended.entry(event["step"].as_u64().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(ended.len(), agents, "seed {seed}");
    assert!(ended.values().all(|times| *times == 1), "seed {seed}");
    let asked = model.asked.lock().unwrap().len();
    let most = agents + killed * AT_ONCE;
    assert!(
        asked <= most,
        "{asked} requests, at most {most}, seed {seed}"
    );
}
