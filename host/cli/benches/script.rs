//! What scripts cost: the engine's start, a trivial script from the process's start to its exit,
//! the host's time for each agent, and the memory of a thousand agents that ask a model.
//!
//! Ours has everything on: policy, labels, limits, journal with `synchronous=FULL`. The model is
//! an HTTP server on loopback in this process.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench measures and prints"
)]

#[path = "../tests/support/model.rs"]
#[expect(dead_code, reason = "the tests of models use the rest of it")]
mod model;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lazaret_journal::Content;
use lazaret_runtime::Host;
use model::{Model, Said};
use serde_json::{Value, json};

/// Engine starts, and processes of a trivial script.
const STARTS: u32 = 100;
const PROCESSES: usize = 20;

/// Agents of the large scripts, and of the small one that their memory is compared with.
const AGENTS: u32 = 1_000;
const FEW: u32 = 100;

/// Well under a millisecond.
const START_LIMIT_US: f64 = 250.0;

/// What the design aims at for a trivial script.
const TRIVIAL_LIMIT_MS: f64 = 40.0;

/// By how much memory may grow from the small script to the large one and still be flat: the
/// answers themselves, their labels and the script's own list of them.
const FLAT_LIMIT: f64 = 1.5;

/// How often the memory of a running process is looked at.
const LOOK: Duration = Duration::from_millis(2);

fn main() {
    let dist = PathBuf::from(
        std::env::var("LAZARET_DIST").expect("set LAZARET_DIST, or use `cargo xtask bench`"),
    );
    let place = Place::new(&dist);
    let (start, life) = engine(&dist);
    let trivial = place.trivial();
    let noop = place.agents("noop", AGENTS);
    let (few, many) = (place.agents("model", FEW), place.agents("model", AGENTS));
    let per_agent = |run: &Measured| run.wall.as_secs_f64() * 1e6 / f64::from(AGENTS);
    let rows = json!([
        row(
            "engine start: a fresh instance, ready for its script",
            start,
            Some(START_LIMIT_US),
            "us"
        ),
        row("engine start, a trivial script, its end", life, None, "us"),
        row(
            "trivial script, process start to exit, median",
            trivial,
            Some(TRIVIAL_LIMIT_MS),
            "ms"
        ),
        row(
            "a no-op agent of a script, wall time",
            per_agent(&noop),
            None,
            "us"
        ),
        row(
            "the same with a model on loopback, wall time",
            per_agent(&many),
            None,
            "us"
        ),
        row(
            "peak memory of 1,000 no-op agents",
            mib(noop.peak_kib),
            None,
            "MiB"
        ),
        row(
            "peak memory of 1,000 agents with a model",
            mib(many.peak_kib),
            None,
            "MiB"
        ),
        row(
            "peak memory of 1,000 agents over that of 100",
            mib(many.peak_kib) / mib(few.peak_kib),
            Some(FLAT_LIMIT),
            "x"
        ),
    ]);
    println!("{rows}");
}

fn row(case: &str, value: f64, limit: Option<f64>, unit: &str) -> Value {
    let ok = limit.is_none_or(|limit| value <= limit);
    json!({"suite": "script", "case": case, "ok": ok, "value": value, "unit": unit, "limit": limit, "note": ""})
}

fn mib(kib: u32) -> f64 {
    f64::from(kib) / 1024.0
}

/// Microseconds of a fresh instance of the engine, and of a trivial script's whole life: the
/// instance, the script, its end. The engine was made ready before.
fn engine(dist: &Path) -> (f64, f64) {
    let component = std::fs::read(dist.join("plugins/script.wasm")).expect("the engine is built");
    let cache = tempfile::tempdir().expect("a scratch directory");
    let host = Host::new(1, cache.path()).expect("a host");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let engine = host
        .script_engine(&Content::new(component))
        .expect("it is an orchestrator");
    let start = async || engine.start().await.expect("the engine starts");
    let life = async || {
        let held = start().await.evaluate("true", &Value::Null, 1).await;
        assert!(held.expect("the engine answers"));
    };
    runtime.block_on(async {
        life().await;
        let starts = each(async || drop(start().await)).await;
        (starts, each(life).await)
    })
}

/// Microseconds of one of many.
async fn each(act: impl AsyncFn()) -> f64 {
    let started = Instant::now();
    for _ in 0..STARTS {
        act().await;
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(STARTS)
}

/// What one process was seen to use.
struct Measured {
    wall: Duration,
    peak_kib: u32,
}

/// A project with a model and with an agent that does nothing.
struct Place {
    directory: tempfile::TempDir,
    dist: PathBuf,
}

impl Place {
    fn new(dist: &Path) -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let model = Model::start(|_| Said::Text("an answer of some words".to_owned()));
        let noop = dist.join("guests/noop.wasm");
        let policy = format!(
            "version = 1\n[readers]\nprivate = [\"operator\", \"models\"]\n[source.args]\ntags = []\nreaders = \"private\"\n[model.default]\nprovider = \"openai\"\nmodel = \"test\"\nbase_url = \"{}\"\n[plugin.noop]\nfile = \"{}\"\n[profile.noop]\nplugin = \"noop\"\nreads = []\n[profile.model]\nplugin = \"agent\"\nreads = \"*\"\nuse = [\"model.default\"]\n[budget]\nagents = 2000\n",
            model.address,
            noop.display()
        );
        std::fs::write(directory.path().join("lazaret.toml"), policy).unwrap();
        let meta = "export const meta = { name: 'bench', description: 'of a bench' }\n";
        std::fs::write(
            directory.path().join("trivial.js"),
            format!("{meta}return 1"),
        )
        .unwrap();
        let many = "const all = await parallel(Array.from({ length: args.n }, (_, i) =>
            () => agent(`number ${i}`, { agentType: args.type })))
            return all.length";
        std::fs::write(directory.path().join("many.js"), format!("{meta}{many}")).unwrap();
        Self {
            directory,
            dist: dist.to_owned(),
        }
    }

    fn run(&self, arguments: &[&str]) -> Measured {
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_lazaret"))
            .arg("run")
            .args(arguments)
            .current_dir(self.directory.path())
            .env("HOME", self.directory.path().join("home"))
            .env("LAZARET_HOME", &self.dist)
            .env("LAZARET_STATE", self.directory.path().join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut peak_kib = 0;
        loop {
            peak_kib = peak_kib.max(peak(child.id()));
            if let Some(status) = child.try_wait().expect("the process is ours") {
                assert!(status.success(), "{arguments:?}: {status}");
                break;
            }
            std::thread::sleep(LOOK);
        }
        Measured {
            wall: started.elapsed(),
            peak_kib,
        }
    }

    /// Milliseconds, the median.
    fn trivial(&self) -> f64 {
        self.run(&["trivial.js"]);
        let mut times: Vec<f64> = (0..PROCESSES)
            .map(|_| self.run(&["trivial.js"]).wall.as_secs_f64() * 1e3)
            .collect();
        times.sort_by(f64::total_cmp);
        times[PROCESSES / 2]
    }

    fn agents(&self, kind: &str, count: u32) -> Measured {
        let arguments = json!({ "n": count, "type": kind }).to_string();
        self.run(&["many.js", "--args", &arguments])
    }
}

/// The most memory that a process has had resident, in KiB.
fn peak(process: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB"));
    number
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}
