//! A model's reasoning as a guest carries it: a text that only its provider understands.

use lazaret_models::{Block, Family, Reasoning, ToolCall};
use serde_json::{Value, json};

/// Writes a stretch of reasoning as the text that an answer shows.
pub(super) fn write(thought: &Reasoning) -> String {
    let family = match thought.family {
        Family::Anthropic => "anthropic",
        Family::Bedrock => "bedrock",
    };
    json!({
        "family": family, "text": thought.text, "signature": thought.signature,
        "redacted": thought.redacted,
    })
    .to_string()
}

/// Writes what a provider wants back with a call.
pub(super) fn of_call(call: &ToolCall) -> Option<String> {
    let signature = call.signature.as_ref()?;
    Some(json!({"call": call.id, "signature": signature}).to_string())
}

/// Gives the calls of a message back what their provider wants with them.
pub(super) fn sign(written: &[String], blocks: &mut [Block]) {
    for text in written {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let of = value.get("call").and_then(Value::as_str);
        let signature = value.get("signature").and_then(Value::as_str);
        for block in blocks.iter_mut() {
            if let Block::ToolUse(call) = block
                && of == Some(call.id.as_str())
            {
                call.signature = signature.map(str::to_owned);
            }
        }
    }
}

/// Reads it again. What a guest has changed is refused by the provider's own signature; what
/// is no reasoning at all is left out.
pub(super) fn read(written: &str) -> Option<Reasoning> {
    let value: Value = serde_json::from_str(written).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let family = match text("family")?.as_str() {
        "anthropic" => Family::Anthropic,
        "bedrock" => Family::Bedrock,
        _ => return None,
    };
    Some(Reasoning {
        family,
        text: text("text")?,
        signature: text("signature"),
        redacted: text("redacted"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasoning_comes_back_as_it_was_and_nothing_else_does() {
        for family in [Family::Anthropic, Family::Bedrock] {
            let thought = Reasoning {
                family,
                text: "I \"think\"".to_owned(),
                signature: Some("c2lnbmVk".to_owned()),
                redacted: None,
            };
            assert_eq!(read(&write(&thought)), Some(thought));
        }
        for wrong in ["", "{}", "[]", r#"{"family":"other","text":""}"#] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
