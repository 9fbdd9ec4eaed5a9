//! The wasmtime engines: one for agents and tools, one for orchestrators.
//!
//! Agents are bounded by epochs, which are cheap and depend on the clock. Orchestrators
//! are bounded by fuel, so that the same turns run out at the same instruction, and are
//! compiled without anything that differs between machines.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::error::HostError;
use crate::limits::TICK_MS;

/// The most WebAssembly stack of an agent or a tool.
const MAX_WASM_STACK: usize = 1 << 20;

/// The most WebAssembly stack of an orchestrator. A script engine raises a catchable error
/// on deep recursion only well before this is used up.
const ORCHESTRATOR_STACK: usize = 4 << 20;

/// What the host calls of a guest need of the same stack.
const HOST_STACK: usize = 1 << 20;

/// The most linear memory of a pooled slot.
const POOLED_MEMORY: usize = 512 << 20;

/// The most core instances, memories and tables of a pooled component. One that has more runs
/// from memory made on demand: a slot then has room for every component, and a pool that has a
/// free slot never fails.
const POOLED_CORE_INSTANCES: u32 = 64;
const POOLED_MEMORIES: u32 = 1;
const POOLED_TABLES: u32 = 4;

/// How many bytes of a returned slot stay resident, so that small guests reuse warm pages.
const KEEP_RESIDENT: usize = 64 << 10;

/// The slots of the pool that are free. A clone is the same slots.
#[derive(Clone, Debug)]
pub(crate) struct Slots(Arc<Semaphore>);

impl Slots {
    fn new(many: u32) -> Self {
        let many = usize::try_from(many).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(many)))
    }

    /// Takes a free slot until what is given is dropped. Nobody waits for one: agents hold slots
    /// while the tools that they call, and agents in the place of those that wait for a person,
    /// need others.
    pub(crate) fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }
}

/// The engines and the thread that advances their epochs.
#[derive(Debug)]
pub(crate) struct Engines {
    all: Arc<All>,
    slots: Slots,
    stop: Arc<AtomicBool>,
    ticker: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct All {
    /// Made when the first component wants it: a pool takes milliseconds.
    pooled: OnceLock<Engine>,
    on_demand: Engine,
    orchestrators: Engine,
    /// For how many agents at once there are slots.
    at_once: u32,
}

impl Engines {
    /// Makes the engines, with a pool for `at_once` agents.
    pub(crate) fn new(at_once: u32) -> Result<Self, HostError> {
        let all = Arc::new(All {
            pooled: OnceLock::new(),
            on_demand: Engine::new(&agent_config()).map_err(HostError::Engine)?,
            orchestrators: Engine::new(&orchestrator_config()).map_err(HostError::Engine)?,
            at_once,
        });
        let stop = Arc::new(AtomicBool::new(false));
        let ticker = start_ticker(Arc::clone(&all), Arc::clone(&stop));
        Ok(Self {
            all,
            slots: Slots::new(slots(at_once)),
            stop,
            ticker: Some(ticker),
        })
    }

    /// The engine for so many agents at once: pooled where all of them find a slot, and the
    /// machine has room for the pool.
    pub(crate) fn for_agents(&self, at_once: u64) -> &Engine {
        let all = &self.all;
        if at_once > u64::from(all.at_once) {
            return &all.on_demand;
        }
        let make = || pooled(all.at_once).unwrap_or_else(|_no_room| all.on_demand.clone());
        all.pooled.get_or_init(make)
    }

    /// The engine of agents and tools whose memory is made on demand: for components that do not
    /// fit a pool's slot. Native code for one is native code for the other.
    pub(crate) fn on_demand(&self) -> &Engine {
        &self.all.on_demand
    }

    /// The engine of orchestrators: fuel, deterministic.
    pub(crate) fn orchestrators(&self) -> &Engine {
        &self.all.orchestrators
    }

    /// The slots of the pool.
    pub(crate) fn slots(&self) -> &Slots {
        &self.slots
    }
}

impl Drop for Engines {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(ticker) = self.ticker.take() {
            ticker.thread().unpark();
            // The ticker cannot panic; a join that fails changes nothing at the end.
            drop(ticker.join());
        }
    }
}

fn start_ticker(all: Arc<All>, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            std::thread::park_timeout(Duration::from_millis(TICK_MS));
            let pooled = all.pooled.get();
            for engine in pooled
                .into_iter()
                .chain([&all.on_demand, &all.orchestrators])
            {
                engine.increment_epoch();
            }
        }
    })
}

fn base_config(stack: usize) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .concurrency_support(false)
        .max_wasm_stack(stack)
        .async_stack_size(stack + HOST_STACK);
    config
}

fn agent_config() -> Config {
    let mut config = base_config(MAX_WASM_STACK);
    config.epoch_interruption(true);
    config
}

fn orchestrator_config() -> Config {
    let mut config = base_config(ORCHESTRATOR_STACK);
    config
        .epoch_interruption(true)
        .consume_fuel(true)
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false);
    config
}

/// Tools run beside the agents that called them.
const fn slots(at_once: u32) -> u32 {
    at_once.saturating_mul(2)
}

fn pooled(at_once: u32) -> wasmtime::Result<Engine> {
    let slots = slots(at_once);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .max_core_instances_per_component(POOLED_CORE_INSTANCES)
        .total_core_instances(slots.saturating_mul(POOLED_CORE_INSTANCES))
        .max_memories_per_component(POOLED_MEMORIES)
        .total_memories(slots.saturating_mul(POOLED_MEMORIES))
        .max_tables_per_component(POOLED_TABLES)
        .total_tables(slots.saturating_mul(POOLED_TABLES))
        .total_stacks(slots)
        .max_memory_size(POOLED_MEMORY)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .async_stack_keep_resident(KEEP_RESIDENT);
    let mut config = agent_config();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}
