//! The host: loads what a run needs, starts it, and sees that all of it ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazaret_journal::{Content, NewRun, RunWriter};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::ledger::{PastCharge, Payer, Subject};
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Compiled, Workflow};
use lazaret_policy::manifest::Manifest;
use lazaret_workflow::event::{Basis, Event, PluginUse};
use lazaret_workflow::replay::{Past, Replay, Settings};
use serde_json::Value;

use crate::admin;
use crate::approval::Asking;
use crate::cache::CompileCache;
use crate::conduct::{Start, conduct};
use crate::describe;
use crate::engine::Engines;
use crate::entry::{self, Entered};
use crate::error::HostError;
use crate::launch::{Launch, Script, ScriptArguments};
use crate::mcp::{self, Surroundings};
use crate::models;
use crate::payload::Payload;
use crate::place::Place;
use crate::plugin::{Loader, Plugin};
use crate::progress::Progress;
use crate::recount;
use crate::report::Report;
use crate::resume;
use crate::run::{Parts, Run};
use crate::scripts::{ScriptTask, Scripts, State};
use crate::secrets::Vault;
use crate::settle;
use crate::stand_in::StandIn;
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
