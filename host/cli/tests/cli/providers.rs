//! Every provider through the binary, in its own wire format: keys, prices, reasoning, what a
//! failed attempt costs, and a crowd of agents at busy providers. The fake is the one that the
//! providers' own SDKs are tried against.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::binary;

use crate::server::{self, AWS_SECRET, Fake, KEY, Weather};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The providers by the names that the policy gives them.
const PROVIDERS: [&str; 8] = [
    "anthropic",
    "openai",
    "other",
    "gemini",
    "vertex",
    "bedrock",
    "signed",
    "azure",
];

/// Names the policy: a project's own that says where a key goes has to be trusted first.
const RUN: [&str; 4] = ["run", "script.js", "--policy", "lazaret.toml"];

/// A fake of all providers, and a directory with a policy and a script.
struct Place {
    _runtime: Runtime,
    fake: Fake,
    directory: TempDir,
}

impl Place {
    fn new(more: &str, script: &str) -> Self {
        Self::in_weather(Weather::default(), "", more, script)
    }

    /// `wait` is more of every provider, `more` is more of `[models]` and what follows it.
    fn in_weather(weather: Weather, wait: &str, more: &str, script: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let fake = runtime.block_on(Fake::in_weather(weather)).unwrap();
        let base = format!("http://{}", fake.address());
        let key = format!("key = \"env:TEST_KEY\"{wait}");
        let keys = "access_key = \"env:TEST_KEY\", secret_key = \"env:TEST_SECRET\"";
        let policy = format!(
            r#"
version = 1
[models]
anthropic = {{ base_url = "{base}", {key} }}
openai = {{ base_url = "{base}/v1", {key} }}
other = {{ base_url = "{base}/v1", {key} }}
gemini = {{ base_url = "{base}", {key} }}
vertex = {{ base_url = "{base}", project = "p", location = "global", {key} }}
bedrock = {{ base_url = "{base}", region = "us-east-1", {key} }}
signed = {{ provider = "bedrock", base_url = "{base}", region = "us-east-1", {keys} }}
azure = {{ base_url = "{base}", {key} }}
{more}
[files.project]
path = "project"
tags = []
readers = "public"
[profile.general-purpose]
plugin = "agent"
reads = "*"
use = ["model.*", "files.project.read"]
"#
        );
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("project")).unwrap();
        std::fs::write(directory.path().join("lazaret.toml"), policy).unwrap();
        let meta = "export const meta = { name: 'test', description: 'asks' }\n";
        let script = format!("{meta}{script}");
        std::fs::write(directory.path().join("script.js"), script).unwrap();
        Self {
            _runtime: runtime,
            fake,
            directory,
        }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs the binary, and keeps all that it said as a file of this directory.
    fn lazaret(&self, name: &str, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout.clone(), output.stderr.clone()].concat();
        std::fs::write(self.path().join(format!("{name}.said")), said).unwrap();
        output
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary::command(self.path(), arguments);
        command.env("TEST_KEY", KEY).env("TEST_SECRET", AWS_SECRET);
        command
    }

    fn run(&self) -> Value {
        let output = self.lazaret("run", &[&RUN[..], &["--json", "--verbose"]].concat());
        binary::report(&output)
    }
}

/// Returns the files below a directory that hold one of the keys.
fn leaks(directory: &Path) -> Vec<String> {
    let holds =
        |bytes: &[u8], key: &str| bytes.windows(key.len()).any(|part| part == key.as_bytes());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(leaks(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if holds(&bytes, KEY) || holds(&bytes, AWS_SECRET) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn no_provider_s_key_is_in_a_guest_a_log_the_journal_a_receipt_or_an_error() {
    // The refusals repeat the key; `echo` answers with it.
    let script = format!(
        "const asked = []
        for (const provider of {})
            for (const scene of ['text', 'echo', 'tools', 'malformed', 'status-401', 'status-400'])
                asked.push(provider + '/' + scene)
        return await parallel(asked.map(model => () => agent('hi', {{ model, label: model }})))",
        json!(PROVIDERS)
    );
    let place = Place::new("", &script);
    let report = place.run();
    let said = report["result"]
        .as_array()
        .unwrap_or_else(|| panic!("{report}"));
    assert_eq!(said.len(), PROVIDERS.len() * 6);
    let answered = said.iter().filter(|one| !one.is_null()).count();
    // Gemini itself refuses a malformed call, also as Vertex; elsewhere it is sent back.
    assert_eq!(
        answered,
        PROVIDERS.len() * 3 - 2,
        "`text`, `tools` and `malformed`: {report}"
    );
    let failures = report["failures"].to_string();
    assert!(failures.contains("model-unauthorised"), "{failures}");
    // The keys did go where they belong.
    let sent = place.fake.seen();
    let with_key = |name: &str| {
        sent.iter()
            .any(|seen| seen.header(name).is_some_and(|value| value.contains(KEY)))
    };
    assert!(
        ["authorization", "x-api-key", "api-key", "x-goog-api-key"]
            .into_iter()
            .all(with_key)
    );

    let run = report["run"].as_str().unwrap();
    place.lazaret("show", &["show", run, "--json"]);
    place.lazaret("runs", &["runs", "--json"]);
    place.lazaret("doctor", &["doctor"]);
    place.lazaret("doctor-json", &["doctor", "--json"]);
    place.lazaret("export", &["export", run, "run.jsonl"]);
    assert!(place.lazaret("keygen", &["keygen"]).status.success());
    place.lazaret("receipt", &["receipt", run, "--output", "receipt.json"]);
    place.lazaret("replay", &["replay", run]);
    for file in ["run.jsonl", "receipt.json", "state"] {
        assert!(place.path().join(file).exists(), "{file}");
    }
    assert_eq!(leaks(place.path()), Vec::<String>::new());
}

#[test]
fn a_model_gets_its_reasoning_and_signatures_back_with_its_calls() {
    let place = Place::new(
        "",
        "return await parallel(['anthropic/thoughtful', 'bedrock/thoughtful', 'gemini/thoughtful', 'vertex/thoughtful']
            .map(model => () => agent('hi', { model, effort: 'high' })))",
    );
    let report = place.run();
    assert_eq!(
        report["result"],
        json!(vec!["It is 20 degrees."; 4]),
        "{report}"
    );
    let sent = place.fake.seen();
    let second = |start: &str| {
        let mut both = sent.iter().filter(|seen| seen.path.contains(start));
        let second = both.nth(1);
        let second = second.unwrap_or_else(|| panic!("nothing is asked twice of {start}"));
        second.json().to_string()
    };
    for (path, wanted) in [
        ("/v1/messages", "\"signature\":\"c2lnbmVk\""),
        ("/model/thoughtful", "\"signature\":\"c2lnbmVk\""),
        ("/v1/models/thoughtful", "\"thoughtSignature\":\"c2lnbmVk\""),
        ("/projects/p/", "\"thoughtSignature\":\"c2lnbmVk\""),
    ] {
        let body = second(path);
        assert!(body.contains(wanted), "{path}: {body}");
    }
}

#[test]
fn the_operator_s_prices_count_each_kind_of_token_and_unknown_ones_are_named() {
    // The fake counts 12 tokens read, 5 from a cache, 3 put into one, and 7 written.
    let prices = "[models.prices]\n\"anthropic/text\" = { input = 1, output = 2.0, cache_read = 0.5, cache_write = 4 }\n\"other/*\" = { input = 1000, output = 0 }";
    let place = Place::new(
        prices,
        "return await parallel(['anthropic/text', 'other/text', 'openai/text'].map(model => () => agent('hi', { model })))",
    );
    let report = place.run();
    let micros = (12 + 2 * 7 + 4 * 3) * 2 + 5;
    let cost = (f64::from(micros) / 2.0).ceil() / 1e6 + 20.0 * 1000.0 / 1e6;
    assert!(
        (report["cost_usd"].as_f64().unwrap() - cost).abs() < 1e-9,
        "{report}"
    );
    assert_eq!(
        report["tokens"],
        json!({"input": 60, "output": 21}),
        "{report}"
    );
    assert_eq!(report["unpriced"], json!(["openai/text"]), "{report}");
    let output = place.lazaret("again", &RUN);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("models read 60 tokens and wrote 21, for 0.020041 USD"),
        "{told}"
    );
    assert!(told.contains("what openai/text costs"), "{told}");
}

#[test]
fn what_attempts_without_an_answer_cost_is_counted_and_another_model_answers() {
    let place = Place::new(
        "alias = { default = [\"anthropic/cut\", \"other/text\"] }",
        "return await agent('hi')",
    );
    let report = place.run();
    assert_eq!(report["result"], "Hello from the fäke 模型.", "{report}");
    let attempts = place.fake.seen().len() as u64 - 1;
    assert!(attempts > 1, "the first choice is asked again");
    assert_eq!(report["tokens"]["input"], 20 * (attempts + 1), "{report}");
}

/// How many agents the crowd has, and by how much everything is faster: all of them and in real
/// time only with `cargo xtask test --full`.
fn crowd() -> (u32, u64) {
    match std::env::var_os("LAZARET_FULL") {
        Some(_) => (1_000, 1),
        None => (120, 20),
    }
}

/// The seed of the weather, which `LAZARET_SEED` replaces.
fn seed() -> u64 {
    let given = std::env::var("LAZARET_SEED").ok();
    given.map_or(20_261_128, |given| {
        given.parse().expect("LAZARET_SEED is a number")
    })
}

/// Runs so many agents, of which the providers fail one request of a hundred and leave another
/// without an answer; `rough` adds cuts, overloads and rate limits. Returns the report,
/// what the providers say, and the most memory that the host had, in KiB.
fn run_crowd(agents: u32, at_once: u32, faster: u64, rough: bool) -> (Value, server::Told, u64) {
    let share = u64::from(rough) * 10;
    let weather = Weather {
        seed: seed(),
        least_ms: 200 / faster,
        most_ms: 2_000 / faster,
        errors: 10,
        hangs: 10,
        stalls: share,
        cuts: share,
        overloads: share,
        limits: share / 2,
    };
    let script = format!(
        "const numbers = Array.from({{ length: {agents} }}, (_, n) => n)
        const all = await parallel(numbers.map(n => () => agent('n' + n)))
        return all.filter((said, n) => said === 'n' + n).length"
    );
    // Long for a loaded machine: an answer that comes too late would be asked for twice.
    let patience = 6_000 / faster.min(2);
    let wait = format!(", first_byte_ms = {patience}, idle_ms = {patience}");
    let models = if rough {
        "[\"anthropic/repeat\", \"other/repeat\"]"
    } else {
        "\"anthropic/repeat\""
    };
    let more = format!("alias = {{ default = {models} }}\n[limits]\nagents_at_once = {at_once}");
    let place = Place::in_weather(weather, &wait, &more, &script);
    let mut child = place
        .command(&[&RUN[..], &["--json"]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        most = kib.unwrap_or(most);
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output().unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap();
    (report, place.fake.told(), most)
}

fn all_is_accounted_for(agents: u32, report: &Value, told: &server::Told) {
    let seed = seed();
    assert_eq!(report["status"], "done", "seed {seed}: {report}");
    assert_eq!(report["result"], agents, "seed {seed}: {report}");
    assert_eq!(report["agents"]["started"], agents, "seed {seed}: {report}");
    assert_eq!(
        report["agents"]["completed"], agents,
        "seed {seed}: {report}"
    );
    assert_eq!(report["failures"], json!([]), "seed {seed}: {report}");
    assert_eq!(
        told.answers, agents,
        "an answer is asked for once: seed {seed}, {told:?}"
    );
}

#[test]
fn of_a_crowd_every_agent_is_accounted_for_with_the_right_totals_and_flat_memory() {
    let (agents, faster) = crowd();
    // As many at once in both, for each instance has a memory of its own.
    let at_once = agents / 8;
    let (_, _, few) = run_crowd(agents / 4, at_once, faster, false);
    let (report, told, many) = run_crowd(agents, at_once, faster, false);
    println!("{agents} agents: {told:?}, {few} KiB for a quarter, {many} KiB for all");
    all_is_accounted_for(agents, &report, &told);
    assert_eq!(report["tokens"]["input"], 20 * told.answers, "{report}");
    assert_eq!(report["tokens"]["output"], 7 * told.answers, "{report}");
    // Four times the agents in less than half as much memory again.
    assert!(
        many < few + few / 2,
        "{few} KiB for a quarter, {many} KiB for all"
    );
}

#[test]
fn a_crowd_gets_through_cuts_overloads_and_rate_limits_too() {
    let (agents, faster) = crowd();
    let (report, told, _) = run_crowd(agents, agents / 8, faster, true);
    println!("{agents} agents: {told:?}");
    all_is_accounted_for(agents, &report, &told);
    // A stream that broke had told its prompt's tokens, or they are guessed.
    assert!(report["tokens"]["input"].as_u64().unwrap() >= 20 * u64::from(told.answers));
    assert!(report["tokens"]["output"].as_u64().unwrap() >= 7 * u64::from(told.answers));
}
