//! One instance's life: a fresh store with its limits, a call, and how it ended.

use std::sync::Arc;

use lazaret_policy::limits::Limits;
use lazaret_workflow::replay::BUDGET;
use wasmtime::{Engine, Store, UpdateDeadline};

use crate::call::Caller;
use crate::limits::Meter;
use crate::state::GuestState;
use crate::watch::{Expired, Over, Watch};

/// Fuel that an orchestrator may use for each millisecond of its CPU limit: about as
/// many simple instructions as a slow machine executes in that time.
const FUEL_PER_MS: u64 = 1_000_000;

/// How much fuel an orchestrator uses before others get a turn.
const FUEL_SLICE: u64 = 5_000_000;

/// The most characters of a guest's own words that are kept.
const MAX_WORDS: usize = 2_000;

/// Why an instance gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stopped {
    pub(crate) cause: Cause,
    pub(crate) message: String,
}

/// The kinds of ends that the operator can tell apart. A parent cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Trap,
    Cpu,
    Wall,
    Idle,
    Tokens,
    Memory,
    Failure,
    Schema,
    Budget,
    Person,
    Host,
}

impl Cause {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Cpu => "cpu",
            Self::Wall => "wall",
            Self::Idle => "idle",
            Self::Tokens => "tokens",
            Self::Memory => "memory",
            Self::Failure => "failure",
            Self::Schema => "schema",
            Self::Budget => BUDGET,
            Self::Person => "person",
            Self::Host => "host",
        }
    }
}

impl Stopped {
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self {
            cause,
            message: message.chars().take(MAX_WORDS).collect(),
        }
    }

    /// Says it after "the tool" or "the agent".
    pub(crate) fn sentence(&self) -> String {
        match self.cause {
            Cause::Trap => format!("trapped: {}", self.message),
            Cause::Cpu => "used up its limit `cpu_ms`".to_owned(),
            Cause::Wall => "used up its limit `wall_ms`".to_owned(),
            Cause::Idle => "made no progress for its limit `idle_ms`".to_owned(),
            Cause::Tokens => "used up its `token_budget`".to_owned(),
            Cause::Memory => "used up its limit `memory_mib`".to_owned(),
            Cause::Failure | Cause::Schema => format!("failed: {}", self.message),
            Cause::Budget => format!("has no budget left: {}", self.message),
            Cause::Person => "was stopped by a person".to_owned(),
            Cause::Host => format!("could not be run: {}", self.message),
        }
    }
}

/// Makes a store for one instance. Nothing of it is used again.
pub(crate) fn store(caller: &Caller, limits: &Limits, engine: &Engine) -> Store<GuestState> {
    let state = GuestState::new(caller.clone(), Meter::new(limits), limits.cpu_ms);
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.meter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut context| {
        if context.data_mut().meter.take_tick() {
            return Ok(UpdateDeadline::Yield(1));
        }
        Ok(UpdateDeadline::Interrupt)
    });
    store
}

/// Makes a store for an orchestrator, which fuel bounds and no clock: on a busy machine the same
/// turns run to the same end.
pub(crate) fn store_of_turns(
    caller: &Caller,
    limits: &Limits,
    engine: &Engine,
) -> Store<GuestState> {
    let mut store = store(caller, limits, engine);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
    store
}

/// Gives an orchestrator's store the fuel of one turn.
pub(crate) fn refuel(store: &mut Store<GuestState>, limits: &Limits) -> wasmtime::Result<()> {
    store.set_fuel(limits.cpu_ms.saturating_mul(FUEL_PER_MS))?;
    store.fuel_async_yield_interval(Some(FUEL_SLICE))
}

/// Runs one call in a fresh store, within its limits, host calls included.
pub(crate) async fn within<T>(
    caller: &Caller,
    limits: &Limits,
    engine: &Engine,
    call: impl AsyncFnOnce(&mut Store<GuestState>) -> wasmtime::Result<T>,
) -> Result<T, Stopped> {
    let watch = Watch::new(limits.wall_ms, limits.idle_ms).limited_to(caller.tokens());
    watched(caller, &Arc::new(watch), limits, engine, call).await
}

/// The same under a watch of the caller's.
pub(crate) async fn watched<T>(
    caller: &Caller,
    watch: &Arc<Watch>,
    limits: &Limits,
    engine: &Engine,
    call: impl AsyncFnOnce(&mut Store<GuestState>) -> wasmtime::Result<T>,
) -> Result<T, Stopped> {
    let mut store = store(&caller.watched(watch), limits, engine);
    under(watch, &mut store, call).await
}

/// Runs one call in a store that goes on living, within its wall time.
pub(crate) async fn bounded<T>(
    store: &mut Store<GuestState>,
    limits: &Limits,
    call: impl AsyncFnOnce(&mut Store<GuestState>) -> wasmtime::Result<T>,
) -> Result<T, Stopped> {
    let watch = Watch::new(limits.wall_ms, limits.wall_ms);
    under(&watch, store, call).await
}

/// Runs one call until a time of its watch runs out.
async fn under<T>(
    watch: &Watch,
    store: &mut Store<GuestState>,
    call: impl AsyncFnOnce(&mut Store<GuestState>) -> wasmtime::Result<T>,
) -> Result<T, Stopped> {
    let ended = tokio::select! {
        biased;
        ended = call(store) => Ok(ended),
        expired = watch.expired() => Err(expired),
    };
    match ended {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(why(store, &error)),
        Err(Expired::Wall) => Err(Stopped::new(Cause::Wall, "")),
        Err(Expired::Idle) => Err(Stopped::new(Cause::Idle, "")),
        Err(Expired::Over(Over::Spent(why))) => Err(Stopped::new(Cause::Budget, why)),
        Err(Expired::Over(Over::Tokens)) => Err(Stopped::new(Cause::Tokens, "")),
        Err(Expired::Over(Over::Stopped)) => Err(Stopped::new(Cause::Person, "")),
    }
}

fn why(store: &Store<GuestState>, error: &wasmtime::Error) -> Stopped {
    let meter = &store.data().meter;
    let cause = match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::Interrupt | wasmtime::Trap::OutOfFuel) => Cause::Cpu,
        _ if meter.is_out_of_memory() => Cause::Memory,
        _ => Cause::Trap,
    };
    Stopped::new(cause, format!("{error:#}"))
}
