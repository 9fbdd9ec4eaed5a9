//! A component's native code: made where it is new, else loaded when it is first wanted.

use std::sync::{Arc, OnceLock};

use lazaret_journal::Content;
use lazaret_policy::manifest::World;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::link::{Linked, link};
use crate::cache::{self, CompileCache};
use crate::engine::{Engines, Slots};

/// Where components get their native code. A clone is the same place.
#[derive(Clone, Debug)]
pub(crate) struct Loader {
    pub(crate) engines: Arc<Engines>,
    pub(crate) cache: Arc<CompileCache>,
    /// How many agents of the run are there at the same time.
    pub(crate) at_once: u64,
}

/// The native code of one component.
pub(super) struct Code {
    content: Content,
    world: World,
    loader: Loader,
    ready: OnceLock<Ready>,
}

/// Code that is loaded and linked.
struct Ready {
    linked: Linked,
    /// Where it runs when the pool has no free slot; nothing for what is not pooled.
    overflow: Option<Overflow>,
}

/// The same component for the engine whose memory is made on demand.
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

impl Code {
    /// Takes a component. One that was never compiled and linked is now, so that what cannot run
    /// is refused before anything starts.
    pub(super) fn new(content: &Content, world: World, loader: &Loader) -> wasmtime::Result<Self> {
        let code = Self {
            content: content.clone(),
            world,
            loader: loader.clone(),
            ready: OnceLock::new(),
        };
        if !code.can_wait() {
            code.ready()?;
        }
        Ok(code)
    }

    pub(super) fn linked(&self) -> wasmtime::Result<&Linked> {
        Ok(&self.ready()?.linked)
    }

    /// Returns where an instance runs: in a free slot of the pool, or beside it.
    pub(super) fn room(&self) -> wasmtime::Result<Room<'_>> {
        let ready = self.ready()?;
        let slot = ready.overflow.as_ref().and_then(|other| other.slots.take());
        let linked = match &ready.overflow {
            Some(overflow) if slot.is_none() => overflow.linked(self.world)?,
            _ => &ready.linked,
        };
        Ok(Room {
            linked,
            _slot: slot,
        })
    }

    /// Agents start late or never, and an earlier process has linked what the cache holds.
    fn can_wait(&self) -> bool {
        let Loader { engines, cache, .. } = &self.loader;
        self.world == World::Agent && cache.holds(engines.on_demand(), &self.content)
    }

    fn ready(&self) -> wasmtime::Result<&Ready> {
        if let Some(ready) = self.ready.get() {
            return Ok(ready);
        }
        let ready = self.load()?;
        Ok(self.ready.get_or_init(|| ready))
    }

    fn load(&self) -> wasmtime::Result<Ready> {
        let Loader { engines, cache, .. } = &self.loader;
        let (engine, component) = match self.world {
            World::Orchestrator => {
                let engine = engines.orchestrators();
                (engine, cache.load(engine, &self.content)?)
            }
            World::Agent | World::Tool => self.load_pooled()?,
        };
        let linked = link(self.world, engine, &component);
        // Another process would not find out before the first instance.
        let linked = linked.inspect_err(|_error| cache.forget(engine, &self.content))?;
        let is_pooled =
            self.world != World::Orchestrator && !Engine::same(engine, engines.on_demand());
        Ok(Ready {
            linked,
            overflow: is_pooled.then(|| Overflow {
                slots: engines.slots().clone(),
                engine: engines.on_demand().clone(),
                component,
                linked: OnceLock::new(),
            }),
        })
    }

    /// A component too large for a pool's slot runs from memory made on demand.
    fn load_pooled(&self) -> wasmtime::Result<(&Engine, Component)> {
        let Loader {
            engines,
            cache,
            at_once,
        } = &self.loader;
        let engine = engines.for_agents(*at_once);
        match cache.load(engine, &self.content) {
            Ok(component) => Ok((engine, component)),
            Err(_too_large) => {
                let component = cache.load(engines.on_demand(), &self.content)?;
                Ok((engines.on_demand(), component))
            }
        }
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
