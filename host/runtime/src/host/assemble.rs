//! From a launch to a run: what it is decided by, what it is made of, and what it reaches.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use lazaret_journal::{Content, NewRun, RunWriter};
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::{Compiled, Workflow};
use lazaret_policy::manifest::Manifest;
use lazaret_workflow::replay::{Past, Replay};

use super::{Host, Opening};
use crate::admin;
use crate::entry::{self, Entered};
use crate::error::HostError;
use crate::launch::Launch;
use crate::mcp::{self, Server, Surroundings};
use crate::models::{self, Connection};
use crate::place::Place;
use crate::plugin::{Loader, Plugin};
use crate::run::{Parts, Run};
use crate::scripts::Scripts;
use crate::secrets::Vault;
use crate::stand_in::StandIn;

/// A run in which nothing has happened yet, and what its orchestrator will be given.
pub(super) struct Assembled {
    pub(super) run: Arc<Run>,
    pub(super) workflow: Workflow,
    pub(super) entered: Entered,
}

impl Host {
    /// Loads what a run is made of, reaches what it uses, and opens its journal, last: a run
    /// that cannot be assembled leaves nothing there.
    pub(super) async fn assemble(
        &self,
        launch: &Launch,
        opening: Opening,
        stand_in: Option<StandIn>,
    ) -> Result<Assembled, HostError> {
        let manifests = manifests(launch)?;
        let (compiled, workflow) = self.rules(launch, &manifests)?;
        let mut entered = entry::enter(&launch.argument_name, &launch.argument, &compiled.args)?;
        let plugins = self.load_plugins(&compiled, manifests, &launch.components)?;
        let reach = Reach::open(&compiled, launch, opening.is_dry()).await?;
        let (writer, replay) = journal(opening, launch, &workflow)?;
        let run = Run::new(Parts {
            writer,
            replay,
            compiled,
            plugins,
            mounts: reach.mounts,
            models: reach.models,
            servers: reach.servers,
            vault: reach.vault,
            directory: launch.directory.clone(),
            keys: Arc::clone(&launch.keys),
            workshop: self.workshop.clone(),
            seed: launch.seed,
            started_ms: launch.started_ms,
            observer: Arc::clone(&launch.observer),
            asking: self.asking.clone(),
            scripts: scripts(launch, &workflow),
            stand_in,
        });
        entered.facts.labels = entered.facts.labels.raised(run.foreign());
        Ok(Assembled {
            run: Arc::new(run),
            workflow,
            entered,
        })
    }

    /// Compiles the policy, as far as the administrator and the launch let it.
    fn rules(
        &self,
        launch: &Launch,
        manifests: &BTreeMap<String, Manifest>,
    ) -> Result<(Compiled, Workflow), HostError> {
        let mut compiled = compile(&launch.policy, manifests).map_err(HostError::Policy)?;
        admin::apply(&self.admin, &launch.policy, &mut compiled)?;
        let tokens = &mut compiled.budget.run.tokens;
        *tokens = least(launch.tokens, *tokens);
        let workflow = compiled
            .workflow
            .clone()
            .ok_or_else(|| HostError::Refused("the policy names no workflow".to_owned()))?;
        Ok((compiled, workflow))
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

/// The smaller of two limits, each of which may be missing.
fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What a run reaches outside of its own components.
struct Reach {
    models: BTreeMap<String, Connection>,
    mounts: BTreeMap<String, Arc<Place>>,
    vault: Vault,
    servers: BTreeMap<String, Server>,
}

impl Reach {
    /// Where nothing is asked nothing needs a key, and no server has to run.
    async fn open(compiled: &Compiled, launch: &Launch, is_dry: bool) -> Result<Self, HostError> {
        let models = if is_dry {
            BTreeMap::new()
        } else {
            models::connect(compiled, &launch.keys)?
        };
        let mounts = open_mounts(compiled, &launch.directory)?;
        let vault = Vault::open(&compiled.secrets, &launch.keys, &launch.directory);
        let around = Surroundings {
            vault: &vault,
            keys: &launch.keys,
            directory: &launch.directory,
        };
        let servers = if is_dry {
            BTreeMap::new()
        } else {
            mcp::start_all(compiled, &around).await?
        };
        Ok(Self {
            models,
            mounts,
            vault,
            servers,
        })
    }
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

/// Begins the run's journal, or takes the one that an earlier part has left.
fn journal(
    opening: Opening,
    launch: &Launch,
    workflow: &Workflow,
) -> Result<(RunWriter, Replay), HostError> {
    Ok(match opening {
        Opening::New => (create(launch, workflow)?, Replay::default()),
        Opening::Again(writer, replay) => (writer, *replay),
        Opening::Dry(settings) => (
            create(launch, workflow)?,
            Replay::new(Past::default(), settings),
        ),
    })
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

fn scripts(launch: &Launch, workflow: &Workflow) -> Scripts {
    Scripts::new(
        launch.script.is_some(),
        workflow.plugin.clone(),
        workflow.clearance,
        Arc::clone(&launch.library),
        launch.tokens,
    )
}
