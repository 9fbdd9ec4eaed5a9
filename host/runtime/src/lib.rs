//! The runtime of Lazaret: the only crate that knows wasmtime.
//!
//! [`host::Host::run`] carries a run from its launch to its report. Every effect of every
//! guest passes one choke point, `call.rs`: decide, perform, record, answer. A capability is
//! one file below `capability/` and holds nothing but the way there.
#![deny(unsafe_code)]

pub mod approval;
mod bindings;
pub mod cache;
mod call;
mod capability;
pub mod decide;
mod describe;
pub mod engine;
pub mod entry;
pub mod error;
pub mod host;
mod instance;
pub mod limits;
pub mod mcp;
pub mod models;
mod orchestrate;
mod payload;
mod perform;
mod place;
pub mod plugin;
pub mod progress;
mod recall;
pub mod rehearse;
mod remembered;
pub mod report;
pub mod resume;
mod run;
mod secrets;
mod settle;
mod state;
mod step;
mod waiting;
mod watch;
mod words;

pub use error::{HostError, InputError};
pub use host::{Host, Launch, Script, ScriptArguments};
pub use report::Report;
pub use run::DeniedAct;
