//! Typed doors to the one effect: tools by name, files by path, models by request.

use lazaret_kernel::instance::Handle;
use lazaret_policy::compiled::{FilesAct, FunctionKind};
use serde_json::{Value, json};

use super::{Caller, Given};
use crate::bindings::model::{Block, Effort, Message, Request, Role};
use crate::bindings::types::{Error as GuestError, Leaf, ToolDescription};
use crate::words;

impl Caller {
    /// Calls a function by name: of a tool, or of a site, whose address may be an unread
    /// content. Files and models are effects too, but not by this door.
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
        if kind == Some(&FunctionKind::Person) {
            return Box::pin(self.ask_by_name(arguments)).await;
        }
        let by_name = matches!(
            kind,
            Some(
                FunctionKind::Tool { .. }
                    | FunctionKind::Mcp { .. }
                    | FunctionKind::WebFetch { .. }
                    | FunctionKind::WebSearch
                    | FunctionKind::Command { .. }
                    | FunctionKind::Worktree { .. }
                    | FunctionKind::Code
            )
        );
        if !by_name {
            return Err(self.refuse(function, &compiled.explain_not_granted(function)));
        }
        self.effect(function, arguments).await
    }

    /// Gives the functions of tools that this instance was granted, in name order.
    pub(crate) fn available_tools(&self) -> Vec<ToolDescription> {
        let Ok(grants) = self.run.monitor().grants(self.instance).copied() else {
            return Vec::new();
        };
        let offered = self.run.offered(&grants);
        self.note_offer(&offered);
        offered
    }

    /// Splits a path into the mount that holds it and the rest.
    fn mount_of<'a>(&self, path: &'a str) -> Result<(&'a str, &'a str), GuestError> {
        path.split_once('/')
            .filter(|(mount, _)| self.run.compiled.mounts.contains_key(*mount))
            .ok_or_else(|| self.refuse("files", &words::no_mount(path)))
    }

    /// Acts on what is at a path, `mount/relative/path`.
    pub(crate) async fn files_effect(
        &self,
        path: &str,
        act: FilesAct,
        mut arguments: Vec<(String, Given)>,
    ) -> Result<Handle, GuestError> {
        let (mount, rest) = self.mount_of(path)?;
        let path = Given::Plain(Value::String(rest.to_owned()));
        arguments.insert(0, ("path".to_owned(), path));
        let function = format!("files.{mount}.{}", act.name());
        self.effect(&function, arguments).await
    }

    /// Moves what is at a path to another one of the same mount.
    pub(crate) async fn rename_effect(&self, path: &str, to: &str) -> Result<Handle, GuestError> {
        let (from, _) = self.mount_of(path)?;
        let (into, rest) = self.mount_of(to)?;
        if from != into {
            return Err(GuestError::Invalid(format!(
                "a file of `{from}` cannot be moved to `{into}`: read it and write it there"
            )));
        }
        let change = json!({"kind": "rename", "to": rest});
        let change = ("change".to_owned(), Given::Plain(change));
        self.files_effect(path, FilesAct::Edit, vec![change]).await
    }

    /// Gives the mounts of which this instance was granted something, and whether it may
    /// write there, in name order.
    pub(crate) fn granted_mounts(&self) -> Vec<(String, bool)> {
        let monitor = self.run.monitor();
        let Ok(grants) = monitor.grants(self.instance) else {
            return Vec::new();
        };
        let compiled = &self.run.compiled;
        let has = |mount: &str, act: FilesAct| {
            let name = format!("files.{mount}.{}", act.name());
            let id = compiled.function_id(&name);
            id.is_some_and(|id| grants.has_function(id))
        };
        let all = compiled.mounts.keys().filter_map(|mount| {
            let writable = has(mount, FilesAct::Write) || has(mount, FilesAct::Edit);
            let readable = has(mount, FilesAct::Read) || has(mount, FilesAct::Find);
            (writable || readable).then(|| (mount.clone(), writable))
        });
        all.collect()
    }

    /// Asks a model: the request is composed, so that contents in it stay unread and
    /// keep their labels.
    pub(crate) async fn ask_model(&self, request: Request) -> Result<Handle, GuestError> {
        self.watch().may_ask().await;
        let named = request.model.clone();
        let (skeleton, leaves) = compose(request)?;
        let composed = self.compose_json(&skeleton.to_string(), &leaves)?;
        let function = match named.as_str() {
            "" | INHERITED => format!("model.{}", self.routed(composed)?),
            // `PROVIDER/MODEL`: the provider is granted, the request says which model.
            name => format!("model.{}", name.split('/').next().unwrap_or(name)),
        };
        let arguments = vec![("request".to_owned(), Given::Content(composed))];
        self.effect(&function, arguments).await
    }

    /// Returns the alias that a request is for by the policy's routes: a function of its
    /// label and of who asks.
    fn routed(&self, request: Handle) -> Result<String, GuestError> {
        let (_, label) = self.describe(request)?;
        let (name, phase) = (&self.about.name, &self.about.phase);
        let routes = self.run.compiled.routes.iter();
        let route = routes
            .into_iter()
            .find(|route| route.fits(name, phase, label.taint));
        Ok(route
            .map_or(DEFAULT_MODEL, |route| route.model.as_str())
            .to_owned())
    }
}

/// The alias that a request with no model of its own asks, where no route fits.
const DEFAULT_MODEL: &str = "default";

/// The word that stands for no model of its own.
const INHERITED: &str = "inherit";

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
    let model = request.model.split_once('/').map(|(_, model)| model);
    let skeleton = json!({
        "model": model,
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
                json!({"type": "content", "text": null})
            }
            Block::Reasoning(text) => json!({"type": "reasoning", "text": text}),
            Block::ToolUse(call) => {
                let arguments = parse(&call.arguments)?;
                json!({
                    "type": "tool_use", "id": call.id, "name": call.name,
                    "arguments": arguments,
                })
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
