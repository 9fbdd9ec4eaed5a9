//! Write agents, orchestrators and tools for Lazaret in Rust.
//!
//! An **agent** reads what it is cleared for and answers: implement [`Agent`], then
//! [`export_agent!`]. An **orchestrator** never sees content unless it asks, and drives
//! agents with futures: implement [`Orchestrator`], use [`flow`], then
//! [`export_orchestrator!`]. A **tool** has functions that others call: implement
//! [`Tool`], then [`export_tool!`].
//!
//! A component imports only the interfaces that it uses.

pub mod bindings;
pub mod clock;
pub mod closed;
pub mod content;
pub mod files;
pub mod flow;
pub mod gate;
pub mod log;
pub mod model;
mod outcome;
pub mod secrets;
mod task;
pub mod tools;
#[doc(hidden)]
pub mod typed;
pub mod web;

pub use content::Content;
pub use lazaret_sdk_macros::{agent, orchestrator};
pub use outcome::{Answer, Error, Failure};
pub use serde;
pub use serde_json;
pub use task::Task;

/// A component that reads what its clearance allows and acts through what it was granted.
pub trait Agent {
    /// Does what the task says. Each call runs in a fresh instance.
    fn run(task: Task) -> Result<Answer, Failure>;
}

/// A component without I/O that asks the host in turns.
pub trait Orchestrator {
    /// Drives the workflow to its result.
    fn run(task: Task) -> impl Future<Output = Result<Answer, Failure>> + 'static;
}

/// A component with functions that others call, each call in a fresh instance.
pub trait Tool {
    /// Says which functions there are.
    fn functions() -> Vec<tools::Function>;

    /// Calls one function with its arguments as one JSON object.
    fn call(function: &str, arguments: serde_json::Value) -> Result<Answer, Failure>;
}

/// Makes a type that implements [`Agent`] the component's export.
#[macro_export]
macro_rules! export_agent {
    ($agent:ty) => {
        struct LazaretAgent;

        impl $crate::bindings::agent::Guest for LazaretAgent {
            fn run(
                task: $crate::bindings::types::Task,
            ) -> Result<$crate::bindings::types::Answer, $crate::bindings::types::Failure> {
                $crate::log::catch_panics();
                match <$agent as $crate::Agent>::run(task.into()) {
                    Ok(answer) => Ok(answer.into()),
                    Err(failure) => Err(failure.into()),
                }
            }
        }

        $crate::bindings::agent::export!(LazaretAgent with_types_in $crate::bindings::agent);
    };
}

/// Makes a type that implements [`Orchestrator`] the component's exports.
#[macro_export]
macro_rules! export_orchestrator {
    ($orchestrator:ty) => {
        struct LazaretOrchestrator;

        impl $crate::bindings::orchestrator::Guest for LazaretOrchestrator {
            fn start(
                task: $crate::bindings::types::Task,
            ) -> $crate::bindings::turns::Turn {
                $crate::log::catch_panics();
                $crate::flow::start(<$orchestrator as $crate::Orchestrator>::run(task.into()))
            }

            fn resume(
                batch: $crate::bindings::turns::Batch,
            ) -> $crate::bindings::turns::Turn {
                $crate::flow::resume(batch)
            }
        }

        $crate::bindings::orchestrator::export!(
            LazaretOrchestrator with_types_in $crate::bindings::orchestrator
        );
    };
}

/// Makes a type that implements [`Tool`] the component's exports.
#[macro_export]
macro_rules! export_tool {
    ($tool:ty) => {
        struct LazaretTool;

        impl $crate::bindings::tool::Guest for LazaretTool {
            fn available() -> Vec<$crate::bindings::types::ToolDescription> {
                let functions = <$tool as $crate::Tool>::functions();
                functions.into_iter().map(Into::into).collect()
            }

            fn call(
                function: String,
                arguments: String,
            ) -> Result<$crate::bindings::types::Answer, $crate::bindings::types::Failure> {
                $crate::log::catch_panics();
                let arguments = $crate::tools::parse_arguments(&arguments)?;
                match <$tool as $crate::Tool>::call(&function, arguments) {
                    Ok(answer) => Ok(answer.into()),
                    Err(failure) => Err(failure.into()),
                }
            }
        }

        $crate::bindings::tool::export!(LazaretTool with_types_in $crate::bindings::tool);
    };
}
