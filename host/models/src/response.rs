//! What a model answered, in words that fit every provider.

use crate::request::{Block, Message, Role, ToolCall};

/// A model's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// All of its text.
    pub text: String,
    /// All of its tool calls, in order.
    pub tool_calls: Vec<ToolCall>,
    /// Text, calls and reasoning in the order in which they came; what the conversation goes on
    /// with.
    pub blocks: Vec<Block>,
    /// Why the model stopped.
    pub stop: Stop,
    /// What it cost in tokens.
    pub usage: Usage,
    /// Whether the provider gave no counts, so that `usage` is a guess.
    pub usage_estimated: bool,
    /// Which model answered, as the provider says; as asked if it does not.
    pub model: String,
}

/// Why a model stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It had said all.
    EndTurn,
    /// It waits for the results of its calls.
    ToolUse,
    /// It reached the limit on tokens; the answer is not whole.
    MaxTokens,
    /// The model or its provider refused to say more.
    Refusal,
    /// Anything else, in the provider's words.
    Other(String),
}

/// Tokens of one or more answers. The four counts do not overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Read, and neither from nor into a cache.
    pub input: u64,
    /// Written, reasoning included.
    pub output: u64,
    /// Read from a cache.
    pub cache_read: u64,
    /// Read and put into a cache.
    pub cache_write: u64,
}

impl Response {
    /// Returns the answer as the next message of the conversation.
    pub fn to_message(&self) -> Message {
        Message {
            role: Role::Assistant,
            blocks: self.blocks.clone(),
        }
    }
}

impl Usage {
    /// Returns all tokens together.
    pub const fn total(&self) -> u64 {
        self.prompt().saturating_add(self.output)
    }

    /// Returns all tokens that the model read.
    pub const fn prompt(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }

    /// Returns the sum of two counts.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
        }
    }
}

impl Stop {
    /// Returns the word that stands for the reason in a record.
    pub fn name(&self) -> &str {
        match self {
            Self::EndTurn => "end_turn",
            Self::ToolUse => "tool_use",
            Self::MaxTokens => "max_tokens",
            Self::Refusal => "refusal",
            Self::Other(word) => word,
        }
    }
}
