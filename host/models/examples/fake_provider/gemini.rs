//! How Gemini's `generateContent` answers, also at Vertex AI.

use serde_json::{Value, json};

use crate::server::script::{Ended, Said};
use crate::server::{Asked, Dialect, Seen, check_key, only};

pub(super) struct Generate;

const KNOWN: [&str; 8] = [
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "generationConfig",
    "safetySettings",
    "cachedContent",
    "labels",
];
const KNOWN_CONFIG: [&str; 11] = [
    "maxOutputTokens",
    "temperature",
    "topP",
    "topK",
    "candidateCount",
    "stopSequences",
    "seed",
    "responseMimeType",
    "responseJsonSchema",
    "responseSchema",
    "thinkingConfig",
];

impl Dialect for Generate {
    fn asked(&self, seen: &Seen, body: &Value) -> Result<Asked, (u16, String)> {
        let bearer = seen
            .header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "));
        let is_vertex = seen.path.contains("/projects/");
        check_key(if is_vertex {
            bearer
        } else {
            seen.header("x-goog-api-key")
        })?;
        only(body, &KNOWN)?;
        if let Some(config) = body.get("generationConfig") {
            only(config, &KNOWN_CONFIG)?;
        }
        let contents = body["contents"].as_array().filter(|list| !list.is_empty());
        let contents = contents.ok_or_else(|| (400, "contents is not specified".to_owned()))?;
        let mut parts = contents
            .iter()
            .filter_map(|content| content["parts"].as_array())
            .flatten();
        let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
        let (model, method) = path.rsplit_once(':').unwrap_or_default();
        let stream = method == "streamGenerateContent";
        if stream && query != "alt=sse" {
            return Err((400, "this server streams only with alt=sse".to_owned()));
        }
        Ok(Asked {
            model: model.rsplit('/').next().unwrap_or_default().to_owned(),
            stream,
            has_tools: body["tools"]
                .as_array()
                .is_some_and(|tools| !tools.is_empty()),
            has_result: parts.any(|part| part.get("functionResponse").is_some()),
        })
    }

    fn refusal(&self, status: u16, message: &str) -> Value {
        let name = match status {
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            400..500 => "INVALID_ARGUMENT",
            _ => "INTERNAL",
        };
        json!({"error": {"code": status, "message": message, "status": name}})
    }

    fn whole(&self, said: &Said) -> Vec<u8> {
        let mut parts = thoughts(said);
        if !said.text.is_empty() {
            parts.push(json!({"text": said.text.concat()}));
        }
        parts.extend(calls(said));
        chunk(&parts, Some(reason(said))).to_string().into_bytes()
    }

    fn events(&self, said: &Said) -> Vec<Vec<u8>> {
        let mut groups: Vec<Vec<Value>> = Vec::new();
        groups.push(thoughts(said));
        groups.extend(said.text.iter().map(|text| vec![json!({"text": text})]));
        groups.extend(calls(said).into_iter().map(|call| vec![call]));
        groups.retain(|parts| !parts.is_empty());
        let last = groups.len().saturating_sub(1);
        let events = groups.iter().enumerate().map(|(at, parts)| {
            let end = (at == last).then(|| reason(said));
            event(&chunk(parts, end))
        });
        events.collect()
    }

    fn stream_error(&self) -> Vec<u8> {
        event(&self.refusal(503, "overloaded"))
    }
}

fn thoughts(said: &Said) -> Vec<Value> {
    said.reasoning
        .map(|text| json!({"text": text, "thought": true}))
        .into_iter()
        .collect()
}

/// Gemini has no pieces of arguments: they are an object, or the answer ends for it.
fn calls(said: &Said) -> Vec<Value> {
    let calls = said.calls.iter().filter_map(|call| {
        let arguments: Value = serde_json::from_str(&call.arguments.concat()).ok()?;
        let function = json!({"name": call.name, "args": arguments});
        Some(json!({"functionCall": function, "thoughtSignature": "c2lnbmVk"}))
    });
    let calls: Vec<Value> = calls.collect();
    if calls.is_empty() && !said.calls.is_empty() {
        return vec![json!({"text": ""})];
    }
    calls
}

fn chunk(parts: &[Value], reason: Option<&str>) -> Value {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": 0});
    if let Some(reason) = reason {
        candidate["finishReason"] = json!(reason);
    }
    json!({
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": 17,
            "cachedContentTokenCount": 5,
            "candidatesTokenCount": 5,
            "thoughtsTokenCount": 2,
            "totalTokenCount": 24,
        },
        "modelVersion": "gemini-fake",
        "responseId": "r1",
    })
}

fn reason(said: &Said) -> &'static str {
    let unreadable = |call: &crate::server::script::Call| {
        serde_json::from_str::<Value>(&call.arguments.concat()).is_err()
    };
    match said.stop {
        Ended::Tools if said.calls.iter().any(unreadable) => "MALFORMED_FUNCTION_CALL",
        Ended::Turn | Ended::Tools => "STOP",
        Ended::Length => "MAX_TOKENS",
        Ended::Refusal => "SAFETY",
    }
}

fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\r\n\r\n").into_bytes()
}
