//! What all instances of one run share: the monitor, the journal, the plugins, the mounts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use lazaret_journal::{Blob, Record, RunWriter, Status as JournalStatus};
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::ledger::Payer;
use lazaret_kernel::monitor::{Monitor, Pending};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::{FunctionId, Grants};
use lazaret_models::Tls;
use lazaret_policy::compiled::{Compiled, KeySource};
use lazaret_workflow::budget::Who;
use lazaret_workflow::event::{Basis, ContentRef, Event, LabelText, Usage};
use lazaret_workflow::replay::{OnMiss, Replay, Steps};
use lazaret_workflow::status::Status;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::approval::{Approvals, Asking};
use crate::bindings::types;
use crate::budget::Purse;
use crate::counters::Counter;
use crate::describe;
use crate::error::HostError;
use crate::foresee::Finding;
use crate::mcp::Server;
use crate::models::{Connection, Keys};
use crate::payload::Payload;
use crate::place::Place;
use crate::plugin::Plugin;
use crate::progress::{Observer, Progress};
use crate::remembered::label_text;
use crate::report::StepEnd;
use crate::scripts::Scripts;
use crate::secrets::Vault;
use crate::stand_in::StandIn;
use crate::tree::Tree;
use crate::waiting::Waiting;
use crate::watch::Watch;
use crate::workshop::Workshop;

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

/// What is counted while the run goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    /// Of these, how many an earlier part of the run has carried out.
    pub(crate) replayed: u64,
    /// Effects that would have been made, by step, where none is.
    pub(crate) unmade: Vec<(u32, String)>,
    pub(crate) failures: Vec<(u32, String, String)>,
    /// How many agents were refused because a budget has no more of them.
    pub(crate) refused_agents: u64,
    /// How many agents of each phase ended, and how many of them failed.
    pub(crate) phases: BTreeMap<String, (u64, u64)>,
    pub(crate) denials: Vec<DeniedAct>,
    pub(crate) denials_dropped: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// In millionths of a US dollar, as far as prices are known.
    pub(crate) cost_micros: u64,
    /// Output tokens of the steps whose end no orchestrator was told of.
    pub(crate) by_step: BTreeMap<u32, u64>,
    /// Output tokens that opaque orchestrators may know of: what tainted agents used counts
    /// as what was reserved for them.
    pub(crate) told_tokens: u64,
    /// The models of which no price is known.
    pub(crate) unpriced: BTreeSet<String>,
}

/// What a charge of bits was for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// The digest of the content, if there is one.
    pub(crate) subject: String,
    /// What was asked of it.
    pub(crate) question: String,
    /// Whether it was set aside for the one who asks.
    pub(crate) reserved: bool,
    /// From what its price follows where the question does not say it.
    pub(crate) basis: Option<Basis>,
    /// The text of the type, where there is one.
    pub(crate) schema: Option<Blob>,
}

impl Tally {
    /// Counts an agent that ended.
    pub(crate) fn end(&mut self, phase: &str, failed: bool) {
        let (ended, lost) = self.phases.entry(phase.to_owned()).or_default();
        *ended += 1;
        *lost += u64::from(failed);
        self.completed += u64::from(!failed);
    }

    /// Counts what a model used up.
    pub(crate) fn use_up(&mut self, usage: Usage) {
        self.input_tokens += usage.input_tokens;
        self.output_tokens += usage.output_tokens;
        self.cost_micros += usage.cost_micros;
    }

    /// Counts what a model used up for a step.
    pub(crate) fn use_up_in(&mut self, step: u32, usage: Usage) {
        *self.by_step.entry(step).or_default() += usage.output_tokens;
        self.use_up(usage);
    }
}

/// A call that the monitor refused, as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedAct {
    /// The step that asked for it.
    pub step: u32,
    /// What was asked.
    pub act: String,
    /// The code of the rule's kind.
    pub code: String,
    /// The rule that decided.
    pub rule: String,
    /// The refusal in a sentence.
    pub message: String,
    /// What is allowed instead.
    pub remedy: String,
}

/// The most refusals that a run keeps; further ones are counted.
pub(crate) const MAX_DENIALS_KEPT: usize = 10_000;

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
        self.worktrees
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
        self.monitor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn replay(&self) -> MutexGuard<'_, Replay> {
        self.replay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what was found out where answers are made up.
    pub(crate) fn foreseen(&self) -> MutexGuard<'_, Finding> {
        self.foreseen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether answers are made up.
    pub(crate) fn makes_up(&self) -> bool {
        self.replay().settings().on_miss == OnMiss::Synthesise
    }

    /// Returns how often functions were called whose rules depend on it. Taken before the
    /// monitor's lock and never while holding it.
    pub(crate) fn counters(&self) -> MutexGuard<'_, BTreeMap<FunctionId, Counter>> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn agents(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<Watch>>> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        *printed = Some(result);
    }

    /// Takes the result that was printed.
    pub(crate) fn take_printed(&self) -> Option<Value> {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.take().map(|payload| payload.to_value())
    }

    /// Keeps why the tree was not applied, for the operator, whose files they are.
    pub(crate) fn not_applied(&self, problem: &str) {
        let mut kept = self
            .unapplied
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = Some(problem.to_owned());
    }

    /// Takes why the tree was not applied.
    pub(crate) fn take_unapplied(&self) -> Option<String> {
        let mut kept = self
            .unapplied
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.take()
    }

    /// Numbers the types that gates are asked for by their digests, in the order they come.
    /// A digest cut to 64 bits would let a guest look for two types that share one.
    pub(crate) fn question(&self, schema: String) -> u64 {
        let mut questions = self
            .questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let next = questions.len() as u64;
        *questions.entry(schema).or_insert(next)
    }

    /// Writes an event and waits until it is on the disk.
    pub(crate) async fn record(&self, event: &Event, blobs: Vec<Blob>) -> Result<(), HostError> {
        self.append(to_record(event, blobs)?).await
    }

    /// Writes an event without waiting: it is on the disk before any later effect is made.
    ///
    /// A remark that an earlier part of the run has made is not written again.
    pub(crate) fn note(&self, event: &Event) -> Result<(), HostError> {
        if self.replay().noted(event) {
            return Ok(());
        }
        self.queue(event, Vec::new())
    }

    /// Writes an event with contents without waiting.
    pub(crate) fn queue(&self, event: &Event, blobs: Vec<Blob>) -> Result<(), HostError> {
        drop(self.writer.append(to_record(event, blobs)?));
        Ok(())
    }

    /// Writes that the run goes on; it may have ended before.
    pub(crate) async fn reopen(&self, event: &Event, blobs: Vec<Blob>) -> Result<(), HostError> {
        let open = JournalStatus::open(Status::Running.as_str())?;
        self.append(to_record(event, blobs)?.with_status(open))
            .await
    }

    /// Writes the run's last event and its status.
    pub(crate) async fn end(
        &self,
        event: &Event,
        status: Status,
        blobs: Vec<Blob>,
    ) -> Result<(), HostError> {
        let ended = JournalStatus::ended(status.as_str(), self.started_ms)?;
        let record = to_record(event, blobs)?.with_status(ended);
        self.append(record).await
    }

    async fn append(&self, record: Record) -> Result<(), HostError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.writer.append_then(
            record,
            Box::new(move |result| {
                // The receiver is gone where the step was stopped meanwhile.
                drop(sender.send(result));
            }),
        );
        receiver
            .await
            .map_err(|_gone| HostError::Internal("the journal's writer ended"))??;
        Ok(())
    }

    /// Tells the observer what happens.
    pub(crate) fn tell(&self, progress: &Progress) {
        (self.observer)(progress);
    }

    /// Puts a label into words.
    pub(crate) fn label_text(&self, label: Label) -> LabelText {
        label_text(&self.compiled.names, label)
    }

    /// Stores a value in the content store and names it.
    pub(crate) fn store(
        &self,
        payload: &Payload,
        label: Label,
    ) -> Result<(ContentRef, Blob), HostError> {
        let label = self.label_text(label);
        let bytes = payload.to_value().to_string().into_bytes();
        let text = serde_json::to_string(&label)
            .map_err(|_never| HostError::Internal("a label could not be written"))?;
        let blob = Blob::new(bytes, text, "application/json")?;
        let digest = blob.digest().to_string();
        Ok((ContentRef { digest, label }, blob))
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

    /// Records bits that came down through a gate.
    pub(crate) fn note_bits(
        &self,
        who: Who<'_>,
        channel: &str,
        origins: &Origins,
        bits: lazaret_kernel::capacity::Bits,
        asked: Asked,
    ) -> Result<(), HostError> {
        let payers = lazaret_kernel::ledger::payers(origins)
            .map(payer_name)
            .collect();
        let event = Event::Gated {
            step: who.step,
            phase: who.phase.to_owned(),
            channel: channel.to_owned(),
            payers,
            bits: bits.thousandths(),
            reserved: asked.reserved,
            subject: asked.subject,
            question: asked.question,
            basis: asked.basis,
        };
        self.queue(&event, asked.schema.into_iter().collect())
    }

    /// Returns the label to which an instance has risen, for the journal.
    pub(crate) fn current_label(&self, instance: InstanceId) -> LabelText {
        let label = self.monitor().current(instance).unwrap_or(Label::TOP);
        self.label_text(label)
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

/// Names a payer as the journal and the report do.
pub(crate) fn payer_name(payer: Payer) -> String {
    match payer {
        Payer::Item(origin) => format!("item:{}", origin.0),
        Payer::Run => "run".to_owned(),
        Payer::Many => "many".to_owned(),
    }
}

pub(crate) fn to_record(event: &Event, blobs: Vec<Blob>) -> Result<Record, HostError> {
    let payload = serde_json::to_vec(event)
        .map_err(|_never| HostError::Internal("an event could not be written"))?;
    let mut record = Record::new(event.kind(), payload)?;
    for blob in blobs {
        record = record.with_blob(blob)?;
    }
    Ok(record)
}
