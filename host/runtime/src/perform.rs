//! What an effect does once it is permitted: one function a kind.

use std::future::Future;
use std::pin::Pin;

use lazaret_kernel::content::Facts;
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_policy::compiled::{Function, FunctionKind};
use lazaret_workflow::event::{Elsewhere, Usage};
use serde_json::Value;

use crate::call::Caller;
use crate::models::Patience;
use crate::payload::Payload;
use crate::run::Run;
use crate::stand_in::Effect;

pub(crate) use self::model::{Price, price};

mod apply;
mod code;
mod command;
mod files;
mod mcp;
mod model;
mod tool;
pub(crate) mod web;
mod worktree;

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
    /// What it tells, where that is more than the function's label.
    pub(crate) label: Option<Label>,
    /// What a model used up all the same.
    pub(crate) usage: Option<Usage>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self {
            message,
            elsewhere: Elsewhere::No,
            label: None,
            usage: None,
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
        if let Some(answer) = stood_in(run, function, &inputs) {
            return Ok(Output::plain(Payload::json(answer?)));
        }
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
            FunctionKind::Files { mount, act } => {
                return files::act(caller, permit, mount, *act, inputs).await;
            }
            FunctionKind::Command { group } => {
                return command::run(caller, permit, group, inputs).await;
            }
            FunctionKind::Code => {
                let _busy = caller.watch().busy();
                code::run(caller, permit, &inputs).await
            }
            FunctionKind::Worktree { act } => {
                return worktree::act(caller, permit, *act, &inputs).await;
            }
            FunctionKind::Apply => apply::apply(caller, &inputs).await,
            FunctionKind::WebFetch { site, method } => {
                web::fetch(caller, site, *method, &inputs).await
            }
            FunctionKind::WebSearch => web::search(caller, &inputs).await,
            FunctionKind::Person => Err("a question has a door of its own".to_owned()),
            FunctionKind::Print => {
                run.print(input(&inputs, "value")?.clone());
                Ok(Output::plain(Payload::json(Value::Null)))
            }
        };
        made.map_err(Failure::from)
    })
}

/// What a scripted test says in the place of an effect. Files stay real, and so does what
/// reaches the operator.
fn stood_in(
    run: &Run,
    function: &Function,
    inputs: &[(String, Payload)],
) -> Option<Result<Value, String>> {
    let stand_in = run.stand_in.as_ref()?;
    if matches!(
        function.kind,
        FunctionKind::Files { .. } | FunctionKind::Apply | FunctionKind::Print
    ) {
        return None;
    }
    let arguments = inputs
        .iter()
        .map(|(name, payload)| (name.clone(), payload.to_value()));
    stand_in(&Effect {
        function: &function.name,
        arguments: arguments.collect(),
        is_outside: !matches!(function.kind, FunctionKind::Tool { .. }),
    })
}

fn input<'a>(inputs: &'a [(String, Payload)], name: &str) -> Result<&'a Payload, String> {
    inputs
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, payload)| payload)
        .ok_or_else(|| format!("the argument `{name}` is missing"))
}
