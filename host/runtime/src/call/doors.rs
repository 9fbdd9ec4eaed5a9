//! Typed doors to the one effect: tools by name, files by path, models by request.

use lazaret_kernel::instance::Handle;
use lazaret_policy::compiled::FunctionKind;
use serde_json::{Value, json};

use super::{Caller, Given};
use crate::bindings::model::{Block, Effort, Message, Request, Role};
use crate::bindings::types::{Error as GuestError, Leaf, ToolDescription};
use crate::words;

impl Caller {
    /// Calls a function of a tool. Files and models are effects too, but not by this door.
    pub(crate) async fn tool_effect(
        &self,
        function: &str,
        arguments: Vec<(String, Given)>,
    ) -> Result<Handle, GuestError> {
        let compiled = &self.run.compiled;
        let kind = compiled
            .function_id(function)
            .and_then(|id| compiled.function(id))
            .map(|function| &function.kind);
        if !matches!(kind, Some(FunctionKind::Tool { .. })) {
            return Err(self.refuse(function, &compiled.explain_not_granted(function)));
        }
        self.effect(function, arguments).await
    }

    /// Gives the functions of tools that this instance was granted, in name order.
    pub(crate) fn available_tools(&self) -> Vec<ToolDescription> {
        let monitor = self.run.monitor();
        let Ok(grants) = monitor.grants(self.instance) else {
            return Vec::new();
        };
        let compiled = &self.run.compiled;
        self.run
            .descriptions()
            .filter(|tool| {
                compiled
                    .function_id(&tool.function)
                    .is_some_and(|id| grants.has_function(id))
            })
            .cloned()
            .collect()
    }

    /// Splits a path into the mount that holds it and the rest.
    pub(crate) fn mount_of(&self, path: &str) -> Result<(String, String), GuestError> {
        path.split_once('/')
            .filter(|(mount, _)| self.run.compiled.mounts.contains_key(*mount))
            .map(|(mount, rest)| (mount.to_owned(), rest.to_owned()))
            .ok_or_else(|| self.refuse("files", &words::no_mount(path)))
    }

    /// Asks a model: the request is composed, so that contents in it stay unread and
    /// keep their labels.
    pub(crate) async fn ask_model(&self, request: Request) -> Result<Handle, GuestError> {
        let function = format!("model.{}", model_name(&request));
        let (skeleton, leaves) = compose(request)?;
        let composed = self.compose_json(&skeleton.to_string(), &leaves)?;
        let arguments = vec![("request".to_owned(), Given::Content(composed))];
        self.effect(&function, arguments).await
    }
}

/// The alias that a request with no model of its own asks.
const DEFAULT_MODEL: &str = "default";

fn model_name(request: &Request) -> &str {
    if request.model.is_empty() {
        DEFAULT_MODEL
    } else {
        &request.model
    }
}

/// Writes a request as JSON with `null` where contents stand.
fn compose(request: Request) -> Result<(Value, Vec<Leaf>), GuestError> {
    let mut leaves = Vec::new();
    let mut messages = Vec::new();
    for (index, message) in request.messages.into_iter().enumerate() {
        let place = format!("/messages/{index}");
        messages.push(compose_message(message, &place, &mut leaves)?);
    }
    let mut tools = Vec::new();
    for tool in request.tools {
        let schema = parse(&tool.schema)?;
        tools.push(json!({"name": tool.name, "description": tool.description, "schema": schema}));
    }
    let schema = request.schema.as_deref().map(parse).transpose()?;
    let skeleton = json!({
        "effort": request.effort.map(effort),
        "max_output_tokens": request.max_output_tokens,
        "messages": messages,
        "tools": tools,
        "schema": schema,
    });
    Ok((skeleton, leaves))
}

fn compose_message(
    message: Message,
    place: &str,
    leaves: &mut Vec<Leaf>,
) -> Result<Value, GuestError> {
    let mut blocks = Vec::new();
    for (index, block) in message.blocks.into_iter().enumerate() {
        let pointer = format!("{place}/blocks/{index}/text");
        blocks.push(match block {
            Block::Text(text) => json!({"type": "text", "text": text}),
            Block::Content(content) => {
                leaves.push(Leaf { pointer, content });
                json!({"type": "text", "text": null})
            }
            Block::ToolUse(call) => {
                let arguments = parse(&call.arguments)?;
                json!({"type": "tool_use", "id": call.id, "name": call.name, "arguments": arguments})
            }
            Block::ToolResult(result) => {
                let content = result.content;
                leaves.push(Leaf { pointer, content });
                json!({"type": "tool_result", "id": result.id, "text": null, "is_error": result.is_error})
            }
        });
    }
    Ok(json!({"role": role(message.role), "blocks": blocks}))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}

fn effort(effort: Effort) -> &'static str {
    match effort {
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Xhigh => "xhigh",
        Effort::Max => "max",
    }
}

fn parse(text: &str) -> Result<Value, GuestError> {
    serde_json::from_str(text)
        .map_err(|error| GuestError::Invalid(format!("malformed JSON in the request: {error}")))
}
