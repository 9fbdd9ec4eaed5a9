//! How a request is written for Amazon Bedrock's Converse.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::provider::anthropic;
use crate::request::{Block, Family, Image, Piece, Request, ToolResult};
use crate::wire::turns::{safe_id, turns};
use crate::wire::{schema, set};

/// Families that know cache points; others refuse a request that has one.
const CACHING: [&str; 2] = ["anthropic.claude", "amazon.nova"];

pub(super) fn write(request: &Request) -> Value {
    let caches = request.cache && CACHING.iter().any(|family| request.model.contains(family));
    let mut body = json!({"messages": messages(request, caches)});
    if let Some(text) = request
        .system
        .as_ref()
        .filter(|text| !text.trim().is_empty())
    {
        set(
            &mut body,
            "system",
            with_cache_point(vec![json!({"text": text})], caches),
        );
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            let mut spec = json!({"name": tool.name, "inputSchema": {"json": tool.schema}});
            if !tool.description.is_empty() {
                set(&mut spec, "description", json!(tool.description));
            }
            json!({"toolSpec": spec})
        });
        set(
            &mut body,
            "toolConfig",
            json!({"tools": with_cache_point(tools.collect(), caches)}),
        );
    }
    let mut inference = json!({});
    if let Some(most) = request.max_output_tokens {
        let thinks = budget(request).unwrap_or_default();
        set(
            &mut inference,
            "maxTokens",
            json!(most.saturating_add(thinks)),
        );
    }
    if let Some(temperature) = request.temperature.filter(|_| request.effort.is_none()) {
        set(&mut inference, "temperature", json!(temperature));
    }
    set_fields(&mut body, "inferenceConfig", inference);
    set_fields(&mut body, "outputConfig", output(request));
    if let Some(effort) = request.effort.filter(|_| is_claude(request)) {
        let fields = json!({"thinking": anthropic::thinking(&request.model, effort)});
        set(&mut body, "additionalModelRequestFields", fields);
    }
    body
}

fn output(request: &Request) -> Value {
    let mut output = json!({});
    if let Some(effort) = request.effort.filter(|_| budget(request).is_none()) {
        set(&mut output, "effort", json!(effort.name()));
    }
    if let Some(wanted) = &request.schema {
        // The schema is a text here.
        let schema = schema::closed(wanted).to_string();
        let structure = json!({"jsonSchema": {"schema": schema, "name": "answer"}});
        set(
            &mut output,
            "textFormat",
            json!({"type": "json_schema", "structure": structure}),
        );
    }
    output
}

/// Returns the tokens to think with, for those Claudes that do not know efforts.
fn budget(request: &Request) -> Option<u32> {
    let effort = request.effort.filter(|_| is_claude(request))?;
    anthropic::budget(&request.model, effort)
}

fn is_claude(request: &Request) -> bool {
    request.model.contains("anthropic.claude")
}

fn set_fields(body: &mut Value, name: &str, fields: Value) {
    if fields.as_object().is_some_and(|fields| !fields.is_empty()) {
        set(body, name, fields);
    }
}

fn with_cache_point(mut blocks: Vec<Value>, caches: bool) -> Value {
    if caches {
        blocks.push(json!({"cachePoint": {"type": "default"}}));
    }
    Value::Array(blocks)
}

fn messages(request: &Request, caches: bool) -> Value {
    let turns = turns(&request.messages);
    let last = turns.len().saturating_sub(1);
    let messages = turns.iter().enumerate().filter_map(|(at, turn)| {
        let content: Vec<Value> = turn
            .blocks
            .iter()
            .filter_map(|block| write_block(block))
            .collect();
        if content.is_empty() {
            return None;
        }
        let content = with_cache_point(content, caches && at == last);
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
        Block::Text(text) => json!({"text": text}),
        Block::Image(image) => write_image(image),
        Block::ToolUse(call) => json!({"toolUse": {
            "toolUseId": safe_id(&call.id),
            "name": call.name,
            "input": call.arguments.to_object(),
        }}),
        Block::ToolResult(result) => write_result(result),
        Block::Reasoning(reasoning) if reasoning.family == Family::Bedrock => {
            let content = match (&reasoning.redacted, &reasoning.signature) {
                (Some(data), _) => json!({"redactedContent": data}),
                (None, Some(signature)) => {
                    json!({"reasoningText": {"text": reasoning.text, "signature": signature}})
                }
                (None, None) => return None,
            };
            json!({"reasoningContent": content})
        }
        Block::Reasoning(_) => return None,
    })
}

fn write_image(image: &Image) -> Value {
    let format = match image.media_type.as_str() {
        "image/jpg" => "jpeg",
        other => other.strip_prefix("image/").unwrap_or(other),
    };
    json!({"image": {"format": format, "source": {"bytes": STANDARD.encode(&image.bytes)}}})
}

fn write_result(result: &ToolResult) -> Value {
    let content: Vec<Value> = result
        .content
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => json!({"text": text}),
            Piece::Image(image) => write_image(image),
        })
        .collect();
    let status = if result.is_error { "error" } else { "success" };
    let id = safe_id(&result.id);
    json!({"toolResult": {"toolUseId": id, "content": content, "status": status}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_families_that_know_cache_points_get_them() {
        let points = |model: &str| {
            let request = Request {
                cache: true,
                ..Request::new(model, "hi")
            };
            write(&request).to_string().matches("cachePoint").count()
        };
        assert_eq!(points("us.anthropic.claude-opus-5"), 1);
        assert_eq!(points("meta.llama4"), 0);
    }

    #[test]
    fn effort_is_told_to_each_model_in_its_own_way() {
        let body = |model: &str| {
            let effort = Some(crate::request::Effort::Low);
            let max_output_tokens = Some(100);
            write(&Request {
                effort,
                max_output_tokens,
                ..Request::new(model, "hi")
            })
        };
        let old = body("anthropic.claude-haiku-4-5-20251001-v1:0");
        assert_eq!(
            old["additionalModelRequestFields"]["thinking"]["budget_tokens"],
            1024
        );
        assert_eq!(old["inferenceConfig"]["maxTokens"], 1124);
        assert!(old.get("outputConfig").is_none());
        let new = body("us.anthropic.claude-opus-5");
        assert_eq!(
            new["additionalModelRequestFields"]["thinking"]["type"],
            "adaptive"
        );
        assert_eq!(new["outputConfig"]["effort"], "low");
        assert!(
            body("amazon.nova-2-lite-v1:0")
                .get("additionalModelRequestFields")
                .is_none()
        );
    }

    #[test]
    fn the_schema_of_an_answer_is_a_text() {
        let schema = Some(json!({"type": "object", "properties": {}}));
        let body = write(&Request {
            schema,
            ..Request::new("m", "hi")
        });
        let text = body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"].as_str();
        assert!(text.is_some_and(|text| text.contains("additionalProperties")));
    }
}
