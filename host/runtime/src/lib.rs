//! The runtime of Lazaret: the only crate that knows wasmtime.
//!
//! [`host::Host::run`] carries a run from its launch to its report. Every effect of every
//! guest passes one choke point, `call.rs`: decide, perform, record, answer. A capability is
//! one file below `capability/` and holds nothing but the way there.
#![deny(unsafe_code)]

pub mod admin;
mod aliases;
pub mod approval;
mod bindings;
mod budget;
mod cache;
mod call;
mod capability;
mod command;
mod conduct;
pub mod confine;
mod counters;
pub mod decide;
mod describe;
mod ending;
mod engine;
pub mod entry;
pub mod error;
pub mod examine;
pub mod foresee;
mod hand_over;
pub mod host;
mod instance;
mod kept;
mod launch;
pub mod limits;
pub mod mcp;
pub mod models;
mod narrow;
mod orchestrate;
pub mod orders;
mod payload;
mod pdf;
mod perform;
mod picture;
mod place;
pub mod plugin;
pub mod progress;
mod recall;
pub mod recount;
pub mod rehearse;
mod remembered;
pub mod report;
pub mod resume;
mod run;
pub mod scripts;
mod secrets;
mod settle;
pub mod stand_in;
mod state;
mod step;
mod tree;
mod waiting;
mod watch;
mod words;
mod workshop;

pub use error::{HostError, InputError, ScriptError, ScriptProblem};
pub use host::Host;
pub use kept::Kept;
pub use launch::{Launch, Script, ScriptArguments};
pub use report::Report;
pub use run::DeniedAct;
pub use workshop::Workshop;
