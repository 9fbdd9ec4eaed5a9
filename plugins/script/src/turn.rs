//! The turn protocol as plain Rust: what `wit/turns.wit` says, without the generated bindings,
//! so that the engine runs and is tested natively.
//!
//! The types are `Serialize` because they cross the bridge between the JavaScript prelude and
//! Rust as JSON, and because the tests' snapshots hold them. `open`, `call` and `ask` of the
//! contract are missing on purpose: a script has no way to say them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of this instance's own table that stands for content.
///
/// Written as a decimal string in JSON, because JavaScript rounds numbers past 2^53.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u64);

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Handle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        digits.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// A piece of text: written by the script, or standing for a content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// Text of the script.
    Literal(String),
    /// A content by reference.
    Content(Handle),
}

/// A content that replaces one value of a JSON skeleton.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// A JSON pointer (RFC 6901) into the skeleton.
    pub pointer: String,
    /// What stands there.
    pub content: Handle,
}

/// A named content that goes with the task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// `args`, or `args` and a JSON pointer into the arguments.
    pub name: String,
    /// The content.
    pub content: Handle,
}

/// A child agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spawn {
    /// `agentType`, or empty for the default profile.
    pub profile: String,
    /// `label`.
    pub name: String,
    /// `phase`, or empty for the current one.
    pub phase: String,
    /// The prompt.
    pub text: Vec<Piece>,
    /// The remaining options as JSON.
    pub options: String,
}

/// What a script can ask of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// A handle of one value inside a JSON content.
    Project {
        /// The JSON content.
        content: Handle,
        /// A JSON pointer.
        pointer: String,
    },
    /// A text of pieces.
    ComposeText(Vec<Piece>),
    /// A JSON value whose leaves are contents.
    ComposeJson {
        /// JSON with `null` where a leaf goes.
        skeleton: String,
        /// The leaves.
        leaves: Vec<Leaf>,
    },
    /// A handle for each item of a list.
    Split {
        /// The JSON list.
        content: Handle,
        /// The most items.
        max: u32,
    },
    /// A plain value of closed type.
    Gate {
        /// The content that is looked into.
        content: Handle,
        /// JSON Schema of closed type.
        schema: String,
        /// The policy's rule.
        rule: String,
    },
    /// The text of a content; raises the script's label.
    Reveal(Handle),
    /// A child agent.
    Spawn(Spawn),
    /// Another script in an instance of its own.
    Workflow {
        /// A saved name or a path.
        target: String,
        /// Its arguments; JSON `null` when there are none.
        arguments: Handle,
    },
    /// So many milliseconds.
    Wait(u64),
    /// Withdraws the request with this number.
    Cancel(u32),
    /// Starts a phase of the progress display.
    Phase(String),
}

/// A request and the number that its reply will carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedRequest {
    /// Unique in this instance, counted from 1.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// A refusal by the monitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// Which kind of rule refused, as the contract spells it.
    pub kind: String,
    /// The rule that decided.
    pub rule: String,
    /// What was refused.
    pub message: String,
    /// What is allowed instead.
    pub remedy: String,
}

/// How a child ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its answer, unread.
    Value(Handle),
    /// Skipped or stopped.
    None,
    /// Dead, or refused by its own rules; the text's code says which ([`crate::fault::Code`]).
    Failed(String),
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing to give.
    Done,
    /// One handle.
    Content(Handle),
    /// A handle for each item.
    Contents(Vec<Handle>),
    /// A plain value: JSON from a gate, text from a reveal, or a child's answer that the host
    /// revealed on delivery.
    Value(String),
    /// The gate's answer that is not a value of the type.
    Invalid,
    /// How a child ended.
    Outcome(Outcome),
    /// Refused.
    Denied(Denial),
    /// The request's own words were wrong.
    Failed(String),
}

/// A reply and the request that it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedReply {
    /// The request's number.
    pub id: u32,
    /// Its answer.
    pub reply: Reply,
}

/// The answers that one `resume` brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// In the order in which the script shall see them.
    pub replies: Vec<NumberedReply>,
    /// Output tokens of the whole run so far.
    pub output_tokens: u64,
}

/// What the script returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A plain value.
    Json(String),
    /// A value with contents in it, composed by the host.
    Content(Handle),
}

/// What the engine wants after each call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// New requests, in the order in which the script made them.
    pub requests: Vec<NumberedRequest>,
    /// Set once, when the script is over: its answer, or the failure's message.
    pub finished: Option<Result<Answer, String>>,
}

impl Turn {
    /// Returns the turn that ends a run with a failure. What was asked in it is void.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            requests: Vec::new(),
            finished: Some(Err(message.into())),
        }
    }
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Detail.
    Debug,
    /// Progress.
    Info,
    /// Something that deserves a look.
    Warn,
    /// A failure.
    Error,
}
