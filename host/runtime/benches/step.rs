//! What a no-op agent step costs: bare wasmtime and our host, in one run, as a ratio.
//!
//! Ours has everything on: policy, labels, limits, journal with `synchronous=FULL`. The
//! orchestrator is a Rust component that asks for all of its agents in one turn.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench measures and prints"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lazaret_journal::{Content, Journal, RunId};
use lazaret_policy::policy::Policy;
use lazaret_runtime::{Host, Launch};
use lazaret_workflow::replay::Settings;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store};

/// Steps of each side.
const STEPS: u32 = 5_000;

/// The ratio and the microseconds that the design aims at.
const RATIO_LIMIT: f64 = 10.0;
const STEP_LIMIT_US: f64 = 30.0;

/// Finished steps of a run that is resumed, and the seconds that the design aims at.
const FINISHED: u32 = 10_000;
const RESUME_LIMIT_S: f64 = 0.5;

const POLICY: &str = r#"
version = 1
[workflow]
name = "bench"
orchestrator = "spawns-many"
print = true
[plugin.spawns-many]
file = "spawns_many.wasm"
[plugin.noop]
file = "noop.wasm"
[source.args]
tags = []
readers = "public"
[profile.subject]
plugin = "noop"
reads = []
readers = "public"
[budget]
agents = 1_000_000
[limits]
cpu_ms = 600_000
wall_ms = 600_000
"#;

fn main() {
    let dist = PathBuf::from(
        std::env::var("LAZARET_DIST").expect("set LAZARET_DIST, or use `cargo xtask bench`"),
    );
    let bare = bare(&dist);
    let (wall, ours, resumed) = ours(&dist);
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(STEPS);
    let (bare_us, wall_us, ours_us) = (each(bare), each(wall), each(ours));
    let ratio = ours_us / bare_us;
    let rows = serde_json::json!([
        row(
            "bare wasmtime: store, instantiate, drop",
            bare_us,
            None,
            "us"
        ),
        row(
            "a no-op step of ours, CPU time of all cores",
            ours_us,
            Some(STEP_LIMIT_US),
            "us"
        ),
        row("a no-op step of ours, wall time", wall_us, None, "us"),
        row("ratio of CPU times", ratio, Some(RATIO_LIMIT), "x"),
        row(
            "resume of 10,000 finished steps, wall time",
            resumed.as_secs_f64(),
            Some(RESUME_LIMIT_S),
            "s"
        ),
    ]);
    println!("{rows}");
}

fn row(case: &str, value: f64, limit: Option<f64>, unit: &str) -> serde_json::Value {
    let ok = limit.is_none_or(|limit| value <= limit);
    serde_json::json!({"suite": "step", "case": case, "ok": ok, "value": value, "unit": unit, "limit": limit, "note": ""})
}

fn component(dist: &Path, name: &str) -> Vec<u8> {
    std::fs::read(dist.join("guests").join(name))
        .expect("the guest is built by `cargo xtask guests`")
}

/// A component without imports, instantiated and called again and again.
fn bare(dist: &Path) -> Duration {
    let mut config = Config::new();
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(16)
        .total_core_instances(64)
        .total_memories(16);
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    let engine = Engine::new(&config).expect("a plain engine");
    let component =
        Component::new(&engine, component(dist, "noop.wasm")).expect("the guest compiles");
    let linker: Linker<()> = Linker::new(&engine);
    let linked = linker
        .instantiate_pre(&component)
        .expect("the no-op agent imports nothing");
    let started = cpu();
    for _ in 0..STEPS {
        let mut store = Store::new(&engine, ());
        store.set_epoch_deadline(u64::MAX / 2);
        linked.instantiate(&mut store).expect("a slot is free");
    }
    cpu().saturating_sub(started)
}

/// The time that all threads of this process have computed.
fn cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(now).expect("a time after the start")
}

fn ours(dist: &Path) -> (Duration, Duration, Duration) {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let host = Host::new(64, &directory.path().join("cache")).expect("a host");
    let journal = Journal::open(directory.path().join("state/journal.db")).expect("a journal");
    let launch = |id: &str, count: u32| Launch {
        policy: Policy::parse("bench", POLICY).expect("the policy is right"),
        policy_text: POLICY.to_owned(),
        components: BTreeMap::from([
            (
                "spawns-many".to_owned(),
                Content::new(component(dist, "spawns_many.wasm")),
            ),
            (
                "noop".to_owned(),
                Content::new(component(dist, "noop.wasm")),
            ),
        ]),
        script: None,
        state: None,
        library: lazaret_runtime::scripts::no_library(),
        tokens: None,
        argument_name: "--args".to_owned(),
        argument: format!(r#"{{"order": "{count}"}}"#).into_bytes(),
        directory: directory.path().to_owned(),
        keys: Arc::new(|_| Err("a bench has no keys".to_owned())),
        journal: journal.clone(),
        id: RunId::new(id).expect("an id"),
        seed: 1,
        started_ms: 0,
        observer: Arc::new(|_| {}),
    };
    // The first run compiles and warms up.
    runtime
        .block_on(host.run(launch("warm0000000000", 1)))
        .expect("the run ends");
    let (started, before) = (Instant::now(), cpu());
    let report = runtime
        .block_on(host.run(launch("bench000000000", STEPS)))
        .expect("the run ends");
    let (elapsed, computed) = (started.elapsed(), cpu().saturating_sub(before));
    assert_eq!(report.completed, u64::from(STEPS), "{:?}", report.failures);
    let resumed = resume(&runtime, &host, launch("warm0000000001", FINISHED));
    (elapsed, computed, resumed)
}

/// A run of finished steps is resumed: nothing runs but its orchestrator.
fn resume(runtime: &tokio::runtime::Runtime, host: &Host, launch: Launch) -> Duration {
    let (journal, id) = (launch.journal.clone(), launch.id.clone());
    runtime.block_on(host.run(launch)).expect("the run ends");
    let started = Instant::now();
    let launch = lazaret_runtime::resume::launch(
        &journal,
        &id,
        Arc::new(|_| Err(String::new())),
        Arc::new(|_| {}),
    )
    .expect("the journal has it all");
    let report = runtime
        .block_on(host.resume(launch, Settings::default()))
        .expect("the run ends again");
    let elapsed = started.elapsed();
    assert_eq!(
        report.replayed,
        u64::from(FINISHED),
        "{:?}",
        report.failures
    );
    elapsed
}
