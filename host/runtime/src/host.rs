//! The host: loads what a run needs, starts it, carries it to its end, and reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazaret_journal::{Journal, NewRun, RunId, RunWriter};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Clearance, Compiled, FunctionKind, Workflow};
use lazaret_policy::policy::Policy;
use lazaret_workflow::approval::Standing;
use lazaret_workflow::event::{Event, PluginUse};
use lazaret_workflow::replay::Replay;
use lazaret_workflow::status::Status;
use serde_json::Value;

use crate::approval::Asking;
use crate::bindings::types::{Answer, Part, Task};
use crate::cache::CompileCache;
use crate::call::{Caller, Given};
use crate::describe;
use crate::engine::Engines;
use crate::entry::{self, Entered};
use crate::error::HostError;
use crate::mcp::{self, Surroundings};
use crate::models::{self, Keys};
use crate::orchestrate::{self, End};
use crate::place::Place;
use crate::plugin::Plugin;
use crate::progress::{Observer, Progress};
use crate::report::{self, GateBits, Report};
use crate::resume;
use crate::run::{Parts, Run};
use crate::secrets::Vault;
use crate::settle;
use crate::words;

/// The engines and the compile cache, shared by all runs of a process.
#[derive(Debug)]
pub struct Host {
    engines: Engines,
    cache: CompileCache,
    asking: Asking,
}

/// Everything that one run starts from. Times, ids and seeds are the caller's.
pub struct Launch {
    /// The policy.
    pub policy: Policy,
    /// The policy's text, for the journal.
    pub policy_text: String,
    /// The components, by their name in the policy.
    pub components: BTreeMap<String, Vec<u8>>,
    /// The script, where the orchestrator is the script engine.
    pub script: Option<Script>,
    /// How the operator named the launch argument.
    pub argument_name: String,
    /// The launch argument.
    pub argument: Vec<u8>,
    /// Below which the policy's relative paths lie.
    pub directory: PathBuf,
    /// Gives the keys that stand where the policy says.
    pub keys: Keys,
    /// The journal.
    pub journal: Journal,
    /// The run's id.
    pub id: RunId,
    /// From which the guests' randomness derives.
    pub seed: u64,
    /// Milliseconds since 1970.
    pub started_ms: u64,
    /// Who is told what happens.
    pub observer: Observer,
}

/// A workflow script, trusted for this run by whoever named it.
#[derive(Clone, Debug)]
pub struct Script {
    /// How messages name it.
    pub file: String,
    /// Its text.
    pub source: String,
    /// Output tokens that the run may use.
    pub token_budget: Option<u64>,
    /// Where the script's `args` come from.
    pub arguments: ScriptArguments,
}

/// Where a script's `args` come from.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptArguments {
    /// There are none.
    Absent,
    /// The operator typed them: trusted and public.
    Typed(Value),
    /// They are the launch argument, labelled as the policy says.
    Launch,
}

impl std::fmt::Debug for Launch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launch")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// Makes a host with room for so many agents at once and a compile cache in `cache`.
    pub fn new(at_once: u32, cache: &Path) -> Result<Self, HostError> {
        Ok(Self {
            engines: Engines::new(at_once)?,
            cache: CompileCache::open(cache)?,
            asking: Asking::nobody(),
        })
    }

    /// Says who is there to be asked.
    #[must_use]
    pub fn asking(self, asking: Asking) -> Self {
        Self { asking, ..self }
    }

    /// Carries one run to its end.
    pub async fn run(&self, launch: Launch) -> Result<Report, HostError> {
        self.carry(launch, Opening::New).await
    }

    /// Carries a run on to its end, or one part of it.
    pub(crate) async fn carry(
        &self,
        launch: Launch,
        opening: Opening,
    ) -> Result<Report, HostError> {
        let compiled = compile_policy(&launch)?;
        let workflow = compiled
            .workflow
            .clone()
            .ok_or_else(|| HostError::Refused("the policy names no workflow".to_owned()))?;
        let entered = entry::enter(&launch.argument_name, &launch.argument, &compiled.args)?;
        let plugins = self.load_plugins(&compiled, &launch.components)?;
        let models = models::connect(&compiled.providers, &launch.keys)?;
        let mounts = open_mounts(&compiled, &launch.directory)?;
        let vault = Vault::open(&compiled.secrets, &launch.keys, &launch.directory);
        let around = Surroundings {
            vault: &vault,
            keys: &launch.keys,
            directory: &launch.directory,
        };
        let servers = mcp::start_all(&compiled, &around).await?;
        let (writer, replay) = match opening {
            Opening::New => (create(&launch, &workflow)?, Replay::default()),
            Opening::Again(writer, replay) => (writer, *replay),
        };
        let goes_on = replay.past().started.is_some();
        let run = Arc::new(Run::new(Parts {
            writer,
            replay,
            compiled,
            plugins,
            mounts,
            models,
            servers,
            vault,
            seed: launch.seed,
            started_ms: launch.started_ms,
            observer: Arc::clone(&launch.observer),
            asking: self.asking.clone(),
        }));
        run.describe(describe::all(&run).await?);
        if goes_on {
            resume::remember(&run);
        }
        start(&run, &workflow, &entered, &launch, goes_on).await?;
        if goes_on {
            settle::settle(&run).await?;
        }
        let script = launch.script.as_ref();
        let text = script.map(|script| script_task(&run, &workflow, script));
        let task = Start {
            text: text.unwrap_or_default(),
            with_argument: script.is_none_or(|script| script.arguments == ScriptArguments::Launch),
        };
        let carried = conduct(&run, &workflow, entered, task).await;
        for server in run.servers.values() {
            server.end().await;
        }
        carried
    }

    fn load_plugins(
        &self,
        compiled: &Compiled,
        components: &BTreeMap<String, Vec<u8>>,
    ) -> Result<BTreeMap<String, Arc<Plugin>>, HostError> {
        let mut plugins = BTreeMap::new();
        for (name, bytes) in components {
            let plugin = Plugin::load(name, bytes, &self.engines, &self.cache)?;
            plugins.insert(name.clone(), Arc::new(plugin));
        }
        let used = compiled.profiles.iter().map(|profile| &profile.plugin);
        for name in used.chain(compiled.tools.values().map(|tool| &tool.plugin)) {
            if !plugins.contains_key(name) {
                return Err(HostError::plugin(
                    name,
                    "the policy uses it, but it is not there",
                ));
            }
        }
        Ok(plugins)
    }
}

fn compile_policy(launch: &Launch) -> Result<Compiled, HostError> {
    let mut manifests = BTreeMap::new();
    for (name, bytes) in &launch.components {
        manifests.insert(name.clone(), Plugin::manifest_of(name, bytes)?);
    }
    compile(&launch.policy, &manifests).map_err(HostError::Policy)
}

/// Opens the granted directories once; every path is resolved below them afterwards.
fn open_mounts(
    compiled: &Compiled,
    directory: &Path,
) -> Result<BTreeMap<String, Arc<Place>>, HostError> {
    let mut mounts = BTreeMap::new();
    for (name, mount) in &compiled.mounts {
        mounts.insert(name.clone(), Arc::new(Place::open(mount, directory)?));
    }
    Ok(mounts)
}

/// Where a run begins or goes on.
pub(crate) enum Opening {
    /// Nobody has begun it before.
    New,
    /// An earlier part has written into this journal, and left this.
    Again(RunWriter, Box<Replay>),
}

/// The version of the events, for who reads the journal later.
const METADATA: &str = r#"{"events":2}"#;

fn create(launch: &Launch, workflow: &Workflow) -> Result<RunWriter, HostError> {
    let new = NewRun::new(
        launch.id.clone(),
        launch.started_ms,
        &workflow.name,
        METADATA,
    )?;
    Ok(launch.journal.create_run(new)?)
}

async fn start(
    run: &Run,
    workflow: &Workflow,
    entered: &Entered,
    launch: &Launch,
    goes_on: bool,
) -> Result<(), HostError> {
    let (arguments, blob) = run.store(&entered.payload, entered.facts.labels.joined())?;
    let plugins = run.plugins.values().map(|plugin| PluginUse {
        name: plugin.name().to_owned(),
        digest: plugin.digest().to_owned(),
    });
    let plugins = plugins.collect();
    let policy = crate::plugin::digest(launch.policy_text.as_bytes());
    let (stored, mut blobs) = resume::store(launch)?;
    if goes_on {
        let event = Event::Resumed {
            policy,
            plugins,
            launch: stored,
        };
        run.reopen(&event, blobs).await?;
    } else {
        blobs.push(blob);
        let event = Event::RunStarted {
            workflow: workflow.name.clone(),
            policy,
            plugins,
            arguments,
            seed: run.seed,
            started_ms: run.started_ms,
            launch: Some(stored),
        };
        run.record(&event, blobs).await?;
    }
    for refusal in &entered.refused {
        run.tell(&Progress::Refused {
            place: refusal.place.clone(),
            message: refusal.message.clone(),
        });
        run.note(&Event::InputRefused {
            place: refusal.place.clone(),
            message: refusal.message.clone(),
        })?;
    }
    Ok(())
}

/// Bytes of stack that a script's engine may use before it throws: a thirteenth of an
/// orchestrator's, since the engine sees only what lies in its own memory.
const SCRIPT_STACK: usize = (4 << 20) / 13;

/// What the orchestrator's task is made of.
struct Start {
    text: String,
    with_argument: bool,
}

/// What the script engine starts from; the argument goes with it as a part.
fn script_task(run: &Run, workflow: &Workflow, script: &Script) -> String {
    let mode = match workflow.clearance {
        Clearance::Opaque => "opaque",
        Clearance::Float => "float",
    };
    let mut task = serde_json::json!({
        "file": script.file,
        "source": script.source,
        "mode": mode,
        "limits": { "agents": run.compiled.budget.agents, "stack": SCRIPT_STACK },
        "budget": { "total": script.token_budget },
        "seed": format!("{:016x}", run.derive("script", 0, 0)),
    });
    if let (ScriptArguments::Typed(value), Some(task)) = (&script.arguments, task.as_object_mut()) {
        task.insert("args".to_owned(), value.clone());
    }
    task.to_string()
}

async fn conduct(
    run: &Arc<Run>,
    workflow: &Workflow,
    entered: Entered,
    start: Start,
) -> Result<Report, HostError> {
    let plugin = run.plugins.get(&workflow.plugin).ok_or_else(|| {
        HostError::plugin(&workflow.plugin, "the policy uses it, but it is not there")
    })?;
    let Entered {
        facts,
        payload,
        refused,
    } = entered;
    let (instance, handle) = admit(run, workflow, facts, payload, start.with_argument)?;
    let argument = start.with_argument.then(|| Part {
        name: "args".to_owned(),
        content: handle.0,
    });
    let task = Task {
        text: start.text,
        parts: argument.into_iter().collect(),
        options: "{}".to_owned(),
    };
    let at_once = usize::try_from(run.compiled.budget.agents_at_once).unwrap_or(1);
    let end = orchestrate::run(run, plugin, &workflow.limits, instance, task, at_once).await?;
    let result = give(run, instance, end).await;
    finish(run, result, &refused).await
}

fn admit(
    run: &Run,
    workflow: &Workflow,
    facts: lazaret_kernel::content::Facts,
    payload: crate::payload::Payload,
    with_argument: bool,
) -> Result<(InstanceId, Handle), HostError> {
    // The orchestrator may see what is trusted, for those who may read the argument.
    let trusted = Label {
        readers: facts.labels.root().readers,
        ..Label::BOTTOM
    };
    let clearance = workflow.clearance.label(trusted);
    // A script whose arguments the operator typed, or left out, starts from nothing secret.
    let start = if with_argument {
        trusted
    } else {
        Label::BOTTOM
    };
    let mark = run.derive("root", 0, 0);
    let mut monitor = run.monitor();
    let instance = monitor.start_root(start, clearance, workflow.grants, mark);
    let handle = monitor
        .admit(instance, facts, payload)
        .map_err(|_denial| HostError::Internal("the first handle was refused"))?;
    Ok((instance, handle))
}

/// The printed result with its taint, or how the run ended without one and why.
type Printed = Result<(Value, Vec<String>), (Status, String)>;

/// Prints the result: an effect like any other, whose recipient is the operator.
async fn give(run: &Arc<Run>, instance: InstanceId, end: End) -> Printed {
    let caller = Caller::new(Arc::clone(run), instance, 0);
    let answer = match end {
        End::Answer(answer) => answer,
        End::Waiting => return Err((Status::Waiting, waiting_for(run))),
        End::Failure(failure) => return Err((status_of(&failure.message), failure.message)),
        End::Stopped(stopped) => {
            return Err((
                Status::Failed,
                format!("the workflow {}", stopped.sentence()),
            ));
        }
    };
    let handle = match answer {
        Answer::Text(text) => caller.create_text(text),
        Answer::Json(json) => caller.create_json(&json),
        Answer::Content(handle) => Ok(Handle(handle)),
    };
    let printed = match handle {
        Ok(handle) => print(&caller, handle).await,
        Err(error) => Err(error),
    };
    printed.map_err(|error| {
        let reason = words::sentence(&error);
        let message = format!(
            "the result could not be printed: {reason}; a policy lets it with `print = true` in [workflow]"
        );
        (Status::Failed, message)
    })
}

/// Says what waits, and what to type.
fn waiting_for(run: &Run) -> String {
    let id = run.writer.id();
    let now = run.approvals.now_ms();
    let all = run.approvals.all();
    let waiting = all
        .iter()
        .filter(|item| item.standing(now) == Standing::Waiting);
    let count = waiting.count();
    format!("{count} call(s) wait for a person; `lazaret approve {id}` shows them")
}

async fn print(
    caller: &Caller,
    handle: Handle,
) -> Result<(Value, Vec<String>), crate::bindings::types::Error> {
    let run = caller.run();
    let name = run
        .compiled
        .functions
        .iter()
        .find(|function| function.kind == FunctionKind::Print)
        .map_or("run.print", |function| function.name.as_str());
    let (_, label) = caller.describe(handle)?;
    let arguments = vec![("value".to_owned(), Given::Content(handle))];
    caller.effect(name, arguments).await?;
    let value = run.take_printed().unwrap_or_default();
    Ok((value, run.label_text(label).taint))
}

/// A quarantine violation names itself; nothing that a script can catch or fake makes
/// the run look better than it is.
fn status_of(message: &str) -> Status {
    if message.starts_with("quarantine-violation:") {
        Status::QuarantineViolation
    } else if message.starts_with("budget:") {
        Status::BudgetExhausted
    } else {
        Status::Failed
    }
}

async fn finish(
    run: &Run,
    result: Printed,
    refused: &[entry::Refusal],
) -> Result<Report, HostError> {
    let bits = GateBits::of(run.monitor().ledger(), &run.compiled);
    let tally = run.tally().clone();
    let (result, taint, status, failed) = match result {
        Ok((value, taint)) => {
            let some_failed = !tally.failures.is_empty() || !refused.is_empty();
            let status = if some_failed {
                Status::DoneWithFailures
            } else {
                Status::Done
            };
            (Some(value), taint, status, None)
        }
        Err((status, message)) => (None, Vec::new(), status, Some(message)),
    };
    let waits = status == Status::Waiting;
    let waiting = failed.clone().filter(|_| waits);
    let failures = report::failures(refused, &tally, failed.filter(|_| !waits));
    record_end(run, status, result.as_ref(), bits.total.thousandths()).await?;
    Ok(Report {
        run: run.writer.id().to_string(),
        status,
        result,
        taint,
        started: tally.started,
        completed: tally.completed,
        replayed: tally.replayed,
        unrequested: resume::unrequested(run),
        unmade: report::unmade(&tally),
        failures,
        denials: tally.denials,
        denials_dropped: tally.denials_dropped,
        bits,
        input_tokens: tally.input_tokens,
        output_tokens: tally.output_tokens,
        cost_micros: tally.cost_micros,
        approvals: run.approvals.all(),
        waiting,
    })
}

async fn record_end(
    run: &Run,
    status: Status,
    result: Option<&Value>,
    bits: u64,
) -> Result<(), HostError> {
    let stored = match result {
        None => None,
        Some(value) => {
            let payload = crate::payload::Payload::json(value.clone());
            Some(run.store(&payload, Label::BOTTOM)?)
        }
    };
    let (result, blobs) = match stored {
        None => (None, Vec::new()),
        Some((reference, blob)) => (Some(reference), vec![blob]),
    };
    let event = Event::RunFinished {
        status,
        result,
        bits,
    };
    run.end(&event, status, blobs).await
}
