//! Asks a language model: the permitted request, with its contents filled in.

use lazaret_models::{
    Arguments, Block, Call, Effort, Message, Piece, Request, Response, Role, Tool, ToolCall,
    ToolResult,
};
use serde_json::{Value, json};

use super::{Output, input};
use crate::call::Caller;
use crate::payload::Payload;

pub(super) async fn ask(
    caller: &Caller,
    alias: &str,
    inputs: &[(String, Payload)],
) -> Result<Output, String> {
    let run = caller.run();
    let model = run
        .models
        .get(alias)
        .ok_or_else(|| format!("there is no model `{alias}`"))?;
    let request = request(&model.id, &input(inputs, "request")?.to_value())?;
    let call = Call {
        seed: caller.derive("model", 0),
        ..Call::default()
    };
    let response = model.client.ask(&request, call).await;
    let response = response.map_err(|error| format!("{}: {error}", error.code()))?;
    let mut tally = run.tally();
    tally.input_tokens += response.usage.prompt();
    tally.output_tokens += response.usage.output;
    tally.cost_micros += model.prices.cost(&model.id, &response.usage).unwrap_or(0);
    drop(tally);
    Ok(Output::plain(Payload::json(answer(&response))))
}

/// Reads the request that `call/doors.rs` composed.
fn request(model: &str, value: &Value) -> Result<Request, String> {
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
            role => request.messages.push(Message {
                role: speaker(role)?,
                blocks: blocks.iter().map(block).collect(),
            }),
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

fn block(value: &Value) -> Block {
    match text(value, "type").as_str() {
        "tool_use" => Block::ToolUse(ToolCall {
            id: text(value, "id"),
            name: text(value, "name"),
            arguments: Arguments::Json(value.get("arguments").cloned().unwrap_or_default()),
            signature: None,
        }),
        "tool_result" => Block::ToolResult(ToolResult {
            id: text(value, "id"),
            content: vec![Piece::Text(text(value, "text"))],
            is_error: value.get("is_error") == Some(&Value::Bool(true)),
        }),
        _ => Block::Text(text(value, "text")),
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

/// The answer as `wit/model.wit` documents it.
fn answer(response: &Response) -> Value {
    let calls = response.tool_calls.iter().map(|call| {
        let (arguments, malformed) = match &call.arguments {
            Arguments::Json(value) => (value.clone(), Value::Null),
            Arguments::Malformed(text) => (Value::Null, Value::String(text.clone())),
        };
        json!({"id": call.id, "name": call.name, "arguments": arguments, "malformed": malformed})
    });
    json!({
        "text": response.text,
        "tool_calls": calls.collect::<Vec<_>>(),
        "stop": response.stop.name(),
        "usage": {"input": response.usage.prompt(), "output": response.usage.output},
    })
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A content may be any JSON; a model reads it as text.
fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}
