//! How Anthropic's messages API is spoken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::error::ModelError;
use crate::provider::{Endpoint, Mode, Speak};
use crate::redact::Redactor;
use crate::request::{Block, Effort, Family, Image, Piece, Request, ToolResult};
use crate::response::{Stop, Usage};
use crate::secret::{Secret, Slot};
use crate::wire::answer::Answer;
use crate::wire::turns::{safe_id, turns};
use crate::wire::{Frame, Outgoing, classify, count, schema, set, text};

/// Where Anthropic answers.
const ADDRESS: &str = "https://api.anthropic.com";
/// The version of the API that this file speaks. It takes no `temperature`.
const VERSION: &str = "2026-10-21";
/// The API wants a limit; this one is what every current model can write.
const DEFAULT_MAX_TOKENS: u32 = 8192;
/// Models of before adaptive thinking; they take a budget of tokens instead of an effort.
const BUDGETED: [&str; 7] = [
    "claude-3",
    "claude-opus-4-5",
    "claude-opus-4-1",
    "claude-sonnet-4-5",
    "claude-haiku-4",
    "-4-2025",
    "-4-0",
];

/// Anthropic with a key.
#[derive(Debug, Clone)]
pub struct Anthropic {
    endpoint: Endpoint,
    key: Slot<Secret>,
}

impl Anthropic {
    /// Makes the provider at its usual address.
    pub fn new(key: impl Into<Slot<Secret>>) -> Result<Self, ModelError> {
        Self::at(ADDRESS, key)
    }

    /// Makes the provider at another address, without `/v1`.
    pub fn at(address: &str, key: impl Into<Slot<Secret>>) -> Result<Self, ModelError> {
        Ok(Self {
            endpoint: Endpoint::parse(address)?,
            key: key.into(),
        })
    }

    fn authorised(&self, request: Outgoing) -> Result<Outgoing, ModelError> {
        request
            .header("anthropic-version", VERSION)?
            .key("x-api-key", "", &self.key.get())
    }
}

impl Speak for Anthropic {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.key.get()]
    }

    fn write(&self, request: &Request, mode: Mode) -> Result<Outgoing, ModelError> {
        let url = self.endpoint.join(&["v1", "messages"])?;
        self.authorised(Outgoing::post(url, &body(request, mode)))
    }

    fn read(
        &self,
        frame: &Frame,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<bool, ModelError> {
        let event = frame.json()?;
        let key = count(&event, "/index").unwrap_or_default();
        match text(&event, "/type").unwrap_or_default() {
            "message_start" => {
                answer.model(text(&event, "/message/model").unwrap_or_default());
                usage(event.pointer("/message/usage"), answer);
            }
            "content_block_start" => {
                if let Some(block) = event.get("content_block") {
                    read_block(key, block, answer)?;
                }
            }
            "content_block_delta" => {
                if let Some(delta) = event.get("delta") {
                    read_delta(key, delta, answer)?;
                }
            }
            "message_delta" => {
                usage(event.get("usage"), answer);
                if let Some(reason) = text(&event, "/delta/stop_reason") {
                    answer.stop(stop(reason));
                }
            }
            "message_stop" => return Ok(true),
            "error" => return Err(classify::in_stream("error", &event, redactor)),
            // Pings, and whatever is added later.
            _ => {}
        }
        Ok(false)
    }

    fn whole(
        &self,
        body: &Value,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<(), ModelError> {
        if text(body, "/type") == Some("error") {
            return Err(classify::in_stream("error", body, redactor));
        }
        answer.model(text(body, "/model").unwrap_or_default());
        let blocks = body.get("content").and_then(Value::as_array);
        for (key, block) in (0..).zip(blocks.into_iter().flatten()) {
            read_block(key, block, answer)?;
        }
        usage(body.get("usage"), answer);
        if let Some(reason) = text(body, "/stop_reason") {
            answer.stop(stop(reason));
        }
        Ok(())
    }

    fn list(&self) -> Result<Outgoing, ModelError> {
        self.authorised(Outgoing::get(self.endpoint.join(&["v1", "models"])?))
    }
}

fn body(request: &Request, mode: Mode) -> Value {
    let max_tokens = request.max_output_tokens.unwrap_or(DEFAULT_MAX_TOKENS);
    let mut body = json!({
        "model": request.model,
        "max_tokens": max_tokens,
        "messages": messages(request),
        "stream": mode == Mode::Stream,
    });
    let mut output = json!({});
    if let Some(effort) = request.effort {
        if let Some(budget) = budget(&request.model, effort) {
            // The budget is a part of the limit.
            let limit = max_tokens.saturating_add(budget);
            set(&mut body, "max_tokens", json!(limit));
        } else {
            set(&mut output, "effort", json!(effort.name()));
        }
        set(&mut body, "thinking", thinking(&request.model, effort));
    }
    if let Some(schema) = &request.schema {
        set(
            &mut output,
            "format",
            json!({"type": "json_schema", "schema": schema::closed(schema)}),
        );
    }
    if output.as_object().is_some_and(|fields| !fields.is_empty()) {
        set(&mut body, "output_config", output);
    }
    if let Some(system) = request
        .system
        .as_ref()
        .filter(|text| !text.trim().is_empty())
    {
        set(
            &mut body,
            "system",
            json!([cached(
                request.cache,
                json!({"type": "text", "text": system})
            )]),
        );
    }
    if !request.tools.is_empty() {
        set(&mut body, "tools", tools(request));
    }
    body
}

/// Marks a block as the end of what is worth keeping.
fn cached(cache: bool, mut block: Value) -> Value {
    if cache {
        set(&mut block, "cache_control", json!({"type": "ephemeral"}));
    }
    block
}

fn tools(request: &Request) -> Value {
    let last = request.tools.len().saturating_sub(1);
    let tools = request.tools.iter().enumerate().map(|(at, tool)| {
        let (name, description) = (&tool.name, &tool.description);
        let tool = json!({"name": name, "description": description, "input_schema": tool.schema});
        cached(request.cache && at == last, tool)
    });
    tools.collect()
}

fn messages(request: &Request) -> Value {
    let turns = turns(&request.messages);
    let last = turns.len().saturating_sub(1);
    let messages = turns.iter().enumerate().filter_map(|(at, turn)| {
        let mut content: Vec<Value> = turn
            .blocks
            .iter()
            .filter_map(|block| write_block(block))
            .collect();
        // A turn of foreign reasoning alone leaves nothing, and nothing is not taken.
        let block = content.pop()?;
        content.push(cached(request.cache && at == last, block));
        let role = if turn.is_assistant {
            "assistant"
        } else {
            "user"
        };
        Some(json!({"role": role, "content": content}))
    });
    messages.collect()
}

fn write_block(block: &Block) -> Option<Value> {
    Some(match block {
        Block::Text(text) => json!({"type": "text", "text": text}),
        Block::Image(image) => write_image(image),
        Block::ToolUse(call) => json!({
            "type": "tool_use",
            "id": safe_id(&call.id),
            "name": call.name,
            "input": call.arguments.to_object(),
        }),
        Block::ToolResult(result) => write_result(result),
        Block::Reasoning(reasoning) if reasoning.family == Family::Anthropic => {
            match (&reasoning.redacted, &reasoning.signature) {
                (Some(data), _) => json!({"type": "redacted_thinking", "data": data}),
                (None, Some(signature)) => {
                    json!({"type": "thinking", "thinking": reasoning.text, "signature": signature})
                }
                (None, None) => return None,
            }
        }
        Block::Reasoning(_) => return None,
    })
}

fn write_image(image: &Image) -> Value {
    let data = STANDARD.encode(&image.bytes);
    let source = json!({"type": "base64", "media_type": image.media_type, "data": data});
    json!({"type": "image", "source": source})
}

fn write_result(result: &ToolResult) -> Value {
    let content: Vec<Value> = result
        .content
        .iter()
        .filter(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()))
        .map(|piece| match piece {
            Piece::Text(text) => json!({"type": "text", "text": text}),
            Piece::Image(image) => write_image(image),
        })
        .collect();
    json!({
        "type": "tool_result",
        "tool_use_id": safe_id(&result.id),
        "content": content,
        "is_error": result.is_error,
    })
}

/// Reads a block that may be whole or only begun.
fn read_block(key: u64, block: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    match text(block, "/type").unwrap_or_default() {
        "text" => answer.text(text(block, "/text").unwrap_or_default()),
        "tool_use" => {
            let id = text(block, "/id").unwrap_or_default();
            answer.tool(Some(key), id, text(block, "/name").unwrap_or_default())?;
            match block.get("input") {
                Some(Value::Object(input)) if input.is_empty() => Ok(()),
                Some(input) => answer.arguments(Some(key), &input.to_string()),
                None => Ok(()),
            }
        }
        "thinking" => {
            let thinking = text(block, "/thinking").unwrap_or_default();
            answer.reasoning(key, Family::Anthropic, thinking)?;
            match text(block, "/signature").filter(|signature| !signature.is_empty()) {
                Some(signature) => answer.sign(key, Family::Anthropic, signature),
                None => Ok(()),
            }
        }
        "redacted_thinking" => answer.hidden(
            key,
            Family::Anthropic,
            text(block, "/data").unwrap_or_default(),
        ),
        _ => Ok(()),
    }
}

fn read_delta(key: u64, delta: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    let piece = |pointer| text(delta, pointer).unwrap_or_default();
    match piece("/type") {
        "text_delta" => answer.text(piece("/text")),
        "input_json_delta" => answer.arguments(Some(key), piece("/partial_json")),
        "thinking_delta" => answer.reasoning(key, Family::Anthropic, piece("/thinking")),
        "signature_delta" => answer.sign(key, Family::Anthropic, piece("/signature")),
        _ => Ok(()),
    }
}

/// Takes counts over; those of a later event stand for the whole answer.
fn usage(counts: Option<&Value>, answer: &mut Answer) {
    let Some(counts) = counts.filter(|counts| counts.is_object()) else {
        return;
    };
    let or = |pointer, before| count(counts, pointer).unwrap_or(before);
    answer.usage(|usage| {
        *usage = Usage {
            input: or("/input_tokens", usage.input),
            output: or("/output_tokens", usage.output),
            cache_read: or("/cache_read_input_tokens", usage.cache_read),
            cache_write: or("/cache_creation_input_tokens", usage.cache_write),
        };
    });
}

fn stop(reason: &str) -> Stop {
    match reason {
        "end_turn" | "stop_sequence" => Stop::EndTurn,
        "tool_use" => Stop::ToolUse,
        "max_tokens" | "model_context_window_exceeded" => Stop::MaxTokens,
        "refusal" => Stop::Refusal,
        other => Stop::Other(other.chars().take(64).collect()),
    }
}

/// Returns how a Claude is told to think; also for Amazon, which passes it on.
pub(crate) fn thinking(model: &str, effort: Effort) -> Value {
    match budget(model, effort) {
        Some(budget) => json!({"type": "enabled", "budget_tokens": budget}),
        None => json!({"type": "adaptive"}),
    }
}

/// Returns the tokens to think with, for models that do not know efforts. Together with the
/// limit on the answer they stay below what the smallest of them can write.
pub(crate) fn budget(model: &str, effort: Effort) -> Option<u32> {
    if !BUDGETED.iter().any(|name| model.contains(name)) {
        return None;
    }
    Some(match effort {
        Effort::Low => 1024,
        Effort::Medium => 8000,
        Effort::High => 16_000,
        Effort::XHigh | Effort::Max => 20_000,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(model: &str) -> Request {
        Request {
            effort: Some(Effort::High),
            temperature: Some(0.5),
            ..Request::new(model, "hi")
        }
    }

    #[test]
    fn effort_is_adaptive_where_the_model_knows_it_and_a_budget_where_not() {
        for model in [
            "claude-opus-5-5",
            "claude-sonnet-4-6",
            "claude-haiku-5-5",
            "claude-fable-5",
        ] {
            let body = body(&request(model), Mode::Stream);
            assert_eq!(body["thinking"], json!({"type": "adaptive"}), "{model}");
            assert_eq!(body["output_config"], json!({"effort": "high"}));
            assert!(body.get("temperature").is_none(), "the API refuses it");
        }
        for model in [
            "claude-haiku-4-5",
            "claude-sonnet-4-5-20250929",
            "claude-opus-4-20250514",
        ] {
            let body = body(&request(model), Mode::Stream);
            assert_eq!(body["thinking"]["budget_tokens"], 16_000, "{model}");
            assert!(body["max_tokens"].as_u64() > Some(16_000));
        }
    }

    #[test]
    fn the_ends_of_tools_system_and_conversation_are_kept_in_the_cache() {
        let mut request = Request {
            cache: true,
            effort: None,
            ..request("m")
        };
        request.system = Some("s".to_owned());
        request.tools = ["a", "b"]
            .map(|name| crate::request::Tool {
                name: name.to_owned(),
                description: String::new(),
                schema: json!({"type": "object"}),
            })
            .to_vec();
        let body = body(&request, Mode::Whole).to_string();
        assert_eq!(body.matches("cache_control").count(), 3, "{body}");
    }
}
