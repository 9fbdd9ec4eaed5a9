//! How Anthropic's messages API answers.

use serde_json::{Value, json};

use crate::server::script::{Ended, Said};
use crate::server::{Asked, Dialect, Seen, check_key, only};

pub(super) struct Messages;

/// The fields of version 2026-10-21, which dropped `temperature`, `top_k` and `top_p`.
const KNOWN: [&str; 14] = [
    "model",
    "max_tokens",
    "messages",
    "system",
    "stream",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "metadata",
    "stop_sequences",
    "service_tier",
    "cache_control",
    "container",
];

impl Dialect for Messages {
    fn asked(&self, seen: &Seen, body: &Value) -> Result<Asked, (u16, String)> {
        // The SDK sends the first since version 2.0.0, the documentation shows the second.
        let bearer = seen
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        check_key(bearer.or_else(|| seen.header("x-api-key")))?;
        if seen.header("anthropic-version") != Some("2026-10-21") {
            return Err((400, "anthropic-version: header is required".to_owned()));
        }
        only(body, &KNOWN)?;
        if body["max_tokens"].as_u64().is_none() {
            return Err((400, "max_tokens: field required".to_owned()));
        }
        let messages = body["messages"].as_array().filter(|list| !list.is_empty());
        let messages = messages
            .ok_or_else(|| (400, "messages: at least one message is required".to_owned()))?;
        let blocks = messages
            .iter()
            .filter_map(|message| message["content"].as_array())
            .flatten();
        Ok(Asked {
            model: body["model"].as_str().unwrap_or_default().to_owned(),
            stream: body["stream"] == json!(true),
            has_tools: body["tools"]
                .as_array()
                .is_some_and(|tools| !tools.is_empty()),
            has_result: blocks
                .into_iter()
                .any(|block| block["type"] == "tool_result"),
        })
    }

    fn refusal(&self, status: u16, message: &str) -> Value {
        let kind = match status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            429 => "rate_limit_error",
            529 => "overloaded_error",
            400..500 => "invalid_request_error",
            _ => "api_error",
        };
        json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
    }

    fn whole(&self, said: &Said) -> Vec<u8> {
        let mut message = start(said);
        let mut content = Vec::new();
        if let Some(thought) = said.reasoning {
            content.push(json!({"type": "thinking", "thinking": thought, "signature": "c2lnbmVk"}));
        }
        if !said.text.is_empty() {
            content.push(json!({"type": "text", "text": said.text.concat()}));
        }
        for call in &said.calls {
            let arguments = call.arguments.concat();
            let input =
                serde_json::from_str(&arguments).unwrap_or_else(|_not_json| json!(arguments));
            content.push(
                json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input}),
            );
        }
        message["content"] = json!(content);
        message["stop_reason"] = json!(reason(said));
        message["usage"]["output_tokens"] = json!(7);
        message.to_string().into_bytes()
    }

    fn events(&self, said: &Said) -> Vec<Vec<u8>> {
        let mut events = vec![
            event(
                "message_start",
                &json!({"type": "message_start", "message": start(said)}),
            ),
            event("ping", &json!({"type": "ping"})),
        ];
        let mut index = 0;
        let mut block = |first: Value, deltas: Vec<Value>| {
            let name = "content_block_start";
            events.push(event(
                name,
                &json!({"type": name, "index": index, "content_block": first}),
            ));
            for delta in deltas {
                let name = "content_block_delta";
                events.push(event(
                    name,
                    &json!({"type": name, "index": index, "delta": delta}),
                ));
            }
            let name = "content_block_stop";
            events.push(event(name, &json!({"type": name, "index": index})));
            index += 1;
        };
        if let Some(thought) = said.reasoning {
            block(
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                vec![
                    json!({"type": "thinking_delta", "thinking": thought}),
                    json!({"type": "signature_delta", "signature": "c2lnbmVk"}),
                ],
            );
        }
        if !said.text.is_empty() {
            let deltas = said
                .text
                .iter()
                .map(|text| json!({"type": "text_delta", "text": text}));
            block(json!({"type": "text", "text": ""}), deltas.collect());
        }
        for call in &said.calls {
            let first = json!({"type": "tool_use", "id": call.id, "name": call.name, "input": {}});
            let piece = |piece| json!({"type": "input_json_delta", "partial_json": piece});
            block(first, call.arguments.iter().map(piece).collect());
        }
        let delta = json!({"stop_reason": reason(said), "stop_sequence": null});
        let usage = json!({"output_tokens": 7});
        let end = json!({"type": "message_delta", "delta": delta, "usage": usage});
        events.push(event("message_delta", &end));
        events.push(event("message_stop", &json!({"type": "message_stop"})));
        events
    }

    fn stream_error(&self) -> Vec<u8> {
        event("error", &self.refusal(529, "overloaded"))
    }

    fn ping(&self) -> Vec<u8> {
        event("ping", &json!({"type": "ping"}))
    }
}

fn start(_said: &Said) -> Value {
    json!({
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-fake",
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": {
            "input_tokens": 12,
            "output_tokens": 1,
            "cache_read_input_tokens": 5,
            "cache_creation_input_tokens": 3,
        },
    })
}

fn reason(said: &Said) -> &'static str {
    match said.stop {
        Ended::Turn => "end_turn",
        Ended::Tools => "tool_use",
        Ended::Length => "max_tokens",
        Ended::Refusal => "refusal",
    }
}

fn event(name: &str, data: &Value) -> Vec<u8> {
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}
