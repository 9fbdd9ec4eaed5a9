//! How OpenAI's chat completions are spoken, by OpenAI and by the many servers that copy it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::error::ModelError;
use crate::provider::{Endpoint, Mode, Speak};
use crate::redact::Redactor;
use crate::request::{Block, Image, Message, Piece, Request, Role, ToolResult};
use crate::response::{Stop, Usage};
use crate::secret::{Secret, Slot};
use crate::wire::answer::Answer;
use crate::wire::{Frame, Outgoing, classify, count, schema, set, text};

/// Where OpenAI answers.
const ADDRESS: &str = "https://api.openai.com/v1";

/// OpenAI, or a server that speaks like it.
#[derive(Debug, Clone)]
pub struct OpenAi {
    endpoint: Endpoint,
    key: Slot<Secret>,
    dialect: Dialect,
    /// Whether a copy turned out to take schemas beside `json_object` only.
    takes_objects: Arc<AtomicBool>,
}

/// Whose understanding of the format is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenAI's own, also at Azure.
    Original,
    /// That of servers which copy it: older names, and ends of streams that say less.
    Copy,
    /// That of copies which take the schema of an answer beside `json_object` only, as
    /// llama-cpp-python does.
    Object,
}

impl OpenAi {
    /// Makes OpenAI itself.
    pub fn new(key: impl Into<Slot<Secret>>) -> Result<Self, ModelError> {
        let endpoint = Endpoint::parse(ADDRESS)?;
        Ok(Self {
            endpoint,
            key: key.into(),
            dialect: Dialect::Original,
            takes_objects: Arc::default(),
        })
    }

    /// Makes a server that speaks like OpenAI. Its address usually ends in `/v1`; an empty key
    /// stands for none.
    pub fn compatible(address: &str, key: impl Into<Slot<Secret>>) -> Result<Self, ModelError> {
        let endpoint = Endpoint::parse(address)?;
        Ok(Self {
            endpoint,
            key: key.into(),
            dialect: Dialect::Copy,
            takes_objects: Arc::default(),
        })
    }

    /// The same server, which takes the schema of an answer beside `json_object` only.
    #[must_use]
    pub fn with_json_objects(self) -> Self {
        Self {
            dialect: Dialect::Object,
            ..self
        }
    }

    /// Makes OpenAI at another address, such as a gateway's; it has to end streams as OpenAI does.
    pub fn at(address: &str, key: impl Into<Slot<Secret>>) -> Result<Self, ModelError> {
        Ok(Self {
            dialect: Dialect::Original,
            ..Self::compatible(address, key)?
        })
    }

    fn dialect(&self) -> Dialect {
        if self.takes_objects.load(Ordering::Relaxed) {
            Dialect::Object
        } else {
            self.dialect
        }
    }
}

impl Speak for OpenAi {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.key.get()]
    }

    fn write(&self, request: &Request, mode: Mode) -> Result<Outgoing, ModelError> {
        let url = self.endpoint.join(&["chat", "completions"])?;
        let body = body(request, mode, self.dialect());
        Outgoing::post(url, &body).key("authorization", "Bearer ", &self.key.get())
    }

    fn read(
        &self,
        frame: &Frame,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<bool, ModelError> {
        read(frame, answer, redactor)
    }

    fn whole(
        &self,
        body: &Value,
        answer: &mut Answer,
        redactor: &Redactor,
    ) -> Result<(), ModelError> {
        whole(body, answer, redactor)
    }

    fn may_end_silently(&self) -> bool {
        self.dialect != Dialect::Original
    }

    /// A copy that names the field of the schema in its refusal gets it in the older form from
    /// then on.
    fn learn(&self, request: &Request, error: &ModelError) -> bool {
        let names_it =
            |text: &str| text.contains("response_format") || text.contains("json_schema");
        let refused = match error {
            // llama-cpp-python calls it a failure of its own.
            ModelError::BadRequest { text, .. } | ModelError::Failed { text, .. } => names_it(text),
            _ => false,
        };
        if self.dialect != Dialect::Copy || request.schema.is_none() || !refused {
            return false;
        }
        self.takes_objects.store(true, Ordering::Relaxed);
        true
    }

    fn list(&self) -> Result<Outgoing, ModelError> {
        let url = self.endpoint.join(&["models"])?;
        Outgoing::get(url).key("authorization", "Bearer ", &self.key.get())
    }
}

pub(crate) fn body(request: &Request, mode: Mode, dialect: Dialect) -> Value {
    let mut body = json!({"model": request.model, "messages": messages(request)});
    if mode == Mode::Stream {
        set(&mut body, "stream", json!(true));
        set(&mut body, "stream_options", json!({"include_usage": true}));
    }
    if let Some(most) = request.max_output_tokens {
        let name = match dialect {
            Dialect::Original => "max_completion_tokens",
            Dialect::Copy | Dialect::Object => "max_tokens",
        };
        set(&mut body, name, json!(most));
    }
    if let Some(effort) = request.effort {
        set(&mut body, "reasoning_effort", json!(effort.name()));
    }
    // Models that reason refuse it; copies mostly serve models that do not.
    if let Some(temperature) = request.temperature
        && (request.effort.is_none() || dialect != Dialect::Original)
    {
        set(&mut body, "temperature", json!(temperature));
    }
    if let Some(schema) = &request.schema {
        set(
            &mut body,
            "response_format",
            response_format(schema, dialect),
        );
    }
    if !request.tools.is_empty() {
        set(&mut body, "tools", tools(request));
    }
    body
}

fn response_format(schema: &Value, dialect: Dialect) -> Value {
    match dialect {
        Dialect::Object => json!({"type": "json_object", "schema": schema}),
        Dialect::Original | Dialect::Copy => {
            let strict = schema::is_strict(schema);
            let format = json!({"name": "answer", "schema": schema, "strict": strict});
            json!({"type": "json_schema", "json_schema": format})
        }
    }
}

fn tools(request: &Request) -> Value {
    let tools = request.tools.iter().map(|tool| {
        let (name, description) = (&tool.name, &tool.description);
        let function = json!({"name": name, "description": description, "parameters": tool.schema});
        json!({"type": "function", "function": function})
    });
    tools.collect()
}

fn messages(request: &Request) -> Vec<Value> {
    let system = request
        .system
        .as_ref()
        .filter(|text| !text.trim().is_empty());
    let system = system.map(|text| json!({"role": "system", "content": text}));
    system
        .into_iter()
        .chain(request.messages.iter().flat_map(write_message))
        .collect()
}

fn write_message(message: &Message) -> Vec<Value> {
    match message.role {
        Role::User => vec![json!({"role": "user", "content": write_user(&message.blocks)})],
        Role::Assistant => vec![write_assistant(&message.blocks)],
        Role::Tool => write_results(&message.blocks),
    }
}

/// Text alone is written as one text, since some servers understand nothing else: a local
/// model's own template often joins strings only.
fn write_user(blocks: &[Block]) -> Value {
    let texts = blocks.iter().map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        Block::Image(_) | Block::ToolUse(_) | Block::ToolResult(_) | Block::Reasoning(_) => None,
    });
    if let Some(texts) = texts.collect::<Option<Vec<_>>>() {
        return json!(texts.join("\n"));
    }
    let parts = blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(json!({"type": "text", "text": text})),
        Block::Image(image) => Some(write_image(image)),
        Block::ToolUse(_) | Block::ToolResult(_) | Block::Reasoning(_) => None,
    });
    parts.collect()
}

fn write_image(image: &Image) -> Value {
    let data = STANDARD.encode(&image.bytes);
    let url = format!("data:{};base64,{data}", image.media_type);
    json!({"type": "image_url", "image_url": {"url": url}})
}

fn write_assistant(blocks: &[Block]) -> Value {
    let texts = blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let text = texts.collect::<Vec<_>>().concat();
    let calls = blocks.iter().filter_map(|block| match block {
        Block::ToolUse(call) => {
            let arguments = call.arguments.to_object().to_string();
            let function = json!({"name": call.name, "arguments": arguments});
            Some(json!({"id": call.id, "type": "function", "function": function}))
        }
        _ => None,
    });
    let calls: Vec<Value> = calls.collect();
    let content = if text.is_empty() && !calls.is_empty() {
        Value::Null
    } else {
        json!(text)
    };
    let mut message = json!({"role": "assistant", "content": content});
    if !calls.is_empty() {
        set(&mut message, "tool_calls", json!(calls));
    }
    message
}

/// Writes one message per result. Pictures cannot be part of one, so they follow as the user's.
fn write_results(blocks: &[Block]) -> Vec<Value> {
    let results = blocks.iter().filter_map(|block| match block {
        Block::ToolResult(result) => Some(result),
        _ => None,
    });
    let (mut messages, mut pictures) = (Vec::new(), Vec::new());
    for result in results {
        messages.push(write_result(result));
        for piece in &result.content {
            if let Piece::Image(image) = piece {
                pictures.push(json!({"type": "text", "text": format!("from call {}:", result.id)}));
                pictures.push(write_image(image));
            }
        }
    }
    if !pictures.is_empty() {
        messages.push(json!({"role": "user", "content": pictures}));
    }
    messages
}

fn write_result(result: &ToolResult) -> Value {
    let texts = result.content.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Image(_) => "[the picture follows]",
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    let content = if result.is_error {
        format!("error: {text}")
    } else {
        text
    };
    json!({"role": "tool", "tool_call_id": result.id, "content": content})
}

pub(crate) fn read(
    frame: &Frame,
    answer: &mut Answer,
    redactor: &Redactor,
) -> Result<bool, ModelError> {
    if frame.data.trim_ascii() == b"[DONE]" {
        return Ok(true);
    }
    let chunk = frame.json()?;
    fail_on_error(&chunk, &frame.name, redactor)?;
    answer.model(text(&chunk, "/model").unwrap_or_default());
    if let Some(choice) = chunk.pointer("/choices/0") {
        if let Some(delta) = choice.get("delta") {
            read_part(delta, answer)?;
        }
        read_stop(choice, answer);
    }
    usage(&chunk, answer);
    Ok(false)
}

pub(crate) fn whole(
    body: &Value,
    answer: &mut Answer,
    redactor: &Redactor,
) -> Result<(), ModelError> {
    fail_on_error(body, "", redactor)?;
    answer.model(text(body, "/model").unwrap_or_default());
    let choice = body.pointer("/choices/0");
    let choice =
        choice.ok_or_else(|| ModelError::Malformed("there is no choice in it".to_owned()))?;
    if let Some(message) = choice.get("message") {
        read_part(message, answer)?;
    }
    read_stop(choice, answer);
    usage(body, answer);
    Ok(())
}

fn fail_on_error(body: &Value, kind: &str, redactor: &Redactor) -> Result<(), ModelError> {
    match body.get("error") {
        Some(Value::Null) | None => Ok(()),
        Some(_) => Err(classify::in_stream(kind, body, redactor)),
    }
}

/// Reads a message, whole or in part: the fields are the same.
fn read_part(part: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    for name in ["/reasoning_content", "/reasoning"] {
        answer.reasoning_seen(text(part, name).unwrap_or_default());
    }
    match part.get("content") {
        Some(Value::String(content)) => answer.text(content)?,
        // Some servers send a list of typed parts.
        Some(Value::Array(parts)) => {
            for part in parts {
                answer.text(text(part, "/text").unwrap_or_default())?;
            }
        }
        _ => {}
    }
    if let Some(refusal) = text(part, "/refusal").filter(|refusal| !refusal.is_empty()) {
        answer.text(refusal)?;
        answer.stop(Stop::Refusal);
    }
    let calls = part.get("tool_calls").and_then(Value::as_array);
    for call in calls.into_iter().flatten() {
        read_call(call, answer)?;
    }
    Ok(())
}

/// Reads a call or a piece of one. Pieces belong together by `index`; servers that leave it out
/// send either whole calls or an id with each new one.
fn read_call(call: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    let index = count(call, "/index");
    let id = text(call, "/id").unwrap_or_default();
    let name = text(call, "/function/name").unwrap_or_default();
    let begins = match index {
        Some(index) => !answer.has_tool(index),
        None => !id.is_empty() || !name.is_empty(),
    };
    if begins {
        answer.tool(index, id, name)?;
    }
    match call.pointer("/function/arguments") {
        Some(Value::String(piece)) => answer.arguments(index, piece),
        Some(object @ Value::Object(_)) => answer.arguments(index, &object.to_string()),
        _ => Ok(()),
    }
}

fn read_stop(choice: &Value, answer: &mut Answer) {
    let Some(reason) = text(choice, "/finish_reason") else {
        return;
    };
    let stop = match reason {
        // A refusal ends with `stop` too.
        "stop" if answer.has_stop() => return,
        "stop" => Stop::EndTurn,
        "tool_calls" | "function_call" => Stop::ToolUse,
        "length" => Stop::MaxTokens,
        "content_filter" => Stop::Refusal,
        other => Stop::Other(other.chars().take(64).collect()),
    };
    answer.stop(stop);
}

/// OpenAI's prompt tokens include those of the cache.
fn usage(body: &Value, answer: &mut Answer) {
    let Some(counts) = body.get("usage").filter(|counts| counts.is_object()) else {
        return;
    };
    let of = |pointer| count(counts, pointer).unwrap_or_default();
    let cache_read = of("/prompt_tokens_details/cached_tokens");
    let cache_write = of("/prompt_tokens_details/cache_write_tokens");
    let cached = cache_read.saturating_add(cache_write);
    let input = of("/prompt_tokens").saturating_sub(cached);
    let output = of("/completion_tokens");
    answer.usage(|usage| {
        *usage = Usage {
            input,
            output,
            cache_read,
            cache_write,
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::request::{Arguments, Effort};

    fn read_all(chunks: &[Value]) -> crate::response::Response {
        let mut answer = Answer::new(Limits::default(), Redactor::default());
        for chunk in chunks {
            let data = chunk.to_string().into_bytes();
            let frame = Frame {
                name: String::new(),
                exception: false,
                data,
            };
            read(&frame, &mut answer, &Redactor::default()).expect("a chunk");
        }
        answer.finish("m", 0).expect("an answer")
    }

    fn delta(delta: &Value) -> Value {
        json!({"choices": [{"index": 0, "delta": delta}]})
    }

    fn end(reason: &str) -> Value {
        json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    }

    #[test]
    fn calls_without_an_index_are_told_apart_by_their_ids() {
        let call = |id: &str, arguments: &str| {
            delta(
                &json!({"tool_calls": [{"id": id, "function": {"name": "t", "arguments": arguments}}]}),
            )
        };
        let more = delta(&json!({"tool_calls": [{"function": {"arguments": "\":2}"}}]}));
        let response = read_all(&[call("a", "{}"), call("b", "{\"n"), more, end("stop")]);
        assert_eq!(response.tool_calls.len(), 2);
        assert_eq!(
            response.tool_calls[1].arguments,
            Arguments::Json(json!({"n": 2}))
        );
        assert_eq!(response.stop, Stop::ToolUse);
    }

    #[test]
    fn arguments_that_come_as_an_object_are_taken() {
        let call =
            json!({"tool_calls": [{"index": 0, "function": {"name": "t", "arguments": {"n": 1}}}]});
        let response = read_all(&[delta(&call), end("tool_calls")]);
        assert_eq!(
            response.tool_calls[0].arguments,
            Arguments::Json(json!({"n": 1}))
        );
        assert!(!response.tool_calls[0].id.is_empty());
    }

    #[test]
    fn a_refusal_is_text_and_a_reason_to_stop() {
        let response = read_all(&[delta(&json!({"refusal": "I will not"})), end("stop")]);
        assert_eq!(
            (response.text.as_str(), response.stop),
            ("I will not", Stop::Refusal)
        );
    }

    #[test]
    fn cached_tokens_are_not_counted_twice() {
        let counts = json!({"usage": {"prompt_tokens": 10, "completion_tokens": 3,
            "prompt_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 1}}, "choices": []});
        let response = read_all(&[end("stop"), counts]);
        let want = Usage {
            input: 3,
            output: 3,
            cache_read: 6,
            cache_write: 1,
        };
        assert_eq!(response.usage, want);
    }

    #[test]
    fn texts_are_one_text_and_parts_only_beside_a_picture() {
        let texts = ["a", "b"].map(|text| Block::Text(text.to_owned()));
        assert_eq!(write_user(&texts), "a\nb");
        let picture = Block::Image(Image {
            media_type: "image/png".to_owned(),
            bytes: vec![0],
        });
        let [a, b] = texts;
        let parts = write_user(&[a, picture, b]);
        assert_eq!(parts[0]["text"], "a");
        assert_eq!(parts[1]["type"], "image_url");
        assert_eq!(parts[2]["text"], "b");
    }

    #[test]
    fn the_dialects_differ_where_servers_do() {
        let request = Request {
            max_output_tokens: Some(5),
            temperature: Some(0.0),
            effort: Some(Effort::Max),
            ..Request::new("m", "hi")
        };
        let original = body(&request, Mode::Stream, Dialect::Original);
        assert_eq!(original["max_completion_tokens"], 5);
        assert!(original.get("temperature").is_none() && original.get("max_tokens").is_none());
        let copy = body(&request, Mode::Stream, Dialect::Copy);
        assert_eq!(copy["max_tokens"], 5);
        assert_eq!(copy["temperature"], 0.0);
        assert_eq!(copy["messages"][0]["content"], "hi");
    }
}
