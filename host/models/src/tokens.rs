//! How many tokens a text has, guessed where nobody counted.

use crate::request::{Block, Message, Piece, Request};

/// What a picture costs at its usual largest size (Anthropic's figure; others charge less).
const IMAGE_TOKENS: u64 = 1600;

/// What the marks around a message or a tool cost.
const FRAME_TOKENS: u64 = 4;

/// Guesses the tokens of a text: four ASCII characters a token, one token for any other
/// character. English comes out right within a fifth, other languages too high.
///
/// ```
/// assert_eq!(lazaret_models::tokens::of_text("four times four."), 4);
/// ```
pub fn of_text(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    let other = text.chars().filter(|c| !c.is_ascii()).count();
    u64::try_from(ascii.div_ceil(4).saturating_add(other)).unwrap_or(u64::MAX)
}

/// Guesses the tokens of all that a model has to read for a request.
pub fn of_request(request: &Request) -> u64 {
    let system = request.system.as_deref().map_or(0, of_text);
    let schema = request
        .schema
        .as_ref()
        .map_or(0, |schema| of_text(&schema.to_string()));
    let tools = request.tools.iter().map(|tool| {
        let schema = of_text(&tool.schema.to_string());
        FRAME_TOKENS + of_text(&tool.name) + of_text(&tool.description) + schema
    });
    let messages = request.messages.iter().map(of_message);
    tools
        .chain(messages)
        .fold(system.saturating_add(schema), u64::saturating_add)
}

/// Guesses the tokens of a message.
pub fn of_message(message: &Message) -> u64 {
    let blocks = message.blocks.iter().map(|block| match block {
        Block::Text(text) => of_text(text),
        Block::Image(_) => IMAGE_TOKENS,
        Block::ToolUse(call) => {
            of_text(&call.name) + of_text(&call.arguments.to_object().to_string())
        }
        Block::ToolResult(result) => result.content.iter().map(of_piece).sum(),
        Block::Reasoning(reasoning) => of_text(&reasoning.text),
    });
    blocks.fold(FRAME_TOKENS, u64::saturating_add)
}

fn of_piece(piece: &Piece) -> u64 {
    match piece {
        Piece::Text(text) => of_text(text),
        Piece::Image(_) => IMAGE_TOKENS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_upwards() {
        for (text, want) in [
            ("", 0),
            ("a", 1),
            ("abcd", 1),
            ("abcde", 2),
            ("äöü", 3),
            ("漢字ab", 3),
        ] {
            assert_eq!(of_text(text), want, "{text}");
        }
    }

    #[test]
    fn a_request_counts_all_its_parts() {
        let mut request = Request::new("m", "abcdefgh");
        assert_eq!(of_request(&request), 6);
        request.system = Some("abcd".to_owned());
        assert_eq!(of_request(&request), 7);
        request.schema = Some(serde_json::json!({}));
        assert_eq!(of_request(&request), 8);
    }
}
