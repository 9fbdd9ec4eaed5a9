//! What the script engine says of a script without running it: the same component, in a store
//! that reaches nothing. No run, no journal, no effect.

use std::fmt;

use lazaret_journal::Content;
use lazaret_policy::limits::Limits;
use serde_json::{Value, json};
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Engine, Store, UpdateDeadline};

use crate::bindings::log::{Host as Log, Level};
use crate::bindings::orchestrator::{Orchestrator, OrchestratorPre};
use crate::bindings::types::{Answer, Task};
use crate::error::{HostError, ScriptError, ScriptProblem};
use crate::host::Host;
use crate::limits::Meter;

/// What the engine may use up to look at one script. The longest script takes a second.
const LIMITS: Limits = Limits {
    memory_mib: 256,
    wall_ms: 60_000,
    idle_ms: 60_000,
    cpu_ms: 60_000,
    log_bytes: 0,
};

/// Instructions for one look: minutes of a slow machine.
const FUEL: u64 = 60_000_000_000;

/// How tainted values would reach the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As ordinary values.
    Float,
    /// As opaque objects.
    Opaque,
}

/// The host's side of an instance that has nothing to ask.
struct Alone {
    meter: Meter,
}

impl Log for Alone {
    /// There is nobody to read it.
    async fn write(&mut self, _level: Level, _message: String) {}
}

impl crate::bindings::types::Host for Alone {}

impl crate::bindings::turns::Host for Alone {}

/// A script engine that is ready: its component was checked and linked once.
pub struct ScriptEngine {
    orchestrator: OrchestratorPre<Alone>,
}

/// A fresh instance of the engine, for one script.
pub struct ScriptInstance {
    store: Store<Alone>,
    guest: Orchestrator,
}

impl fmt::Debug for ScriptEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptEngine").finish_non_exhaustive()
    }
}

impl fmt::Debug for ScriptInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptInstance").finish_non_exhaustive()
    }
}

impl Host {
    /// Makes a script engine ready: compiles its component, or takes it from the cache.
    pub fn script_engine(&self, component: &Content) -> Result<ScriptEngine, HostError> {
        let engine = self.engines().orchestrators();
        let component = self.cache().load(engine, component);
        let orchestrator = component.and_then(|component| link(engine, &component));
        let orchestrator = orchestrator.map_err(|error| failed(&error))?;
        Ok(ScriptEngine { orchestrator })
    }
}

fn link(engine: &Engine, component: &Component) -> wasmtime::Result<OrchestratorPre<Alone>> {
    let mut linker = Linker::new(engine);
    Orchestrator::add_to_linker::<_, HasSelf<Alone>>(&mut linker, |state| state)?;
    OrchestratorPre::new(linker.instantiate_pre(component)?)
}

fn failed(error: &wasmtime::Error) -> HostError {
    HostError::plugin("script", format!("{error:#}"))
}

impl ScriptEngine {
    /// Starts an instance.
    pub async fn start(&self) -> Result<ScriptInstance, HostError> {
        let alone = Alone {
            meter: Meter::new(&LIMITS),
        };
        let mut store = Store::new(self.orchestrator.engine(), alone);
        store.limiter(|state| &mut state.meter);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        let fuelled = store.set_fuel(FUEL);
        fuelled.map_err(|error| failed(&error))?;
        let guest = self.orchestrator.instantiate_async(&mut store).await;
        let guest = guest.map_err(|error| failed(&error))?;
        Ok(ScriptInstance { store, guest })
    }
}

impl ScriptInstance {
    /// Returns the engine's report on a script: `meta`, `diagnostics` and `uses`, as
    /// `plugins/script/README.md` describes them.
    pub async fn examine(self, file: &str, source: &str, mode: Mode) -> Result<Value, HostError> {
        let task = json!({
            "file": file,
            "source": source,
            "check": true,
            "mode": match mode { Mode::Float => "float", Mode::Opaque => "opaque" },
            "seed": "unused",
        });
        let answer = self.ask(task.to_string()).await;
        let answer = answer.map_err(|error| failed(&error))?;
        let report = serde_json::from_str(&answer);
        report.map_err(|_never| HostError::plugin("script", "its report is no JSON"))
    }

    /// Evaluates an expression over the result of a round, in the same engine and with nothing
    /// else: it sees `result` and `round`.
    pub async fn evaluate(
        self,
        condition: &str,
        result: &Value,
        round: u32,
    ) -> Result<bool, HostError> {
        let source = format!(
            "export const meta = {{ name: 'until', description: 'a condition' }}; const {{ result, round }} = args; return Boolean(\n{condition}\n)"
        );
        let task = json!({
            "file": "--until",
            "source": source,
            "args": { "result": result, "round": round },
        });
        let wrong = |message: String| {
            HostError::Script(ScriptError {
                place: "--until".to_owned(),
                problem: ScriptProblem::Condition,
                message,
                hint: "write an expression over `result` and `round`, such as `result.open === 0`"
                    .to_owned(),
            })
        };
        let answer = self.ask(task.to_string()).await;
        let answer = answer.map_err(|error| wrong(format!("{error:#}")))?;
        Ok(answer == "true")
    }

    async fn ask(mut self, text: String) -> wasmtime::Result<String> {
        let task = Task {
            text,
            parts: Vec::new(),
            options: "{}".to_owned(),
        };
        let turn = self.guest.call_start(&mut self.store, &task).await?;
        match turn.finished {
            Some(Ok(Answer::Json(json))) => Ok(json),
            Some(Err(failure)) => Err(wasmtime::Error::msg(failure.message)),
            _ => Err(wasmtime::Error::msg(
                "it asks for something instead of answering",
            )),
        }
    }
}
