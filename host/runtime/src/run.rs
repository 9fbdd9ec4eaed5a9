//! What all instances of one run share: the monitor, the journal, the plugins, the mounts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use lazaret_journal::RunWriter;
use lazaret_kernel::label::Readers;
use lazaret_kernel::monitor::{Monitor, Pending};
use lazaret_kernel::origins::Origin;
use lazaret_kernel::tables::{FunctionId, Grants};
use lazaret_models::Tls;
use lazaret_policy::compiled::{Compiled, KeySource};
use lazaret_workflow::replay::{OnMiss, Replay, Steps};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub(crate) use self::lock::locked;
pub(crate) use self::pen::{Asked, payer_name, to_record};
pub use self::tally::DeniedAct;
pub(crate) use self::tally::{Failed, Tally};
use crate::approval::{Approvals, Asking};
use crate::bindings::types;
use crate::budget::Purse;
use crate::counters::Counter;
use crate::describe;
use crate::foresee::Finding;
use crate::mcp::Server;
use crate::models::{Connection, Keys};
use crate::payload::Payload;
use crate::place::Place;
use crate::plugin::Plugin;
use crate::progress::{Observer, Progress};
use crate::report::StepEnd;
use crate::scripts::Scripts;
use crate::secrets::Vault;
use crate::stand_in::StandIn;
use crate::tree::Tree;
use crate::waiting::Waiting;
use crate::watch::Watch;
use crate::workshop::Workshop;

mod lock;
mod pen;
mod tally;

/// One run, shared by all its instances.
pub(crate) struct Run {
    pub(crate) compiled: Compiled,
    pub(crate) plugins: BTreeMap<String, Arc<Plugin>>,
    /// The providers of models, by name.
    pub(crate) models: BTreeMap<String, Connection>,
    pub(crate) mounts: BTreeMap<String, Arc<Place>>,
    /// The MCP servers, by their tool's name.
    pub(crate) servers: BTreeMap<String, Server>,
    /// Below which the policy's relative paths lie.
    pub(crate) directory: PathBuf,
    /// Gives the host's variables that the policy, or a program, is to see.
    keys: Keys,
    pub(crate) workshop: Workshop,
    /// The run tree, once somebody has needed it.
    pub(crate) tree: tokio::sync::OnceCell<Arc<Tree>>,
    /// The run's own repository, if the project has one.
    pub(crate) repository: tokio::sync::OnceCell<Option<PathBuf>>,
    /// The agents' own worktrees that are open, by name.
    worktrees: Mutex<BTreeMap<String, Arc<Tree>>>,
    /// The values of the policy's secrets.
    pub(crate) vault: Arc<Vault>,
    /// One call at a time for each tool: its files are read, changed and written back.
    pub(crate) tool_turns: BTreeMap<String, tokio::sync::Mutex<()>>,
    pub(crate) seed: u64,
    pub(crate) started_ms: u64,
    /// Whether what the journal has was taken in without trust.
    pub(crate) is_foreign: bool,
    pub(crate) writer: RunWriter,
    pub(crate) observer: Observer,
    /// What a person is asked.
    pub(crate) approvals: Approvals,
    /// Answers in the place of the world.
    pub(crate) stand_in: Option<StandIn>,
    waiting: Waiting,
    purse: Purse,
    /// What finished steps gave that will most likely be asked for next, by digest.
    ahead: Mutex<BTreeMap<String, Payload>>,
    /// What the one step gave that is to be run again.
    only: OnceLock<StepEnd>,
    /// The watches over the agents that run, by step.
    agents: Mutex<BTreeMap<u32, Arc<Watch>>>,
    monitor: Mutex<Monitor<Payload>>,
    tally: Mutex<Tally>,
    questions: Mutex<BTreeMap<String, u64>>,
    counters: Mutex<BTreeMap<FunctionId, Counter>>,
    replay: Mutex<Replay>,
    descriptions: OnceLock<BTreeMap<String, types::ToolDescription>>,
    printed: Mutex<Option<Payload>>,
    /// Why the tree was not applied, for the operator.
    unapplied: Mutex<Option<String>>,
    /// The origins that items of answers were given; those of the argument come first.
    origins: AtomicU32,
    /// TLS with the system's certificates, which take a while to read, and without any.
    tls: [OnceLock<Tls>; 2],
    /// The scripts of the run, and those that they name.
    pub(crate) scripts: Scripts,
    /// What was found out where answers are made up.
    foreseen: Mutex<Finding>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("id", self.writer.id())
            .finish_non_exhaustive()
    }
}

/// What a run is made of.
pub(crate) struct Parts {
    pub(crate) compiled: Compiled,
    pub(crate) plugins: BTreeMap<String, Arc<Plugin>>,
    pub(crate) models: BTreeMap<String, Connection>,
    pub(crate) mounts: BTreeMap<String, Arc<Place>>,
    pub(crate) servers: BTreeMap<String, Server>,
    pub(crate) directory: PathBuf,
    pub(crate) keys: Keys,
    pub(crate) workshop: Workshop,
    pub(crate) vault: Vault,
    pub(crate) seed: u64,
    pub(crate) started_ms: u64,
    pub(crate) writer: RunWriter,
    pub(crate) observer: Observer,
    /// What earlier parts of the run have left.
    pub(crate) replay: Replay,
    pub(crate) asking: Asking,
    pub(crate) scripts: Scripts,
    pub(crate) stand_in: Option<StandIn>,
}

impl Run {
    pub(crate) fn new(parts: Parts) -> Self {
        let monitor = Mutex::new(Monitor::new(parts.compiled.tables.clone()));
        let tool_turns = parts
            .compiled
            .tools
            .keys()
            .map(|name| (name.clone(), tokio::sync::Mutex::new(())))
            .collect();
        let items = parts.compiled.args.max_items;
        let purse = Purse::new(parts.compiled.budget.clone(), parts.replay.past());
        let first_origin = u32::try_from(items).unwrap_or(u32::MAX);
        Self {
            compiled: parts.compiled,
            plugins: parts.plugins,
            mounts: parts.mounts,
            models: parts.models,
            servers: parts.servers,
            directory: parts.directory,
            keys: parts.keys,
            workshop: parts.workshop,
            tree: tokio::sync::OnceCell::new(),
            repository: tokio::sync::OnceCell::new(),
            worktrees: Mutex::default(),
            vault: Arc::new(parts.vault),
            tool_turns,
            seed: parts.seed,
            started_ms: parts.started_ms,
            is_foreign: parts.replay.past().is_foreign,
            writer: parts.writer,
            observer: parts.observer,
            approvals: Approvals::new(parts.asking),
            stand_in: parts.stand_in,
            waiting: Waiting::new(),
            purse,
            ahead: Mutex::default(),
            only: OnceLock::new(),
            agents: Mutex::default(),
            monitor,
            tally: Mutex::new(Tally::default()),
            questions: Mutex::default(),
            counters: Mutex::default(),
            replay: Mutex::new(parts.replay),
            descriptions: OnceLock::new(),
            printed: Mutex::default(),
            unapplied: Mutex::default(),
            origins: AtomicU32::new(first_origin),
            tls: Default::default(),
            scripts: parts.scripts,
            foreseen: Mutex::default(),
        }
    }

    pub(crate) fn worktrees(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Tree>>> {
        locked(&self.worktrees)
    }

    /// Returns a variable of the host's environment, if it is set.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let source = KeySource::Variable(name.to_owned());
        (self.keys)(&source).ok()
    }

    /// Returns what requests to the web are made with.
    pub(crate) fn tls(&self, https: bool) -> Result<&Tls, String> {
        let [with, without] = &self.tls;
        let slot = if https { with } else { without };
        if let Some(tls) = slot.get() {
            return Ok(tls);
        }
        let tls = Tls::new(https).map_err(|error| error.to_string())?;
        Ok(slot.get_or_init(|| tls))
    }

    /// The monitor's state stays consistent when a holder of the lock panics: every
    /// method of it either refuses or completes.
    pub(crate) fn monitor(&self) -> MutexGuard<'_, Monitor<Payload>> {
        locked(&self.monitor)
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        locked(&self.tally)
    }

    pub(crate) fn replay(&self) -> MutexGuard<'_, Replay> {
        locked(&self.replay)
    }

    /// Returns what was found out where answers are made up.
    pub(crate) fn foreseen(&self) -> MutexGuard<'_, Finding> {
        locked(&self.foreseen)
    }

    /// Whether answers are made up.
    pub(crate) fn makes_up(&self) -> bool {
        self.replay().settings().on_miss == OnMiss::Synthesise
    }

    /// Returns how often functions were called whose rules depend on it. Taken before the
    /// monitor's lock and never while holding it.
    pub(crate) fn counters(&self) -> MutexGuard<'_, BTreeMap<FunctionId, Counter>> {
        locked(&self.counters)
    }

    /// Returns what goes on, and what waits for a person.
    pub(crate) fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Keeps what a step gave, if it is the one that is run again.
    pub(crate) fn keep_only(&self, step: u32, end: impl FnOnce() -> StepEnd) {
        if self.replay().settings().steps == Steps::Only(step) {
            drop(self.only.set(end()));
        }
    }

    /// Returns what the one step gave that is run again, once it has ended.
    pub(crate) fn only(&self) -> Option<&StepEnd> {
        self.only.get()
    }

    /// Returns the digest by which a plugin's steps are found again. Where one step is run again
    /// it is the recorded one, whatever the author put in its place.
    pub(crate) fn plugin_digest(&self, name: &str) -> String {
        let replay = self.replay();
        if matches!(replay.settings().steps, Steps::Only(_)) {
            let recorded = replay
                .past()
                .plugins
                .iter()
                .find(|plugin| plugin.name == name);
            if let Some(recorded) = recorded {
                return recorded.digest.clone();
            }
        }
        let plugin = self.plugins.get(name);
        plugin.map_or_else(String::new, |plugin| plugin.digest().to_owned())
    }

    /// Notes that an agent runs, until the guard is dropped.
    pub(crate) fn agent_there(&self, step: u32, watch: &Arc<Watch>) -> There<'_> {
        self.agents().insert(step, Arc::clone(watch));
        There { run: self, step }
    }

    /// Returns the watch over an agent that runs.
    pub(crate) fn watch_of(&self, step: u32) -> Option<Arc<Watch>> {
        self.agents().get(&step).map(Arc::clone)
    }

    pub(crate) fn ahead(&self) -> MutexGuard<'_, BTreeMap<String, Payload>> {
        locked(&self.ahead)
    }

    fn agents(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<Watch>>> {
        locked(&self.agents)
    }

    /// Returns what may be used up, and what was.
    pub(crate) fn purse(&self) -> &Purse {
        &self.purse
    }

    /// Returns the time in milliseconds since 1970; 0 where nobody has a clock.
    pub(crate) fn now_ms(&self) -> u64 {
        self.approvals.now_ms()
    }

    /// Returns the person who runs it: to whom results are printed, and who is asked.
    pub(crate) fn operator(&self) -> Readers {
        let print = self.compiled.tables.function(self.compiled.print);
        print.map_or(Readers::STRANGER, |rule| rule.recipients)
    }

    /// Names those whom a call reaches, strangers included; `None` is everybody.
    pub(crate) fn principals(&self, set: Readers) -> Option<Vec<String>> {
        let mut names = self.compiled.names.reader_names(set)?;
        if Readers::STRANGER.is_subset(set) {
            names.push("strangers".to_owned());
        }
        Some(names)
    }

    /// Puts the rule by which a call waits into words.
    pub(crate) fn rule_words(&self, pending: &Pending) -> String {
        self.compiled.rule_words(pending.function())
    }

    /// Keeps what the tools say of their functions. The first word counts.
    pub(crate) fn describe(&self, descriptions: BTreeMap<String, types::ToolDescription>) {
        drop(self.descriptions.set(descriptions));
    }

    /// Returns what the tools say of their functions, by full name.
    pub(crate) fn descriptions(&self) -> impl Iterator<Item = &types::ToolDescription> {
        self.descriptions
            .get()
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// Returns what a tool says of the arguments of its function; nothing is null.
    pub(crate) fn told_schema(&self, function: &str) -> Value {
        let mut all = self.descriptions();
        let told = all.find(|told| told.function == function);
        let schema = told.and_then(|told| serde_json::from_str(&told.schema).ok());
        schema.unwrap_or_default()
    }

    /// Returns the functions that an instance with these grants may call by name: those of
    /// tools, the web's, and a person's.
    pub(crate) fn offered(&self, grants: &Grants) -> Vec<types::ToolDescription> {
        let told = self.descriptions().cloned();
        let mut all: Vec<_> = told.chain(describe::own(&self.compiled)).collect();
        all.retain(|tool| {
            let id = self.compiled.function_id(&tool.function);
            id.is_some_and(|id| grants.has_function(id))
        });
        all.sort_by(|one, other| one.function.cmp(&other.function));
        all
    }

    /// Returns the first of so many origins that no other item has.
    pub(crate) fn new_origins(&self, count: u32) -> Origin {
        let next = |first: u32| Some(first.saturating_add(count));
        let first = self
            .origins
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        Origin(first.unwrap_or(u32::MAX))
    }

    /// Keeps the result for the operator, who is its permitted recipient.
    pub(crate) fn print(&self, result: Payload) {
        *locked(&self.printed) = Some(result);
    }

    /// Takes the result that was printed.
    pub(crate) fn take_printed(&self) -> Option<Value> {
        let printed = locked(&self.printed).take();
        printed.map(|payload| payload.to_value())
    }

    /// Keeps why the tree was not applied, for the operator, whose files they are.
    pub(crate) fn not_applied(&self, problem: &str) {
        *locked(&self.unapplied) = Some(problem.to_owned());
    }

    /// Takes why the tree was not applied.
    pub(crate) fn take_unapplied(&self) -> Option<String> {
        locked(&self.unapplied).take()
    }

    /// Numbers the types that gates are asked for by their digests, in the order they come.
    /// A digest cut to 64 bits would let a guest look for two types that share one.
    pub(crate) fn question(&self, schema: String) -> u64 {
        let mut questions = locked(&self.questions);
        let next = questions.len() as u64;
        *questions.entry(schema).or_insert(next)
    }

    /// Tells the observer what happens.
    pub(crate) fn tell(&self, progress: &Progress) {
        (self.observer)(progress);
    }

    /// Returns a number that is the same in a replay and differs between steps and uses.
    pub(crate) fn derive(&self, purpose: &str, step: u32, index: u64) -> u64 {
        let mut hash = Sha256::new();
        hash.update(b"lazaret derive 1");
        hash.update(self.seed.to_le_bytes());
        hash.update(purpose.as_bytes());
        hash.update(step.to_le_bytes());
        hash.update(index.to_le_bytes());
        let digest = hash.finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

/// An agent that runs.
#[derive(Debug)]
pub(crate) struct There<'a> {
    run: &'a Run,
    step: u32,
}

impl Drop for There<'_> {
    fn drop(&mut self) {
        self.run.agents().remove(&self.step);
    }
}
