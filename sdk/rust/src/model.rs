//! Language models: requests with contents in them that this component need not have read.

use serde::Deserialize;
use serde_json::Value;

pub use crate::bindings::model::{
    Block, Effort, Message, Request, Role, ToolResult, ToolSpec, ToolUse,
};
use crate::{Content, Error};

/// A model's answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Response {
    /// All of its text.
    pub text: String,
    /// What it thought, for [`Block::Reasoning`] in the next request.
    #[serde(default)]
    pub reasoning: Vec<String>,
    /// The calls that it asks for, in order.
    pub tool_calls: Vec<ToolCall>,
    /// Why it stopped: `end_turn`, `tool_use`, `max_tokens`, `refusal`.
    pub stop: String,
    /// What it cost in tokens.
    pub usage: Usage,
}

/// Tokens of one answer.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Usage {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
}

/// A call that a model asks for.
#[derive(Clone, Debug, Deserialize)]
pub struct ToolCall {
    /// Ties the result to the call.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// A JSON object, or null where the model wrote none.
    pub arguments: Value,
    /// What the model wrote instead of a JSON object.
    pub malformed: Option<String>,
}

/// Asks a model. The answer is a content: gate it, pass it on, or read it as a [`Response`].
pub fn ask(request: &Request) -> Result<Content, Error> {
    Ok(Content::from_handle(crate::bindings::model::ask(request)?))
}

/// Makes a message of one text.
pub fn message(role: Role, text: impl Into<String>) -> Message {
    Message {
        role,
        blocks: vec![Block::Text(text.into())],
    }
}

/// Makes a request of messages, with nothing else set.
pub fn request(messages: Vec<Message>) -> Request {
    Request {
        model: String::new(),
        effort: None,
        max_output_tokens: None,
        messages,
        tools: Vec::new(),
        schema: None,
    }
}
