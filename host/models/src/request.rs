//! What is asked of a model, in words that fit every provider.

use serde_json::Value;

use crate::error::ModelError;

/// The most messages in a request; Anthropic's own limit, the lowest that is documented.
pub const MAX_MESSAGES: usize = 100_000;
/// The most tools in a request; OpenAI's own limit.
pub const MAX_TOOLS: usize = 128;
/// The largest image in bytes; past it every provider refuses.
pub const MAX_IMAGE_BYTES: usize = 20 * 1024 * 1024;

/// The most images in a request; Anthropic's own limit.
pub const MAX_IMAGES: usize = 100;

/// Asks a model for its next message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The provider's own id of the model.
    pub model: String,
    /// The instruction above the conversation.
    pub system: Option<String>,
    /// The conversation so far; the last message is the user's or a tool's.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// The JSON schema that the answer's text should satisfy. Providers hold to it in differing
    /// degrees, so the caller still has to check.
    pub schema: Option<Value>,
    /// How hard the model should think.
    pub effort: Option<Effort>,
    /// The most tokens to answer with; the provider's own default if none is given.
    pub max_output_tokens: Option<u32>,
    /// Left out where a provider refuses it: at Anthropic, and beside `effort` elsewhere, since
    /// models that reason fix it.
    pub temperature: Option<f32>,
    /// Whether the provider should keep the prompt for a later request that begins alike.
    pub cache: bool,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub blocks: Vec<Block>,
}

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one who asks: text and images.
    User,
    /// The model: text, tool calls and its reasoning.
    Assistant,
    /// The results of tool calls.
    Tool,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Plain text.
    Text(String),
    /// A picture.
    Image(Image),
    /// A call that the model asked for.
    ToolUse(ToolCall),
    /// What a call gave.
    ToolResult(ToolResult),
    /// The model's own reasoning, given back to the provider that it came from.
    Reasoning(Reasoning),
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// As in `image/png`; PNG, JPEG, GIF and WebP are understood everywhere.
    pub media_type: String,
    /// The file's bytes, not encoded.
    pub bytes: Vec<u8>,
}

/// A call of a tool, as the model asked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Ties the result to the call.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// What the tool should get.
    pub arguments: Arguments,
    /// What the provider wants back with the call (Gemini's thought signature).
    pub signature: Option<String>,
}

/// The arguments of a tool call.
#[derive(Debug, Clone, PartialEq)]
pub enum Arguments {
    /// A JSON object.
    Json(Value),
    /// What the model wrote instead of one.
    Malformed(String),
}

/// What a tool call gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolResult {
    /// The call's id.
    pub id: String,
    /// The result, in order.
    pub content: Vec<Piece>,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// A part of a tool's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Plain text.
    Text(String),
    /// A picture.
    Image(Image),
}

/// A stretch of a model's reasoning. Only the provider that made it takes it back, and only
/// unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasoning {
    /// Where it came from.
    pub family: Family,
    /// What can be read of it.
    pub text: String,
    /// The provider's proof that it is unchanged.
    pub signature: Option<String>,
    /// The reasoning itself where the provider hides it.
    pub redacted: Option<String>,
}

/// Says whose wire format a reasoning is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Anthropic's messages.
    Anthropic,
    /// Amazon Bedrock's Converse.
    Bedrock,
}

/// A tool that a model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// When and how to use it.
    pub description: String,
    /// The JSON schema of its arguments, an object.
    pub schema: Value,
}

/// Says how hard a model should think. Providers with fewer levels take the next lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// As little as possible.
    Low,
    /// The middle.
    Medium,
    /// Hard.
    High,
    /// Harder.
    XHigh,
    /// Without regard to cost.
    Max,
}

impl Request {
    /// Makes a request of one message by the user.
    pub fn new(model: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            messages: vec![Message::user(text)],
            ..Self::default()
        }
    }

    /// Refuses what no provider would take, before anything is sent.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let wrong = |what: String| Err(ModelError::Request(what));
        if self.model.is_empty() {
            return wrong("no model is named".to_owned());
        }
        if self.messages.is_empty() {
            return wrong("there is no message".to_owned());
        }
        if self.messages.len() > MAX_MESSAGES {
            return wrong(format!("more than {MAX_MESSAGES} messages"));
        }
        if self.tools.len() > MAX_TOOLS {
            return wrong(format!("more than {MAX_TOOLS} tools"));
        }
        for tool in &self.tools {
            if !is_tool_name(&tool.name) {
                return wrong(format!("`{}` is not a tool's name", tool.name));
            }
            if !tool.schema.is_object() {
                return wrong(format!("the schema of `{}` is not an object", tool.name));
            }
        }
        let images: usize = self.messages.iter().map(Message::images).sum();
        if images > MAX_IMAGES {
            return wrong(format!("more than {MAX_IMAGES} images"));
        }
        self.messages.iter().try_for_each(Message::check)
    }
}

impl Message {
    /// Makes a message of text by the user.
    pub fn user(text: impl Into<String>) -> Self {
        Self::of(Role::User, text)
    }

    /// Makes a message of text by the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::of(Role::Assistant, text)
    }

    fn of(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            blocks: vec![Block::Text(text.into())],
        }
    }

    fn images(&self) -> usize {
        let in_block = |block: &Block| match block {
            Block::Image(_) => 1,
            Block::ToolResult(result) => {
                let pieces = result.content.iter();
                pieces
                    .filter(|piece| matches!(piece, Piece::Image(_)))
                    .count()
            }
            Block::Text(_) | Block::ToolUse(_) | Block::Reasoning(_) => 0,
        };
        self.blocks.iter().map(in_block).sum()
    }

    fn check(&self) -> Result<(), ModelError> {
        for block in &self.blocks {
            let fits = match (self.role, block) {
                (Role::User | Role::Assistant, Block::Text(_)) => true,
                (Role::User, Block::Image(image)) => return image.check(),
                (Role::Assistant, Block::ToolUse(_) | Block::Reasoning(_)) => true,
                (Role::Tool, Block::ToolResult(_)) => true,
                _ => false,
            };
            if !fits {
                let role = self.role;
                return Err(ModelError::Request(format!(
                    "a block does not fit the role {role}"
                )));
            }
        }
        Ok(())
    }
}

impl Image {
    fn check(&self) -> Result<(), ModelError> {
        if self.bytes.len() > MAX_IMAGE_BYTES {
            let text = format!("an image is larger than {MAX_IMAGE_BYTES} bytes");
            return Err(ModelError::Request(text));
        }
        if !self.media_type.starts_with("image/") {
            return Err(ModelError::Request(format!(
                "`{}` is not an image's type",
                self.media_type
            )));
        }
        Ok(())
    }
}

impl ToolResult {
    /// Makes a result of text.
    pub fn text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            content: vec![Piece::Text(text.into())],
            is_error: false,
        }
    }
}

impl Arguments {
    /// Reads what a model wrote; nothing at all stands for no arguments.
    pub(crate) fn read(text: String) -> Self {
        if text.trim().is_empty() {
            return Self::Json(Value::Object(serde_json::Map::new()));
        }
        match serde_json::from_str(&text) {
            Ok(value @ Value::Object(_)) => Self::Json(value),
            _ => Self::Malformed(text),
        }
    }

    /// Returns an object to give back to a provider; what was malformed is wrapped into one,
    /// since servers that fill templates refuse anything else.
    pub(crate) fn to_object(&self) -> Value {
        match self {
            Self::Json(value) if value.is_object() => value.clone(),
            Self::Json(value) => serde_json::json!({ "value": value }),
            Self::Malformed(text) => serde_json::json!({ "malformed": text }),
        }
    }
}

impl Effort {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        })
    }
}

fn is_tool_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Request)) -> String {
        let mut request = Request::new("m", "hi");
        change(&mut request);
        request.check().expect_err("it is past a limit").to_string()
    }

    fn picture() -> Image {
        Image {
            media_type: "image/png".to_owned(),
            bytes: vec![0],
        }
    }

    #[test]
    fn one_past_each_limit_nothing_is_sent() {
        let tool = Tool {
            name: "look".to_owned(),
            description: String::new(),
            schema: serde_json::json!({}),
        };
        let told = refused(|request| request.tools = vec![tool; MAX_TOOLS + 1]);
        assert!(told.contains("more than 128 tools"), "{told}");
        let told = refused(|request| {
            request.messages = vec![Message::user("hi"); MAX_MESSAGES + 1];
        });
        assert!(told.contains("more than 100000 messages"), "{told}");
        let told = refused(|request| {
            let blocks = &mut request.messages[0].blocks;
            *blocks = vec![Block::Image(picture()); MAX_IMAGES + 1];
        });
        assert!(told.contains("more than 100 images"), "{told}");
        let told = refused(|request| {
            let bytes = vec![0; MAX_IMAGE_BYTES + 1];
            let image = Image { bytes, ..picture() };
            request.messages[0].blocks.push(Block::Image(image));
        });
        assert!(told.contains("an image is larger than"), "{told}");
    }

    #[test]
    fn images_in_results_count_too() {
        let result = ToolResult {
            id: "a".to_owned(),
            content: vec![Piece::Image(picture()); MAX_IMAGES],
            is_error: false,
        };
        let mut request = Request::new("m", "hi");
        request.messages.push(Message {
            role: Role::Tool,
            blocks: vec![Block::ToolResult(result)],
        });
        request.check().expect("at the limit");
        request.messages[0].blocks.push(Block::Image(picture()));
        request.check().expect_err("one past it");
    }
}
