//! Functions of tools: how to call them, and how a tool describes its own.

use serde::Serialize;
use serde_json::Value;

use crate::bindings::tools as host;
use crate::bindings::types::{Argument, ArgumentValue, Failure, ToolCall, ToolDescription};
use crate::content::to_json;
use crate::{Content, Error};

/// A call of a tool's function, built argument by argument.
#[derive(Debug)]
pub struct Call {
    call: ToolCall,
    error: Option<Error>,
}

impl Call {
    /// Begins a call of `tool.function`.
    pub fn of(function: &str) -> Self {
        let call = ToolCall {
            function: function.to_owned(),
            arguments: Vec::new(),
        };
        Self { call, error: None }
    }

    /// Adds a value. It carries this component's label.
    #[must_use]
    pub fn with(mut self, name: &str, value: &impl Serialize) -> Self {
        match to_json(value) {
            Ok(json) => self.push(name, ArgumentValue::Json(json)),
            Err(error) => self.error = Some(error),
        }
        self
    }

    /// Adds a content, read or not. The host dereferences it after it checked its label.
    #[must_use]
    pub fn with_content(mut self, name: &str, content: Content) -> Self {
        self.push(name, ArgumentValue::Content(content.handle()));
        self
    }

    /// Makes the call. The answer is a content.
    pub fn make(self) -> Result<Content, Error> {
        let call = self.into_call()?;
        Ok(Content::from_handle(host::call(&call)?))
    }

    pub(crate) fn into_call(self) -> Result<ToolCall, Error> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.call),
        }
    }

    fn push(&mut self, name: &str, value: ArgumentValue) {
        self.call.arguments.push(Argument {
            name: name.to_owned(),
            value,
        });
    }
}

/// Makes several calls at the same time; the answers come in the calls' order.
pub fn make_all(calls: Vec<Call>) -> Result<Vec<Result<Content, Error>>, Error> {
    let calls = calls
        .into_iter()
        .map(Call::into_call)
        .collect::<Result<Vec<_>, _>>()?;
    let answers = host::call_all(&calls).into_iter();
    Ok(answers
        .map(|answer| answer.map(Content::from_handle).map_err(Error::from))
        .collect())
}

/// Returns the functions that this instance was granted.
pub fn available() -> Vec<ToolDescription> {
    host::available()
}

/// A function of a tool, as the tool describes it.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name without the tool's.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub description: &'static str,
    /// JSON Schema of its arguments.
    pub schema: &'static str,
}

impl From<Function> for ToolDescription {
    fn from(function: Function) -> Self {
        Self {
            function: function.name.to_owned(),
            description: function.description.to_owned(),
            schema: function.schema.to_owned(),
        }
    }
}

/// Parses a call's arguments.
#[doc(hidden)]
pub fn parse_arguments(arguments: &str) -> Result<Value, Failure> {
    serde_json::from_str(arguments).map_err(|error| Failure {
        message: format!("malformed arguments: {error}"),
    })
}
