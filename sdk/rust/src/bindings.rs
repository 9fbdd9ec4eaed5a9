//! The contract as Rust types, generated from `wit/`. The other modules wrap them.
#![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated")]

pub mod agent {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "agent",
        pub_export_macro: true,
        default_bindings_module: "lazaret_sdk::bindings::agent",
        generate_all,
    });
}

pub mod orchestrator {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "orchestrator",
        pub_export_macro: true,
        default_bindings_module: "lazaret_sdk::bindings::orchestrator",
        with: {
            "lazaret:agent/types@0.1.0": super::agent::lazaret::agent::types,
            "lazaret:agent/log@0.1.0": super::agent::lazaret::agent::log,
            "lazaret:agent/turns@0.1.0": generate,
        },
    });
}

pub mod tool {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "tool",
        pub_export_macro: true,
        default_bindings_module: "lazaret_sdk::bindings::tool",
        with: {
            "lazaret:agent/types@0.1.0": super::agent::lazaret::agent::types,
            "lazaret:agent/content@0.1.0": super::agent::lazaret::agent::content,
            "lazaret:agent/files@0.1.0": super::agent::lazaret::agent::files,
            "lazaret:agent/web@0.1.0": super::agent::lazaret::agent::web,
            "lazaret:agent/secrets@0.1.0": super::agent::lazaret::agent::secrets,
            "lazaret:agent/clock@0.1.0": super::agent::lazaret::agent::clock,
            "lazaret:agent/log@0.1.0": super::agent::lazaret::agent::log,
        },
    });
}

pub use agent::lazaret::agent::{
    clock, content, files, gate, log, model, secrets, tools, types, web,
};
pub use orchestrator::lazaret::agent::turns;
