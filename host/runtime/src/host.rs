//! The host: loads what a run needs, starts it, and sees that all of it ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazaret_journal::RunWriter;
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::ledger::{PastCharge, Payer, Subject};
use lazaret_policy::channel::ChannelName;
use lazaret_policy::compiled::Workflow;
use lazaret_workflow::event::{Basis, Event, PluginUse};
use lazaret_workflow::replay::{Replay, Settings};
use serde_json::Value;

use self::assemble::Assembled;
use crate::admin;
use crate::approval::Asking;
use crate::cache::CompileCache;
use crate::conduct::{Start, conduct};
use crate::describe;
use crate::engine::Engines;
use crate::entry::Entered;
use crate::error::HostError;
use crate::launch::{Launch, Script, ScriptArguments};
use crate::payload::Payload;
use crate::progress::Progress;
use crate::recount;
use crate::report::Report;
use crate::resume;
use crate::run::Run;
use crate::scripts::{ScriptTask, State};
use crate::settle;
use crate::stand_in::StandIn;
use crate::workshop::Workshop;

mod assemble;

/// The engines and the compile cache, shared by all runs of a process.
#[derive(Debug)]
pub struct Host {
    engines: Arc<Engines>,
    cache: Arc<CompileCache>,
    asking: Asking,
    admin: PathBuf,
    workshop: Workshop,
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

    /// Assembles a run, begins it or goes on with it, conducts it, and checks its accounts.
    async fn carry_with(
        &self,
        launch: Launch,
        opening: Opening,
        stand_in: Option<StandIn>,
    ) -> Result<(Report, Arc<Run>), HostError> {
        let is_dry = opening.is_dry();
        let Assembled {
            run,
            workflow,
            entered,
        } = self.assemble(&launch, opening, stand_in).await?;
        run.describe(describe::all(&run).await?);
        if !is_dry {
            check_rules(&run)?;
        }
        begin(&run, &workflow, &entered, &launch).await?;
        let task = first_task(&run, &launch);
        // On the heap: what carries it is held by callers within callers.
        let carried = Box::pin(conduct(&run, &workflow, entered, task)).await;
        for server in run.servers.values() {
            server.end().await;
        }
        let report = recounted(carried?, &launch)?;
        Ok((report, run))
    }
}

/// Rules over arguments that the policy has no schema for are checked against what the tools
/// say, before anything is decided by them.
fn check_rules(run: &Run) -> Result<(), HostError> {
    let problems = run.compiled.check_told_rules(|name| run.told_schema(name));
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

impl Opening {
    fn is_dry(&self) -> bool {
        matches!(self, Self::Dry(_))
    }
}

/// Writes that the run begins, or goes on with what is known of it.
async fn begin(
    run: &Run,
    workflow: &Workflow,
    entered: &Entered,
    launch: &Launch,
) -> Result<(), HostError> {
    let goes_on = run.replay().past().started.is_some();
    if goes_on {
        resume::remember(run);
    }
    start(run, workflow, entered, launch, goes_on).await?;
    if goes_on {
        return settle::settle(run).await;
    }
    match &launch.state {
        Some(state) => decided(run, state),
        None => Ok(()),
    }
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

/// Counts the bits by which untrusted results of earlier rounds have decided on this one.
fn decided(run: &Run, state: &State) -> Result<(), HostError> {
    if state.decided == 0 {
        return Ok(());
    }
    let bits = Bits::whole(state.decided);
    let event = Event::Gated {
        step: 0,
        channel: ChannelName::Until.to_string(),
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

/// What the orchestrator starts from.
fn first_task(run: &Run, launch: &Launch) -> Start {
    let script = launch.script.as_ref();
    let text = script.map(|script| script_task(run, script, launch.state.as_ref()));
    Start {
        text: text.unwrap_or_default(),
        with_argument: script.is_none_or(|script| script.arguments == ScriptArguments::Launch),
        is_trusted: script.is_none_or(|script| script.trusted),
        state: launch.state.clone(),
    }
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

/// Holds the report's bits against those that the journal tells of.
fn recounted(mut report: Report, launch: &Launch) -> Result<Report, HostError> {
    let differences = recount::differences(&launch.journal, &launch.id, &mut report.bits)?;
    if !differences.is_empty() {
        report.miscounted(differences);
    }
    Ok(report)
}
