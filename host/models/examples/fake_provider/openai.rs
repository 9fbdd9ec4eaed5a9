//! How OpenAI's chat completions answer, also at Azure.

use serde_json::{Value, json};

use crate::server::script::{Ended, Said};
use crate::server::{Asked, Dialect, Seen, check_key, only};

pub(super) struct Completions;

const KNOWN: [&str; 16] = [
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_completion_tokens",
    "max_tokens",
    "reasoning_effort",
    "temperature",
    "response_format",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "n",
    "seed",
    "stop",
    "user",
];

impl Dialect for Completions {
    fn asked(&self, seen: &Seen, body: &Value) -> Result<Asked, (u16, String)> {
        let bearer = seen
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        check_key(if seen.path.starts_with("/openai/") {
            seen.header("api-key")
        } else {
            bearer
        })?;
        only(body, &KNOWN)?;
        let messages = body["messages"].as_array().filter(|list| !list.is_empty());
        let messages = messages.ok_or_else(|| (400, "messages: too short".to_owned()))?;
        check_results(messages)?;
        // As llama-cpp-python refuses it.
        let format = &body["response_format"]["type"];
        if body["model"] == "objects" && format == "json_schema" {
            let text = "'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text' or 'json_object'\"";
            return Err((500, text.to_owned()));
        }
        let deployment = seen.path.strip_prefix("/openai/deployments/");
        let deployment = deployment.and_then(|rest| rest.split('/').next());
        if deployment.is_some() && !seen.path.contains("?api-version=") {
            return Err((404, "resource not found".to_owned()));
        }
        let model = deployment
            .or_else(|| body["model"].as_str())
            .unwrap_or_default();
        Ok(Asked {
            model: model.to_owned(),
            stream: body["stream"] == json!(true),
            has_tools: body["tools"]
                .as_array()
                .is_some_and(|tools| !tools.is_empty()),
            has_result: messages.iter().any(|message| message["role"] == "tool"),
        })
    }

    fn refusal(&self, status: u16, message: &str) -> Value {
        let kind = match status {
            401 => "invalid_request_error",
            429 => "rate_limit_exceeded",
            400..500 => "invalid_request_error",
            _ => "server_error",
        };
        json!({"error": {"message": message, "type": kind, "param": null, "code": null}})
    }

    fn whole(&self, said: &Said) -> Vec<u8> {
        let mut message = json!({"role": "assistant", "content": null, "refusal": null});
        if !said.text.is_empty() {
            message["content"] = json!(said.text.concat());
        }
        if let Some(thought) = said.reasoning {
            message["reasoning_content"] = json!(thought);
        }
        if !said.calls.is_empty() {
            let calls = said.calls.iter().map(|call| {
                let function = json!({"name": call.name, "arguments": call.arguments.concat()});
                json!({"id": call.id, "type": "function", "function": function})
            });
            message["tool_calls"] = calls.collect();
        }
        let choice = json!({
            "index": 0, "message": message, "finish_reason": reason(said), "logprobs": null,
        });
        let mut body = envelope("chat.completion", &[choice]);
        body["usage"] = usage();
        body.to_string().into_bytes()
    }

    fn events(&self, said: &Said) -> Vec<Vec<u8>> {
        let mut events = vec![chunk(&json!({"role": "assistant", "content": ""}), None)];
        if let Some(thought) = said.reasoning {
            events.push(chunk(&json!({"reasoning_content": thought}), None));
        }
        for text in &said.text {
            events.push(chunk(&json!({"content": text}), None));
        }
        for (index, call) in said.calls.iter().enumerate() {
            let function = json!({"name": call.name, "arguments": ""});
            let begin =
                json!({"index": index, "id": call.id, "type": "function", "function": function});
            events.push(chunk(&json!({"tool_calls": [begin]}), None));
            for piece in &call.arguments {
                let more = json!({"index": index, "function": {"arguments": piece}});
                events.push(chunk(&json!({"tool_calls": [more]}), None));
            }
        }
        events.push(chunk(&json!({}), Some(reason(said))));
        let mut counts = envelope("chat.completion.chunk", &[]);
        counts["usage"] = usage();
        events.push(event(&counts.to_string()));
        events.push(event("[DONE]"));
        events
    }

    fn stream_error(&self) -> Vec<u8> {
        let error = json!({"message": "overloaded", "type": "server_error", "code": 503});
        event(&json!({"error": error}).to_string())
    }
}

/// Refuses a call without a result and a result without a call, as OpenAI does.
fn check_results(messages: &[Value]) -> Result<(), (u16, String)> {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            let at = open.iter().position(|other| *other == id);
            let at = at.ok_or_else(|| (400, format!("no tool call with the id {id}")))?;
            open.remove(at);
        } else if !open.is_empty() {
            return Err((
                400,
                "tool calls must be followed by their results".to_owned(),
            ));
        }
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        open.extend(calls.filter_map(|call| call["id"].as_str()));
    }
    Ok(())
}

fn chunk(delta: &Value, reason: Option<&str>) -> Vec<u8> {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": reason, "logprobs": null});
    event(&envelope("chat.completion.chunk", &[choice]).to_string())
}

fn envelope(object: &str, choices: &[Value]) -> Value {
    json!({
        "id": "chatcmpl-1",
        "object": object,
        "created": 1_700_000_000,
        "model": "gpt-fake",
        "choices": choices,
    })
}

fn usage() -> Value {
    json!({
        "prompt_tokens": 20,
        "completion_tokens": 7,
        "total_tokens": 27,
        "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    })
}

fn reason(said: &Said) -> &'static str {
    match said.stop {
        Ended::Turn => "stop",
        Ended::Tools => "tool_calls",
        Ended::Length => "length",
        Ended::Refusal => "content_filter",
    }
}

fn event(data: &str) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}
