//! `tools`: functions of the tools that the policy grants.

use lazaret_kernel::instance::Handle;
use serde_json::Value;

use crate::bindings::tools::Host;
use crate::bindings::types::{Argument, ArgumentValue, Error, ToolCall, ToolDescription};
use crate::call::{Caller, Given};
use crate::state::GuestState;

/// The most calls that may be made at the same time by one instance.
const MAX_CALLS_AT_ONCE: usize = 256;

impl Host for GuestState {
    async fn available(&mut self) -> Vec<ToolDescription> {
        self.caller.available_tools()
    }

    async fn call(&mut self, call: ToolCall) -> Result<u64, Error> {
        Ok(make(&self.caller, call).await?.0)
    }

    async fn call_all(&mut self, calls: Vec<ToolCall>) -> Vec<Result<u64, Error>> {
        let mut answers = Vec::new();
        let mut calls = calls.into_iter().peekable();
        while calls.peek().is_some() {
            let some = calls.by_ref().take(MAX_CALLS_AT_ONCE);
            let made = some.map(|call| make(&self.caller, call));
            answers.extend(futures_util::future::join_all(made).await);
        }
        answers
            .into_iter()
            .map(|answer| answer.map(|handle| handle.0))
            .collect()
    }
}

/// Makes one call of a tool's function. Other doors of the one effect are not functions
/// of tools, whatever their names.
pub(crate) async fn make(caller: &Caller, call: ToolCall) -> Result<Handle, Error> {
    let arguments = arguments(call.arguments)?;
    caller.tool_effect(&call.function, arguments).await
}

fn arguments(arguments: Vec<Argument>) -> Result<Vec<(String, Given)>, Error> {
    arguments
        .into_iter()
        .map(|argument| {
            let given = match argument.value {
                ArgumentValue::Json(json) => Given::Plain(parse(&argument.name, &json)?),
                ArgumentValue::Content(handle) => Given::Content(Handle(handle)),
            };
            Ok((argument.name, given))
        })
        .collect()
}

fn parse(name: &str, json: &str) -> Result<Value, Error> {
    serde_json::from_str(json).map_err(|error| {
        Error::Invalid(format!("the argument `{name}` is malformed JSON: {error}"))
    })
}
