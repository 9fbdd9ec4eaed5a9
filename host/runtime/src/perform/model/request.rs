//! Reads the request that `call/doors.rs` composed.

use lazaret_models::{
    Arguments, Block, Effort, Message, Piece, Request, Role, Tool, ToolCall, ToolResult,
};
use serde_json::Value;

use super::reasoning;
use crate::picture;

/// Reads a request to the model of that name.
pub(super) fn read(model: &str, value: &Value) -> Result<Request, String> {
    let mut request = Request {
        model: model.to_owned(),
        schema: value
            .get("schema")
            .filter(|schema| !schema.is_null())
            .cloned(),
        effort: value.get("effort").and_then(Value::as_str).and_then(effort),
        max_output_tokens: value
            .get("max_output_tokens")
            .and_then(Value::as_u64)
            .and_then(|tokens| u32::try_from(tokens).ok()),
        cache: true,
        ..Request::default()
    };
    for tool in items(value, "tools") {
        request.tools.push(Tool {
            name: text(tool, "name"),
            description: text(tool, "description"),
            schema: tool.get("schema").cloned().unwrap_or_default(),
        });
    }
    for message in items(value, "messages") {
        let blocks = items(message, "blocks");
        match text(message, "role").as_str() {
            "system" => {
                let said: Vec<String> = blocks.iter().map(|block| text(block, "text")).collect();
                request
                    .system
                    .get_or_insert_default()
                    .push_str(&said.join("\n"));
            }
            role => {
                let thoughts = blocks.iter().filter(|one| text(one, "type") == "reasoning");
                let thoughts: Vec<String> = thoughts.map(|one| text(one, "text")).collect();
                let mut blocks: Vec<Block> = blocks.iter().filter_map(block).collect();
                reasoning::sign(&thoughts, &mut blocks);
                request.messages.push(Message {
                    role: speaker(role)?,
                    blocks,
                });
            }
        }
    }
    Ok(request)
}

fn speaker(role: &str) -> Result<Role, String> {
    match role {
        "user" => Ok(Role::User),
        "assistant" => Ok(Role::Assistant),
        "tool" => Ok(Role::Tool),
        other => Err(format!("there is no role `{other}`")),
    }
}

fn block(value: &Value) -> Option<Block> {
    Some(match text(value, "type").as_str() {
        "tool_use" => Block::ToolUse(ToolCall {
            id: text(value, "id"),
            name: text(value, "name"),
            arguments: Arguments::Json(value.get("arguments").cloned().unwrap_or_default()),
            signature: None,
        }),
        "tool_result" => Block::ToolResult(ToolResult {
            id: text(value, "id"),
            content: vec![shown(text(value, "text"), Piece::Image, Piece::Text)],
            is_error: value.get("is_error") == Some(&Value::Bool(true)),
        }),
        "reasoning" => Block::Reasoning(reasoning::read(&text(value, "text"))?),
        "content" => shown(text(value, "text"), Block::Image, Block::Text),
        _ => Block::Text(text(value, "text")),
    })
}

/// A content is shown as what it is.
fn shown<T>(
    text: String,
    as_image: impl FnOnce(lazaret_models::Image) -> T,
    as_text: impl FnOnce(String) -> T,
) -> T {
    match picture::shown_by(&text) {
        Some(image) => as_image(image),
        None => as_text(text),
    }
}

fn effort(word: &str) -> Option<Effort> {
    Some(match word {
        "low" => Effort::Low,
        "medium" => Effort::Medium,
        "high" => Effort::High,
        "xhigh" => Effort::XHigh,
        "max" => Effort::Max,
        _ => return None,
    })
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A content may be any JSON; a model reads it as text.
pub(super) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}
