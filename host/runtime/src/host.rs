//! The host: loads what a run needs, starts it, carries it to its end, and reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazaret_journal::{Content, Journal, NewRun, RunId, RunWriter};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::{PastCharge, Payer, Subject};
use lazaret_kernel::origins::Origins;
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Compiled, FunctionKind, Workflow};
use lazaret_policy::manifest::Manifest;
use lazaret_policy::policy::Policy;
use lazaret_workflow::approval::Standing;
use lazaret_workflow::budget::Spent;
use lazaret_workflow::event::{Basis, Event, LabelText, PluginUse};
use lazaret_workflow::replay::{Past, Replay, Settings, Steps};
use lazaret_workflow::status::Status;
use serde_json::Value;

use crate::admin;
use crate::approval::Asking;
use crate::bindings::types::{Answer, Part, Task};
use crate::cache::CompileCache;
use crate::call::{Caller, Given};
use crate::describe;
use crate::engine::Engines;
use crate::entry::{self, Entered};
use crate::error::HostError;
use crate::hand_over::{self, HandedOver};
use crate::mcp::{self, Surroundings};
use crate::models::{self, Keys};
use crate::orchestrate::{self, End, Role, Told};
use crate::orders;
use crate::payload::Payload;
use crate::place::Place;
use crate::plugin::{Loader, Plugin};
use crate::progress::{Observer, Progress};
use crate::recount;
use crate::report::{self, GateBits, Report, Spending};
use crate::resume;
use crate::run::{Parts, Run, Tally};
use crate::scripts::{Library, STATE_PART, ScriptTask, Scripts, State, UNTRUSTED};
use crate::secrets::Vault;
use crate::settle;
use crate::stand_in::StandIn;
use crate::words;
use crate::workshop::Workshop;

/// The engines and the compile cache, shared by all runs of a process.
#[derive(Debug)]
pub struct Host {
    engines: Arc<Engines>,
    cache: Arc<CompileCache>,
    asking: Asking,
    admin: PathBuf,
    workshop: Workshop,
}

/// Everything that one run starts from. Times, ids and seeds are the caller's.
pub struct Launch {
    /// The policy.
    pub policy: Policy,
    /// The policy's text, for the journal.
    pub policy_text: String,
    /// The components, by their name in the policy.
    pub components: BTreeMap<String, Content>,
    /// The script, where the orchestrator is the script engine.
    pub script: Option<Script>,
    /// What an earlier round has left.
    pub state: Option<State>,
    /// Finds the scripts that the workflow names.
    pub library: Library,
    /// Output tokens that the run may use, where the policy does not give fewer.
    pub tokens: Option<u64>,
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
    /// Whether the operator trusts it; one that is not starts as tainted as if its text were
    /// read from somewhere unknown.
    pub trusted: bool,
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
            engines: Arc::new(Engines::new(at_once)?),
            cache: Arc::new(CompileCache::open(cache)?),
            asking: Asking::nobody(),
            admin: admin::place(),
            workshop: Workshop::default(),
        })
    }

    /// Says who is there to be asked.
    #[must_use]
    pub fn asking(self, asking: Asking) -> Self {
        Self { asking, ..self }
    }

    pub(crate) fn engines(&self) -> &Engines {
        &self.engines
    }

    pub(crate) fn cache(&self) -> &CompileCache {
        &self.cache
    }

    /// Carries one run to its end with scripted answers in the place of tools, models and the
    /// web.
    pub async fn run_with(&self, launch: Launch, stand_in: StandIn) -> Result<Report, HostError> {
        let carried = Box::pin(self.carry_with(launch, Opening::New, Some(stand_in)));
        let (report, _run) = carried.await?;
        Ok(report)
    }

    /// Takes another file for the administrator's: for tests of what it forbids.
    #[must_use]
    pub fn administered_by(self, admin: PathBuf) -> Self {
        Self { admin, ..self }
    }

    /// Says where runs keep the files that they work on, and what confines commands.
    #[must_use]
    pub fn working_in(self, workshop: Workshop) -> Self {
        Self { workshop, ..self }
    }

    /// Carries one run to its end.
    pub async fn run(&self, launch: Launch) -> Result<Report, HostError> {
        let (report, _run) = Box::pin(self.carry(launch, Opening::New)).await?;
        Ok(report)
    }

    /// Carries a run on to its end, or one part of it.
    pub(crate) async fn carry(
        &self,
        launch: Launch,
        opening: Opening,
    ) -> Result<(Report, Arc<Run>), HostError> {
        Box::pin(self.carry_with(launch, opening, None)).await
    }

    async fn carry_with(
        &self,
        launch: Launch,
        opening: Opening,
        stand_in: Option<StandIn>,
    ) -> Result<(Report, Arc<Run>), HostError> {
        let (journal, id) = (launch.journal.clone(), launch.id.clone());
        let manifests = manifests(&launch)?;
        let mut compiled = compile(&launch.policy, &manifests).map_err(HostError::Policy)?;
        admin::apply(&self.admin, &launch.policy, &mut compiled)?;
        let tokens = &mut compiled.budget.run.tokens;
        *tokens = least(launch.tokens, *tokens);
        let workflow = compiled
            .workflow
            .clone()
            .ok_or_else(|| HostError::Refused("the policy names no workflow".to_owned()))?;
        let entered = entry::enter(&launch.argument_name, &launch.argument, &compiled.args)?;
        let plugins = self.load_plugins(&compiled, manifests, &launch.components)?;
        let is_dry = matches!(opening, Opening::Dry(_));
        // Where nothing is asked nothing needs a key, and no server has to run.
        let models = if is_dry {
            BTreeMap::new()
        } else {
            models::connect(&compiled, &launch.keys)?
        };
        let mounts = open_mounts(&compiled, &launch.directory)?;
        let vault = Vault::open(&compiled.secrets, &launch.keys, &launch.directory);
        let around = Surroundings {
            vault: &vault,
            keys: &launch.keys,
            directory: &launch.directory,
        };
        let servers = if is_dry {
            BTreeMap::new()
        } else {
            mcp::start_all(&compiled, &around).await?
        };
        let (writer, replay) = match opening {
            Opening::New => (create(&launch, &workflow)?, Replay::default()),
            Opening::Again(writer, replay) => (writer, *replay),
            Opening::Dry(settings) => (
                create(&launch, &workflow)?,
                Replay::new(Past::default(), settings),
            ),
        };
        let scripts = Scripts::new(
            launch.script.is_some(),
            workflow.plugin.clone(),
            workflow.clearance,
            Arc::clone(&launch.library),
            launch.tokens,
        );
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
            directory: launch.directory.clone(),
            keys: Arc::clone(&launch.keys),
            workshop: self.workshop.clone(),
            seed: launch.seed,
            started_ms: launch.started_ms,
            observer: Arc::clone(&launch.observer),
            asking: self.asking.clone(),
            scripts,
            stand_in,
        }));
        run.describe(describe::all(&run).await?);
        if !is_dry {
            check_rules(&run)?;
        }
        if goes_on {
            resume::remember(&run);
        }
        let mut entered = entered;
        entered.facts.labels = entered.facts.labels.raised(run.foreign());
        start(&run, &workflow, &entered, &launch, goes_on).await?;
        if goes_on {
            settle::settle(&run).await?;
        }
        if let Some(state) = launch.state.as_ref().filter(|_| !goes_on) {
            decided(&run, state)?;
        }
        let script = launch.script.as_ref();
        let text = script.map(|script| script_task(&run, script, launch.state.as_ref()));
        let task = Start {
            text: text.unwrap_or_default(),
            with_argument: script.is_none_or(|script| script.arguments == ScriptArguments::Launch),
            is_trusted: script.is_none_or(|script| script.trusted),
            state: launch.state.clone(),
        };
        // On the heap: what carries it is held by callers within callers.
        let carried = Box::pin(conduct(&run, &workflow, entered, task)).await;
        for server in run.servers.values() {
            server.end().await;
        }
        let mut report = carried?;
        let differences = recount::differences(&journal, &id, &mut report.bits)?;
        if !differences.is_empty() {
            report.miscounted(differences);
        }
        Ok((report, run))
    }

    fn load_plugins(
        &self,
        compiled: &Compiled,
        manifests: BTreeMap<String, Manifest>,
        components: &BTreeMap<String, Content>,
    ) -> Result<BTreeMap<String, Arc<Plugin>>, HostError> {
        let loader = Loader {
            engines: Arc::clone(&self.engines),
            cache: Arc::clone(&self.cache),
            at_once: compiled.budget.agents_at_once,
        };
        let mut plugins = BTreeMap::new();
        for ((name, manifest), content) in manifests.into_iter().zip(components.values()) {
            let plugin = Plugin::load(&name, manifest, content, &loader)?;
            plugins.insert(name, Arc::new(plugin));
        }
        let used = compiled.profiles.iter().map(|profile| &profile.plugin);
        let tools = compiled.tools.values().chain(&compiled.code);
        for name in used.chain(tools.map(|tool| &tool.plugin)) {
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

/// What the components say of themselves, under their names.
fn manifests(launch: &Launch) -> Result<BTreeMap<String, Manifest>, HostError> {
    let each = launch.components.iter().map(|(name, content)| {
        let manifest = Plugin::manifest_of(name, content.bytes())?;
        Ok((name.clone(), manifest))
    });
    each.collect()
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

/// Rules over arguments that the policy has no schema for are checked against what the tools
/// say, before anything is decided by them.
fn check_rules(run: &Run) -> Result<(), HostError> {
    let told = |name: &str| {
        let mut all = run.descriptions();
        let told = all.find(|told| told.function == name)?;
        serde_json::from_str::<Value>(&told.schema).ok()
    };
    let problems = run.compiled.check_told_rules(told);
    if problems.is_empty() {
        Ok(())
    } else {
        Err(HostError::Policy(problems))
    }
}

/// Where a run begins or goes on.
pub(crate) enum Opening {
    /// Nobody has begun it before.
    New,
    /// An earlier part has written into this journal, and left this.
    Again(RunWriter, Box<Replay>),
    /// Nobody begins it: what it would ask for is answered by these settings.
    Dry(Settings),
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
            at_ms: run.now_ms(),
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

/// What the orchestrator's task is made of.
struct Start {
    text: String,
    with_argument: bool,
    is_trusted: bool,
    state: Option<State>,
}

/// Counts the bits by which untrusted results of earlier rounds have decided on this one.
fn decided(run: &Run, state: &State) -> Result<(), HostError> {
    if state.decided == 0 {
        return Ok(());
    }
    let bits = Bits::whole(state.decided);
    let event = Event::Gated {
        step: 0,
        channel: "until".to_owned(),
        payers: vec!["run".to_owned()],
        bits: bits.thousandths(),
        reserved: false,
        subject: String::new(),
        question: String::new(),
        phase: String::new(),
        basis: Some(Basis::Rounds(u64::from(state.decided))),
    };
    let charge = PastCharge {
        channel: None,
        payers: vec![Payer::Run],
        bits,
        subject: Subject {
            content: [0; 32],
            question: 0,
        },
        reserved: false,
    };
    run.monitor().recall_charges([charge], Payload::identity);
    run.note(&event)
}

/// What the script engine starts from; the argument goes with it as a part.
fn script_task(run: &Run, script: &Script, state: Option<&State>) -> String {
    let args = match &script.arguments {
        ScriptArguments::Typed(value) => Some(value.clone()),
        // What an earlier round has left needs something to stand in.
        ScriptArguments::Absent => state.map(|_| Value::Object(serde_json::Map::new())),
        ScriptArguments::Launch => None,
    };
    let task = ScriptTask {
        file: &script.file,
        source: &script.source,
        args,
        spent: 0,
        nested: false,
    };
    task.write(run)
}

/// The smaller of two limits, each of which may be missing.
fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
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
    let (instance, handle) = admit(
        run,
        workflow,
        facts,
        payload,
        start.with_argument,
        start.is_trusted,
    )?;
    let argument = start.with_argument.then(|| Part {
        name: "args".to_owned(),
        content: handle.0,
    });
    let state = start.state.map(|state| admit_state(run, instance, state));
    let task = Task {
        text: start.text,
        parts: argument.into_iter().chain(state.transpose()?).collect(),
        options: "{}".to_owned(),
    };
    let role = Role {
        step: 0,
        told: if run.scripts.is_script {
            run.told_by_scripts()
        } else {
            Told::Handles
        },
    };
    let end = tokio::select! {
        biased;
        end = orchestrate::run(run, plugin, &workflow.limits, instance, task, role) => end?,
        () = run.purse().overdue() => End::Waiting,
        error = orders::obey(run) => return Err(error),
    };
    orders::end(run);
    let mut result = give(run, instance, end).await;
    let waits = matches!(result, Err((Status::Waiting, _)));
    let mut tree = None;
    // A run that a budget has stopped goes on later; one step alone is nobody's result.
    let is_part =
        run.purse().spent().is_some() || matches!(run.replay().settings().steps, Steps::Only(_));
    if !waits && !is_part {
        match Box::pin(hand_over::hand_over(run, instance, result.is_ok())).await? {
            HandedOver::Nothing => {}
            HandedOver::Told(told) => tree = Some(told),
            HandedOver::Waiting => result = Err((Status::Waiting, waiting_for(run))),
        }
    }
    let report = finish(run, result, &refused).await?;
    Ok(Report { tree, ..report })
}

fn admit(
    run: &Run,
    workflow: &Workflow,
    facts: Facts,
    payload: Payload,
    with_argument: bool,
    is_trusted: bool,
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
    let start = if is_trusted {
        start
    } else {
        start.join(UNTRUSTED)
    };
    let mark = run.derive("root", 0, 0);
    let mut monitor = run.monitor();
    let instance = monitor.start_root(start, clearance, workflow.grants, mark);
    let handle = monitor
        .admit(instance, facts, payload)
        .map_err(|_denial| HostError::Internal("the first handle was refused"))?;
    Ok((instance, handle))
}

/// Gives a script what an earlier round has left, at the label that it had.
fn admit_state(run: &Run, instance: InstanceId, state: State) -> Result<Part, HostError> {
    let label = run.label_of(&state.label);
    let facts = Facts::flat(label, Origins::NONE, Media::Json);
    let handle = run
        .monitor()
        .admit(instance, facts, Payload::json(state.value))
        .map_err(|_denial| HostError::Internal("the state was refused"))?;
    Ok(Part {
        name: STATE_PART.to_owned(),
        content: handle.0,
    })
}

/// The printed result with its taint, or how the run ended without one and why.
type Printed = Result<(Value, LabelText), (Status, String)>;

/// Prints the result: an effect like any other, whose recipient is the operator.
async fn give(run: &Arc<Run>, instance: InstanceId, end: End) -> Printed {
    let caller = Caller::new(Arc::clone(run), instance, 0);
    let answer = match end {
        End::Answer(answer) => answer,
        End::Waiting => {
            return Err(match run.purse().spent() {
                Some(spent) => (Status::BudgetExhausted, more_for(run, spent)),
                None => (Status::Waiting, waiting_for(run)),
            });
        }
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

/// Says what is spent, and what to type.
fn more_for(run: &Run, spent: &Spent) -> String {
    let (key, section) = spent.key();
    let id = run.writer.id();
    if spent.is_of_run_tokens() && run.scripts.launched_tokens == Some(spent.limit) {
        return format!("{spent}; go on with more: `lazaret resume {id} --tokens N`");
    }
    format!(
        "{spent}; raise `{key}` in {section} and go on with `lazaret resume {id} --policy FILE`"
    )
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
) -> Result<(Value, LabelText), crate::bindings::types::Error> {
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
    Ok((value, run.label_text(label)))
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
    let lost = report::lost(&tally);
    let (result, label, status, failed) = match result {
        Ok((value, label)) => {
            let status = status_with(run, &tally, refused);
            let message = match run.purse().spent() {
                Some(spent) => Some(more_for(run, spent)),
                None => lost,
            };
            (Some(value), Some(label), status, message)
        }
        Err((status, message)) => (None, None, status, Some(message)),
    };
    let waits = status == Status::Waiting;
    let waiting = failed.clone().filter(|_| waits);
    let failures = report::failures(refused, &tally, failed.filter(|_| !waits));
    record_end(run, status, result.as_ref(), bits.total.thousandths()).await?;
    Ok(Report {
        run: run.writer.id().to_string(),
        status,
        result,
        taint: label
            .as_ref()
            .map_or_else(Vec::new, |label| label.taint.clone()),
        label,
        started: tally.started,
        completed: tally.completed,
        failed: report::failed(&tally),
        replayed: tally.replayed,
        unrequested: resume::unrequested(run),
        unmade: report::unmade(&tally),
        failures,
        denials: tally.denials,
        denials_dropped: tally.denials_dropped,
        bits,
        miscounted: Vec::new(),
        input_tokens: tally.input_tokens,
        output_tokens: tally.output_tokens,
        cost_micros: tally.cost_micros,
        unpriced: tally.unpriced.into_iter().collect(),
        approvals: run.approvals.all(),
        spending: Spending::of(&run.purse().budgets()),
        waiting,
        tree: None,
        step: run.only().cloned(),
    })
}

/// How a run ended that gave a result. One whose agents have all failed has not done what it
/// was for, whatever it returned.
fn status_with(run: &Run, tally: &Tally, refused: &[entry::Refusal]) -> Status {
    if run.purse().spent().is_some() {
        Status::BudgetExhausted
    } else if report::all_failed(tally) {
        Status::Failed
    } else if !tally.failures.is_empty() || !refused.is_empty() || tally.refused_agents > 0 {
        Status::DoneWithFailures
    } else {
        Status::Done
    }
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
        at_ms: run.now_ms(),
    };
    run.end(&event, status, blobs).await
}
