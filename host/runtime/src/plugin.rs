//! A loaded plugin: the component, compiled and linked, with its manifest.

use std::fmt;
use std::sync::OnceLock;

use lazaret_policy::manifest::{Manifest, World, section};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

use crate::bindings::{agent, orchestrator, tool};
use crate::cache::{self, CompileCache};
use crate::engine::{Engines, Slots};
use crate::error::HostError;
use crate::state::GuestState;

/// A plugin that is ready to be instantiated.
pub struct Plugin {
    name: String,
    digest: String,
    manifest: Manifest,
    linked: Linked,
    /// Where it runs when the pool has no free slot; nothing for what is not pooled.
    overflow: Option<Overflow>,
}

/// The same component for an engine whose memory is made on demand.
struct Overflow {
    slots: Slots,
    engine: Engine,
    component: Component,
    /// Linked when it is first needed: most runs never have so many instances at once.
    linked: OnceLock<Linked>,
}

/// A place for one instance of a plugin. It is held as long as the instance lives.
pub(crate) struct Room<'a> {
    linked: &'a Linked,
    _slot: Option<OwnedSemaphorePermit>,
}

impl Room<'_> {
    pub(crate) fn linked(&self) -> &Linked {
        self.linked
    }
}

/// The three worlds.
pub(crate) enum Linked {
    Agent(agent::AgentPre<GuestState>),
    Orchestrator(orchestrator::OrchestratorPre<GuestState>),
    Tool(tool::ToolPre<GuestState>),
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.name)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Plugin {
    /// Reads the manifest that a component carries.
    pub fn manifest_of(name: &str, bytes: &[u8]) -> Result<Manifest, HostError> {
        let text = section::extract(bytes)
            .map_err(|problem| HostError::plugin(name, problem.to_string()))?
            .ok_or_else(|| {
                HostError::plugin(
                    name,
                    "the component carries no manifest; build it with its `plugin.toml` embedded",
                )
            })?;
        Manifest::parse(&format!("{name} (embedded plugin.toml)"), &text).map_err(HostError::Policy)
    }

    /// Compiles and links a component, or takes it from the cache. `at_once` is how many agents
    /// run at the same time.
    pub fn load(
        name: &str,
        bytes: &[u8],
        (engines, at_once): (&Engines, u64),
        cache: &CompileCache,
    ) -> Result<Self, HostError> {
        let manifest = Self::manifest_of(name, bytes)?;
        let digest = digest(bytes);
        let world = manifest.world();
        let (engine, component) = match world {
            World::Orchestrator => {
                let engine = &engines.orchestrators;
                (engine, cache.load(engine, &digest, bytes)?)
            }
            World::Agent | World::Tool => load_pooled((engines, at_once), cache, &digest, bytes)?,
        };
        let linked = link(world, engine, &component);
        let is_pooled = Engine::same(engine, &engines.agents)
            && !Engine::same(engine, &engines.agents_unpooled);
        Ok(Self {
            name: name.to_owned(),
            digest,
            manifest,
            linked: linked.map_err(|error| HostError::plugin(name, format!("{error:#}")))?,
            overflow: is_pooled.then(|| Overflow {
                slots: engines.slots().clone(),
                engine: engines.agents_unpooled.clone(),
                component,
                linked: OnceLock::new(),
            }),
        })
    }

    /// Returns its name in the policy.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the SHA-256 of the component in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns what it requests.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn linked(&self) -> &Linked {
        &self.linked
    }

    /// Returns where an instance runs: in a free slot of the pool, or beside it.
    pub(crate) fn room(&self) -> wasmtime::Result<Room<'_>> {
        let slot = self
            .overflow
            .as_ref()
            .and_then(|overflow| overflow.slots.take());
        let linked = match &self.overflow {
            Some(overflow) if slot.is_none() => overflow.linked(self.manifest.world())?,
            _ => &self.linked,
        };
        Ok(Room {
            linked,
            _slot: slot,
        })
    }
}

impl Overflow {
    fn linked(&self, world: World) -> wasmtime::Result<&Linked> {
        if let Some(linked) = self.linked.get() {
            return Ok(linked);
        }
        let component = cache::moved(&self.component, &self.engine)?;
        let linked = link(world, &self.engine, &component)?;
        Ok(self.linked.get_or_init(|| linked))
    }
}

fn link(world: World, engine: &Engine, component: &Component) -> wasmtime::Result<Linked> {
    match world {
        World::Orchestrator => link_orchestrator(engine, component),
        World::Agent => link_agent(engine, component),
        World::Tool => link_tool(engine, component),
    }
}

/// A component too large for a pool's slot runs from memory allocated on demand.
fn load_pooled<'a>(
    (engines, at_once): (&'a Engines, u64),
    cache: &CompileCache,
    digest: &str,
    bytes: &[u8],
) -> Result<(&'a Engine, Component), HostError> {
    let engine = engines.for_agents(at_once);
    match cache.load(engine, digest, bytes) {
        Ok(component) => Ok((engine, component)),
        Err(_too_large) => {
            let component = cache.load(&engines.agents_unpooled, digest, bytes)?;
            Ok((&engines.agents_unpooled, component))
        }
    }
}

fn link_agent(engine: &Engine, component: &Component) -> wasmtime::Result<Linked> {
    let mut linker = Linker::new(engine);
    agent::Agent::add_to_linker::<_, HasSelf<GuestState>>(&mut linker, |state| state)?;
    let linked = linker.instantiate_pre(component)?;
    Ok(Linked::Agent(agent::AgentPre::new(linked)?))
}

fn link_orchestrator(engine: &Engine, component: &Component) -> wasmtime::Result<Linked> {
    let mut linker = Linker::new(engine);
    orchestrator::Orchestrator::add_to_linker::<_, HasSelf<GuestState>>(&mut linker, |state| {
        state
    })?;
    let linked = linker.instantiate_pre(component)?;
    Ok(Linked::Orchestrator(orchestrator::OrchestratorPre::new(
        linked,
    )?))
}

fn link_tool(engine: &Engine, component: &Component) -> wasmtime::Result<Linked> {
    let mut linker = Linker::new(engine);
    tool::Tool::add_to_linker::<_, HasSelf<GuestState>>(&mut linker, |state| state)?;
    let linked = linker.instantiate_pre(component)?;
    Ok(Linked::Tool(tool::ToolPre::new(linked)?))
}

/// Returns the SHA-256 of bytes in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    lazaret_journal::Digest::of(bytes).to_string()
}
