//! How Gemini's `generateContent` is spoken, with an API key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::error::ModelError;
use crate::provider::{Endpoint, Mode, Speak};
use crate::redact::Redactor;
use crate::request::{Block, Effort, Image, Message, Piece, Request, ToolResult};
use crate::response::{Stop, Usage};
use crate::secret::{Secret, Slot};
use crate::wire::answer::{Answer, OWN_ID};
use crate::wire::turns::{tool_of, turns};
use crate::wire::{Frame, Outgoing, classify, count, set, text};

/// Where Gemini answers.
const ADDRESS: &str = "https://generativelanguage.googleapis.com";

/// Gemini with an API key.
#[derive(Debug, Clone)]
pub struct Gemini {
    endpoint: Endpoint,
    key: Slot<Secret>,
}

impl Gemini {
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
}

impl Speak for Gemini {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![self.key.get()]
    }

    fn write(&self, request: &Request, mode: Mode) -> Result<Outgoing, ModelError> {
        let model = request
            .model
            .strip_prefix("models/")
            .unwrap_or(&request.model);
        let mut url = self.endpoint.join(&["v1", "models", model])?;
        call_method(&mut url, mode);
        // In a header rather than in the address: addresses are logged.
        Outgoing::post(url, &body(request)).key("x-goog-api-key", "", &self.key.get())
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
        read_chunk(body, answer, redactor)
    }

    /// There is no event at the end of these streams.
    fn may_end_silently(&self) -> bool {
        true
    }

    fn list(&self) -> Result<Outgoing, ModelError> {
        let url = self.endpoint.join(&["v1", "models"])?;
        Outgoing::get(url).key("x-goog-api-key", "", &self.key.get())
    }
}

/// Adds the method to the address of a model.
pub(crate) fn call_method(url: &mut reqwest::Url, mode: Mode) {
    let method = match mode {
        Mode::Stream => "streamGenerateContent",
        Mode::Whole => "generateContent",
    };
    let path = format!("{}:{method}", url.path());
    url.set_path(&path);
    if mode == Mode::Stream {
        url.set_query(Some("alt=sse"));
    }
}

pub(crate) fn body(request: &Request) -> Value {
    let mut body = json!({"contents": contents(&request.messages)});
    if let Some(system) = request
        .system
        .as_ref()
        .filter(|text| !text.trim().is_empty())
    {
        set(
            &mut body,
            "systemInstruction",
            json!({"parts": [{"text": system}]}),
        );
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            let (name, description) = (&tool.name, &tool.description);
            json!({"name": name, "description": description, "parametersJsonSchema": tool.schema})
        });
        set(
            &mut body,
            "tools",
            json!([{"functionDeclarations": tools.collect::<Vec<_>>()}]),
        );
    }
    let config = generation(request);
    if config.as_object().is_some_and(|fields| !fields.is_empty()) {
        set(&mut body, "generationConfig", config);
    }
    body
}

fn generation(request: &Request) -> Value {
    let mut config = json!({});
    if let Some(most) = request.max_output_tokens {
        set(&mut config, "maxOutputTokens", json!(most));
    }
    if let Some(temperature) = request.temperature {
        set(&mut config, "temperature", json!(temperature));
    }
    if let Some(schema) = &request.schema {
        set(&mut config, "responseMimeType", json!("application/json"));
        set(&mut config, "responseJsonSchema", schema.clone());
    }
    if let Some(effort) = request.effort {
        let thinking = if request.model.contains("gemini-2.") {
            json!({"thinkingBudget": budget(effort)})
        } else {
            json!({"thinkingLevel": level(effort)})
        };
        set(&mut config, "thinkingConfig", thinking);
    }
    config
}

fn contents(messages: &[Message]) -> Value {
    let turns = turns(messages).into_iter().map(|turn| {
        let parts: Vec<Value> = turn
            .blocks
            .iter()
            .flat_map(|block| write_block(block, messages))
            .collect();
        json!({"role": if turn.is_assistant { "model" } else { "user" }, "parts": parts})
    });
    turns
        .filter(|turn| turn.get("parts") != Some(&json!([])))
        .collect()
}

fn write_block(block: &Block, messages: &[Message]) -> Vec<Value> {
    match block {
        Block::Text(text) => vec![json!({"text": text})],
        Block::Image(image) => vec![write_image(image)],
        Block::ToolUse(call) => {
            let mut function = json!({"name": call.name, "args": call.arguments.to_object()});
            set_id(&mut function, &call.id);
            let mut part = json!({"functionCall": function});
            if let Some(signature) = &call.signature {
                set(&mut part, "thoughtSignature", json!(signature));
            }
            vec![part]
        }
        Block::ToolResult(result) => write_result(result, messages),
        // What Gemini thought comes back as the signature of a call.
        Block::Reasoning(_) => Vec::new(),
    }
}

fn write_image(image: &Image) -> Value {
    let data = STANDARD.encode(&image.bytes);
    json!({"inlineData": {"mimeType": image.media_type, "data": data}})
}

/// A result is tied to its call by the function's name, and by an id where Gemini gave one.
fn write_result(result: &ToolResult, messages: &[Message]) -> Vec<Value> {
    let texts = result.content.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        Piece::Image(_) => None,
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    let name = tool_of(messages, &result.id).unwrap_or("unknown");
    let key = if result.is_error { "error" } else { "result" };
    let mut response = json!({"name": name, "response": {key: text}});
    set_id(&mut response, &result.id);
    let pictures = result.content.iter().filter_map(|piece| match piece {
        Piece::Image(image) => Some(write_image(image)),
        Piece::Text(_) => None,
    });
    std::iter::once(json!({"functionResponse": response}))
        .chain(pictures)
        .collect()
}

/// Ids that this library made up mean nothing to Gemini.
fn set_id(object: &mut Value, id: &str) {
    if !id.starts_with(OWN_ID) {
        set(object, "id", json!(id));
    }
}

pub(crate) fn read(
    frame: &Frame,
    answer: &mut Answer,
    redactor: &Redactor,
) -> Result<bool, ModelError> {
    read_chunk(&frame.json()?, answer, redactor)?;
    Ok(false)
}

pub(crate) fn read_chunk(
    chunk: &Value,
    answer: &mut Answer,
    redactor: &Redactor,
) -> Result<(), ModelError> {
    if chunk.get("error").is_some() || chunk.pointer("/0/error").is_some() {
        return Err(classify::in_stream(
            "",
            chunk.get(0).unwrap_or(chunk),
            redactor,
        ));
    }
    if let Some(reason) = text(chunk, "/promptFeedback/blockReason") {
        return Err(ModelError::Refused(redactor.clean(reason)));
    }
    answer.model(text(chunk, "/modelVersion").unwrap_or_default());
    let parts = chunk
        .pointer("/candidates/0/content/parts")
        .and_then(Value::as_array);
    for part in parts.into_iter().flatten() {
        read_part(part, answer)?;
    }
    if let Some(reason) = text(chunk, "/candidates/0/finishReason") {
        answer.stop(stop(reason)?);
    }
    usage(chunk, answer);
    Ok(())
}

fn read_part(part: &Value, answer: &mut Answer) -> Result<(), ModelError> {
    let words = text(part, "/text").unwrap_or_default();
    if part.get("thought") == Some(&Value::Bool(true)) {
        answer.reasoning_seen(words);
        return Ok(());
    }
    answer.text(words)?;
    let Some(call) = part.get("functionCall") else {
        return Ok(());
    };
    let id = text(call, "/id").unwrap_or_default();
    answer.tool(None, id, text(call, "/name").unwrap_or_default())?;
    if let Some(arguments) = call.get("args").filter(|args| !args.is_null()) {
        answer.arguments(None, &arguments.to_string())?;
    }
    match text(part, "/thoughtSignature") {
        Some(signature) => answer.tool_signature(signature),
        None => Ok(()),
    }
}

/// Gemini counts what it read from the cache into the prompt, and thoughts apart from the answer.
fn usage(chunk: &Value, answer: &mut Answer) {
    let Some(counts) = chunk.get("usageMetadata") else {
        return;
    };
    let of = |pointer| count(counts, pointer).unwrap_or_default();
    let cache_read = of("/cachedContentTokenCount");
    let prompt = of("/promptTokenCount").saturating_add(of("/toolUsePromptTokenCount"));
    let input = prompt.saturating_sub(cache_read);
    let output = of("/candidatesTokenCount").saturating_add(of("/thoughtsTokenCount"));
    answer.usage(|usage| {
        *usage = Usage {
            input,
            output,
            cache_read,
            cache_write: 0,
        }
    });
}

fn stop(reason: &str) -> Result<Stop, ModelError> {
    Ok(match reason {
        "STOP" => Stop::EndTurn,
        "MAX_TOKENS" => Stop::MaxTokens,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE"
        | "IMAGE_SAFETY" | "MODEL_ARMOR" => Stop::Refusal,
        // There is no answer in these: the model wrote a call that Gemini itself could not read.
        "MALFORMED_FUNCTION_CALL" | "UNEXPECTED_TOOL_CALL" | "MALFORMED_RESPONSE" => {
            return Err(ModelError::Malformed(
                "the model wrote a call that cannot be read".to_owned(),
            ));
        }
        other => Stop::Other(other.chars().take(64).collect()),
    })
}

const fn level(effort: Effort) -> &'static str {
    match effort {
        Effort::Low => "LOW",
        Effort::Medium => "MEDIUM",
        Effort::High | Effort::XHigh | Effort::Max => "HIGH",
    }
}

const fn budget(effort: Effort) -> u32 {
    match effort {
        Effort::Low => 1024,
        Effort::Medium => 8192,
        Effort::High | Effort::XHigh | Effort::Max => 24_576,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Arguments, Role, ToolCall};

    #[test]
    fn a_result_finds_the_name_of_its_call_and_made_up_ids_are_left_out() {
        let call = |id: &str| {
            Block::ToolUse(ToolCall {
                id: id.to_owned(),
                name: "t".to_owned(),
                arguments: Arguments::Json(json!({})),
                signature: Some("sig".to_owned()),
            })
        };
        let own = format!("{OWN_ID}0");
        let results = [own.as_str(), "real"].map(|id| Block::ToolResult(ToolResult::text(id, "r")));
        let messages = [
            Message {
                role: Role::Assistant,
                blocks: vec![call(&own), call("real")],
            },
            Message {
                role: Role::Tool,
                blocks: results.to_vec(),
            },
        ];
        let contents = contents(&messages);
        assert_eq!(contents[0]["parts"][0]["thoughtSignature"], "sig");
        assert_eq!(contents[1]["parts"][0]["functionResponse"]["name"], "t");
        assert!(
            contents[1]["parts"][0]["functionResponse"]
                .get("id")
                .is_none()
        );
        assert_eq!(contents[1]["parts"][1]["functionResponse"]["id"], "real");
    }

    #[test]
    fn effort_is_a_level_or_a_budget_by_the_model() {
        let config = |model| {
            let effort = Some(Effort::Max);
            generation(&Request {
                effort,
                ..Request::new(model, "")
            })["thinkingConfig"]
                .clone()
        };
        assert_eq!(config("gemini-2.5-pro"), json!({"thinkingBudget": 24_576}));
        assert_eq!(config("gemini-4-argon"), json!({"thinkingLevel": "HIGH"}));
    }
}
