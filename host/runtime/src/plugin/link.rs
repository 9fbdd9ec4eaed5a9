//! Components with what the host offers them: each world has its own imports, and no others.

use lazaret_policy::manifest::World;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

use crate::bindings::{agent, orchestrator, tool};
use crate::state::GuestState;

/// The three worlds.
pub(crate) enum Linked {
    Agent(agent::AgentPre<GuestState>),
    Orchestrator(orchestrator::OrchestratorPre<GuestState>),
    Tool(tool::ToolPre<GuestState>),
}

/// Links a component in its world; one that imports anything else is refused.
pub(super) fn link(
    world: World,
    engine: &Engine,
    component: &Component,
) -> wasmtime::Result<Linked> {
    match world {
        World::Orchestrator => link_orchestrator(engine, component),
        World::Agent => link_agent(engine, component),
        World::Tool => link_tool(engine, component),
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
