//! The three worlds of `wit/` as Rust types, generated. No logic here.
#![expect(
    clippy::error_impl_error,
    reason = "generated from wit/, where the documentation stands"
)]

/// The world of agents. Its interfaces are shared by the other two.
pub(crate) mod agent {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "agent",
        imports: { default: async },
        exports: { default: async },
        additional_derives: [PartialEq],
    });
}

/// The world of orchestrators.
pub(crate) mod orchestrator {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "orchestrator",
        imports: { default: async },
        exports: { default: async },
        with: {
            "lazaret:agent/types": super::agent::lazaret::agent::types,
            "lazaret:agent/log": super::agent::lazaret::agent::log,
        },
    });
}

/// The world of tools.
pub(crate) mod tool {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "tool",
        imports: { default: async },
        exports: { default: async },
        with: {
            "lazaret:agent/types": super::agent::lazaret::agent::types,
            "lazaret:agent/content": super::agent::lazaret::agent::content,
            "lazaret:agent/files": super::agent::lazaret::agent::files,
            "lazaret:agent/web": super::agent::lazaret::agent::web,
            "lazaret:agent/secrets": super::agent::lazaret::agent::secrets,
            "lazaret:agent/clock": super::agent::lazaret::agent::clock,
            "lazaret:agent/log": super::agent::lazaret::agent::log,
        },
    });
}

pub(crate) use agent::lazaret::agent::{
    clock, content, files, gate, log, model, secrets, tools, types, web,
};
pub(crate) use orchestrator::lazaret::agent::turns;
