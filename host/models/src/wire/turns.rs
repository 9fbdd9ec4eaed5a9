//! How a conversation is brought into turns that alternate, as most providers want it.

use std::borrow::Cow;

use crate::request::{Block, Message, Role};

/// One side's turn: all that it said until the other side spoke.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) is_assistant: bool,
    pub(crate) blocks: Vec<&'a Block>,
}

/// Joins messages of one side. Results of tools belong to the user's side and come first there,
/// as Anthropic and Amazon want it; text without a character is left out.
pub(crate) fn turns(messages: &[Message]) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for message in messages {
        let is_assistant = message.role == Role::Assistant;
        let blocks = message.blocks.iter().filter(|block| !is_empty(block));
        match turns.last_mut() {
            Some(turn) if turn.is_assistant == is_assistant => turn.blocks.extend(blocks),
            _ => turns.push(Turn {
                is_assistant,
                blocks: blocks.collect(),
            }),
        }
    }
    for turn in &mut turns {
        if !turn.is_assistant {
            turn.blocks
                .sort_by_key(|block| !matches!(block, Block::ToolResult(_)));
        }
    }
    turns.retain(|turn| !turn.blocks.is_empty());
    turns
}

/// Returns the name of the tool whose call has this id, the latest if there are several.
pub(crate) fn tool_of<'a>(messages: &'a [Message], id: &str) -> Option<&'a str> {
    let mut blocks = messages
        .iter()
        .rev()
        .flat_map(|message| message.blocks.iter().rev());
    blocks.find_map(|block| match block {
        Block::ToolUse(call) if call.id == id => Some(call.name.as_str()),
        _ => None,
    })
}

/// Returns an id in the letters that Anthropic and Amazon allow. Ids of other providers
/// (`functions.ask:0`) reach them after a fall-back.
pub(crate) fn safe_id(id: &str) -> Cow<'_, str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !id.is_empty() && id.len() <= 64 && id.chars().all(fits) {
        return Cow::Borrowed(id);
    }
    let mapped = id.chars().map(|c| if fits(c) { c } else { '_' });
    Cow::Owned(std::iter::once('c').chain(mapped).take(64).collect())
}

fn is_empty(block: &Block) -> bool {
    matches!(block, Block::Text(text) if text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Arguments, ToolCall, ToolResult};

    fn call(id: &str, name: &str) -> Message {
        let arguments = Arguments::Json(serde_json::json!({}));
        let call = ToolCall {
            id: id.into(),
            name: name.into(),
            arguments,
            signature: None,
        };
        Message {
            role: Role::Assistant,
            blocks: vec![Block::ToolUse(call)],
        }
    }

    fn result(id: &str) -> Message {
        let blocks = vec![Block::ToolResult(ToolResult::text(id, "r"))];
        Message {
            role: Role::Tool,
            blocks,
        }
    }

    #[test]
    fn sides_alternate_and_results_come_first() {
        let messages = [
            Message::user("a"),
            Message::user(" "),
            call("1", "t"),
            Message::user("b"),
            result("1"),
        ];
        let turns = turns(&messages);
        let shape: Vec<_> = turns
            .iter()
            .map(|t| (t.is_assistant, t.blocks.len()))
            .collect();
        assert_eq!(shape, [(false, 1), (true, 1), (false, 2)]);
        assert!(matches!(turns[2].blocks[0], Block::ToolResult(_)));
    }

    #[test]
    fn a_call_is_found_by_the_latest_use_of_its_id() {
        let messages = [call("1", "first"), result("1"), call("1", "second")];
        assert_eq!(tool_of(&messages, "1"), Some("second"));
        assert_eq!(tool_of(&messages, "2"), None);
    }

    #[test]
    fn ids_from_elsewhere_are_made_safe() {
        assert_eq!(safe_id("toolu_1-a"), "toolu_1-a");
        assert_eq!(safe_id("functions.ask:0"), "cfunctions_ask_0");
        assert_eq!(safe_id(""), "c");
        assert_eq!(safe_id(&"x".repeat(65)).len(), 64);
    }
}
