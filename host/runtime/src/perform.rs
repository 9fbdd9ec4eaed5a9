//! What an effect does once it is permitted: one function a kind.

use std::future::Future;
use std::pin::Pin;

use lazaret_kernel::content::Facts;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_policy::compiled::FunctionKind;
use lazaret_workflow::event::{Elsewhere, Usage};

use crate::call::Caller;
use crate::models::Patience;
use crate::payload::Payload;

mod files;
mod mcp;
mod model;
mod tool;
pub(crate) mod web;

/// What an effect gave.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) payload: Payload,
    /// What the source declares of it, field by field; `None` is the function's label.
    pub(crate) facts: Option<Facts>,
    /// What a model used up for it.
    pub(crate) usage: Option<Usage>,
}

impl Output {
    fn plain(payload: Payload) -> Self {
        Self {
            payload,
            facts: None,
            usage: None,
        }
    }
}

/// Why an effect gave nothing.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) elsewhere: Elsewhere,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self {
            message,
            elsewhere: Elsewhere::No,
        }
    }
}

/// Performs one permitted effect. The failure is a sentence for the caller or, where the
/// permit is sealed, for whoever reads the answer.
///
/// Boxed, because a tool's own effects come here again.
pub(crate) fn perform<'a>(
    caller: &'a Caller,
    permit: &'a EffectPermit,
    inputs: Vec<(String, Payload)>,
    patience: Patience,
) -> Pin<Box<dyn Future<Output = Result<Output, Failure>> + Send + 'a>> {
    Box::pin(async move {
        let run = caller.run();
        let Some(function) = run.compiled.function(permit.function()) else {
            return Err("the function is gone".to_owned().into());
        };
        let made = match &function.kind {
            FunctionKind::Model { target, .. } => {
                return model::ask(caller, target, &inputs, patience).await;
            }
            FunctionKind::Tool { tool, function } => {
                let _busy = caller.watch().busy();
                tool::call(caller, permit, tool, function, inputs).await
            }
            FunctionKind::Mcp {
                server,
                function: name,
            } => mcp::call(caller, server, name, function.answer.parse, inputs).await,
            FunctionKind::Files { mount, act } => files::act(caller, mount, *act, inputs).await,
            FunctionKind::WebFetch { site, method } => {
                web::fetch(caller, site, *method, &inputs).await
            }
            FunctionKind::WebSearch => web::search(caller, &inputs).await,
            FunctionKind::Print => {
                run.print(input(&inputs, "value")?.clone());
                Ok(Output::plain(Payload::json(serde_json::Value::Null)))
            }
        };
        made.map_err(Failure::from)
    })
}

fn input<'a>(inputs: &'a [(String, Payload)], name: &str) -> Result<&'a Payload, String> {
    inputs
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, payload)| payload)
        .ok_or_else(|| format!("the argument `{name}` is missing"))
}
