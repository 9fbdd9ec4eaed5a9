//! How Amazon Bedrock's Converse answers.

use serde_json::{Value, json};

use crate::server::script::{Ended, Said};
use crate::server::{Asked, Dialect, Seen, check_key, only, signature};

pub(super) struct Converse;

const KNOWN: [&str; 8] = [
    "messages",
    "system",
    "toolConfig",
    "inferenceConfig",
    "outputConfig",
    "additionalModelRequestFields",
    "additionalModelResponseFieldPaths",
    "performanceConfig",
];

impl Dialect for Converse {
    fn asked(&self, seen: &Seen, body: &Value) -> Result<Asked, (u16, String)> {
        match seen
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
        {
            Some(key) => check_key(Some(key))?,
            None => signature::check(seen)?,
        }
        only(body, &KNOWN)?;
        let messages = body["messages"].as_array().filter(|list| !list.is_empty());
        let messages = messages.ok_or_else(|| (400, "messages must not be empty".to_owned()))?;
        let roles: Vec<&Value> = messages.iter().map(|message| &message["role"]).collect();
        if roles.windows(2).any(|two| matches!(two, [a, b] if a == b)) {
            return Err((400, "roles must alternate".to_owned()));
        }
        let mut blocks = messages
            .iter()
            .filter_map(|message| message["content"].as_array())
            .flatten();
        let mut parts = seen.path.trim_start_matches("/model/").split('/');
        let model = parts.next().unwrap_or_default().to_owned();
        Ok(Asked {
            model,
            stream: parts.next() == Some("converse-stream"),
            has_tools: body.pointer("/toolConfig/tools").is_some(),
            has_result: blocks.any(|block| block.get("toolResult").is_some()),
        })
    }

    fn refusal(&self, status: u16, message: &str) -> Value {
        let kind = match status {
            401 | 403 => "AccessDeniedException",
            404 => "ResourceNotFoundException",
            429 => "ThrottlingException",
            503 | 529 => "ServiceUnavailableException",
            400..500 => "ValidationException",
            _ => "InternalServerException",
        };
        json!({"__type": kind, "message": message})
    }

    fn whole(&self, said: &Said) -> Vec<u8> {
        let mut content = Vec::new();
        if let Some(thought) = said.reasoning {
            let text = json!({"text": thought, "signature": "c2lnbmVk"});
            content.push(json!({"reasoningContent": {"reasoningText": text}}));
        }
        if !said.text.is_empty() {
            content.push(json!({"text": said.text.concat()}));
        }
        for call in &said.calls {
            let arguments = call.arguments.concat();
            let input =
                serde_json::from_str(&arguments).unwrap_or_else(|_not_json| json!(arguments));
            let call = json!({"toolUseId": call.id, "name": call.name, "input": input});
            content.push(json!({"toolUse": call}));
        }
        let body = json!({
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": reason(said),
            "usage": usage(),
            "metrics": {"latencyMs": 5},
        });
        body.to_string().into_bytes()
    }

    fn events(&self, said: &Said) -> Vec<Vec<u8>> {
        let mut events = vec![event("messageStart", &json!({"role": "assistant"}))];
        let mut index = 0;
        let mut block = |start: Option<Value>, deltas: Vec<Value>| {
            if let Some(start) = start {
                let start = json!({"start": start, "contentBlockIndex": index});
                events.push(event("contentBlockStart", &start));
            }
            for delta in deltas {
                let delta = json!({"delta": delta, "contentBlockIndex": index});
                events.push(event("contentBlockDelta", &delta));
            }
            events.push(event(
                "contentBlockStop",
                &json!({"contentBlockIndex": index}),
            ));
            index += 1;
        };
        if let Some(thought) = said.reasoning {
            let pieces = [json!({"text": thought}), json!({"signature": "c2lnbmVk"})];
            block(
                None,
                pieces
                    .map(|piece| json!({"reasoningContent": piece}))
                    .to_vec(),
            );
        }
        if !said.text.is_empty() {
            block(
                None,
                said.text.iter().map(|text| json!({"text": text})).collect(),
            );
        }
        for call in &said.calls {
            let start = json!({"toolUse": {"toolUseId": call.id, "name": call.name}});
            let piece = |piece| json!({"toolUse": {"input": piece}});
            block(Some(start), call.arguments.iter().map(piece).collect());
        }
        events.push(event("messageStop", &json!({"stopReason": reason(said)})));
        let metadata = json!({"usage": usage(), "metrics": {"latencyMs": 5}});
        events.push(event("metadata", &metadata));
        events
    }

    fn stream_error(&self) -> Vec<u8> {
        let headers = [
            (":exception-type", "serviceUnavailableException"),
            (":content-type", "application/json"),
            (":message-type", "exception"),
        ];
        message(&headers, br#"{"message":"overloaded"}"#)
    }

    fn ping(&self) -> Vec<u8> {
        event("messageStart", &json!({"role": "assistant"}))
    }

    fn stream_type(&self) -> &'static str {
        "application/vnd.amazon.eventstream"
    }
}

fn usage() -> Value {
    json!({
        "inputTokens": 12,
        "outputTokens": 7,
        "totalTokens": 27,
        "cacheReadInputTokens": 5,
        "cacheWriteInputTokens": 3,
    })
}

fn reason(said: &Said) -> &'static str {
    match said.stop {
        Ended::Turn => "end_turn",
        Ended::Tools => "tool_use",
        Ended::Length => "max_tokens",
        Ended::Refusal => "content_filtered",
    }
}

fn event(name: &str, payload: &Value) -> Vec<u8> {
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    message(&headers, payload.to_string().as_bytes())
}

fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.extend(u8::try_from(name.len()).unwrap_or(0).to_be_bytes());
        head.extend(name.bytes());
        head.push(7);
        head.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
        head.extend(value.bytes());
    }
    let number = |n: usize| u32::try_from(n).unwrap_or(0).to_be_bytes();
    let mut out = Vec::new();
    out.extend(number(16 + head.len() + payload.len()));
    out.extend(number(head.len()));
    out.extend(crc(&out).to_be_bytes());
    out.extend(head);
    out.extend(payload);
    out.extend(crc(&out).to_be_bytes());
    out
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xEDB8_8320
            } else {
                crc >> 1
            };
        }
    }
    !crc
}
