//! What an effect does once it is permitted: one function a kind.

use std::future::Future;
use std::pin::Pin;

use lazaret_kernel::content::Facts;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_policy::compiled::FunctionKind;

use crate::call::Caller;
use crate::payload::Payload;

mod files;
mod model;
mod tool;

/// What an effect gave.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) payload: Payload,
    /// What the source declares of it, field by field; `None` is the function's label.
    pub(crate) facts: Option<Facts>,
}

impl Output {
    fn plain(payload: Payload) -> Self {
        Self {
            payload,
            facts: None,
        }
    }
}

/// Performs one permitted effect. The error is a sentence for the caller or, where the
/// permit is sealed, for whoever reads the answer.
///
/// Boxed, because a tool's own effects come here again.
pub(crate) fn perform<'a>(
    caller: &'a Caller,
    permit: &'a EffectPermit,
    inputs: Vec<(String, Payload)>,
) -> Pin<Box<dyn Future<Output = Result<Output, String>> + Send + 'a>> {
    Box::pin(async move {
        let run = caller.run();
        let Some(function) = run.compiled.function(permit.function()) else {
            return Err("the function is gone".to_owned());
        };
        match &function.kind {
            FunctionKind::Tool { tool, function } => {
                tool::call(caller, permit, tool, function, inputs).await
            }
            FunctionKind::FilesRead { mount } => files::read(run, mount, &inputs),
            FunctionKind::FilesWrite { mount } => files::write(run, mount, &inputs),
            FunctionKind::Model { alias } => model::ask(caller, alias, &inputs).await,
            FunctionKind::Print => {
                run.print(input(&inputs, "value")?.clone());
                Ok(Output::plain(Payload::json(serde_json::Value::Null)))
            }
        }
    })
}

fn input<'a>(inputs: &'a [(String, Payload)], name: &str) -> Result<&'a Payload, String> {
    inputs
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, payload)| payload)
        .ok_or_else(|| format!("the argument `{name}` is missing"))
}
