//! Functions as components: what the attributes `agent` and `orchestrator` stand for.

use serde::Serialize;

use crate::content::to_json;
use crate::{Answer, Content, Failure};

/// What a function may give back.
pub trait Output {
    /// Names it as an answer.
    fn into_answer(self) -> Result<Answer, Failure>;
}

impl<T: Serialize> Output for T {
    fn into_answer(self) -> Result<Answer, Failure> {
        Ok(Answer::Json(to_json(&self)?))
    }
}

impl Output for Answer {
    fn into_answer(self) -> Result<Answer, Failure> {
        Ok(self)
    }
}

impl Output for Content {
    fn into_answer(self) -> Result<Answer, Failure> {
        Ok(Answer::Content(self))
    }
}

/// Names a function's result as an answer.
#[doc(hidden)]
pub fn answer<T: Output, E: Into<Failure>>(result: Result<T, E>) -> Result<Answer, Failure> {
    result.map_err(Into::into)?.into_answer()
}

/// Gives a parameter's value.
#[doc(hidden)]
#[macro_export]
macro_rules! __parameter {
    (task, $task:ident) => {
        $task.clone()
    };
    (input, $task:ident) => {
        $task.input()?
    };
}

/// Makes a function the component's agent.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_agent_function {
    ($function:ident, $($kind:ident),* $(,)?) => {
        struct LazaretAgentFunction;

        impl $crate::Agent for LazaretAgentFunction {
            fn run(task: $crate::Task) -> Result<$crate::Answer, $crate::Failure> {
                $crate::typed::answer($function($($crate::__parameter!($kind, task)),*))
            }
        }

        $crate::export_agent!(LazaretAgentFunction);
    };
}

/// Makes a function the component's orchestrator.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_orchestrator_function {
    ($function:ident, $($kind:ident),* $(,)?) => {
        struct LazaretOrchestratorFunction;

        impl $crate::Orchestrator for LazaretOrchestratorFunction {
            async fn run(task: $crate::Task) -> Result<$crate::Answer, $crate::Failure> {
                $crate::typed::answer($function($($crate::__parameter!($kind, task)),*).await)
            }
        }

        $crate::export_orchestrator!(LazaretOrchestratorFunction);
    };
}
