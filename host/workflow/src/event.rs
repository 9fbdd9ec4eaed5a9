//! What the journal holds: one event a record, in JSON, versioned by the journal's format.
//!
//! Every event is durable before its effect is visible. Contents are named by the digest
//! of their bytes; the bytes stand in the content store.

use serde::{Deserialize, Serialize};

use crate::status::Status;

/// A label in words, as the journal and reports write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelText {
    /// The taint tags in the policy's order; empty is trusted.
    pub taint: Vec<String>,
    /// Who may read; `None` is everybody.
    pub readers: Option<Vec<String>>,
}

/// A content as the journal names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentRef {
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Its label, the join over all fields.
    pub label: LabelText,
}

/// A plugin that a run uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginUse {
    /// Its name in the policy.
    pub name: String,
    /// SHA-256 of the component.
    pub digest: String,
}

/// One event of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run began.
    RunStarted {
        /// The workflow's name.
        workflow: String,
        /// SHA-256 of the policy's text.
        policy: String,
        /// The plugins, by name.
        plugins: Vec<PluginUse>,
        /// The launch argument.
        arguments: ContentRef,
        /// From which clocks and randomness of the guests derive.
        seed: u64,
        /// Milliseconds since 1970.
        started_ms: u64,
    },
    /// An item of the input was set aside.
    InputRefused {
        /// Where it stands, as a JSON pointer.
        place: String,
        /// What is wrong with it.
        message: String,
    },
    /// A phase of the progress display began.
    Phase {
        /// Its title.
        title: String,
    },
    /// A step began.
    StepStarted {
        /// The step.
        step: u32,
        /// What the operator sees beside it.
        name: String,
        /// The profile, or the orchestrator.
        profile: String,
        /// SHA-256 of its task's text.
        task: String,
        /// The parts that it holds.
        parts: Vec<PartRef>,
        /// The label at which it starts.
        start: LabelText,
        /// The highest label to which it may rise.
        clearance: LabelText,
    },
    /// An effect was allowed and is about to be made.
    EffectIntended {
        /// The step that asked for it.
        step: u32,
        /// The effect's number in its step.
        effect: u32,
        /// The function.
        function: String,
        /// The arguments.
        arguments: Vec<ArgumentRef>,
    },
    /// An effect was made.
    EffectDone {
        /// The step that asked for it.
        step: u32,
        /// The effect's number in its step.
        effect: u32,
        /// Whether it succeeded.
        ok: bool,
        /// The answer.
        answer: ContentRef,
    },
    /// The monitor refused a call.
    Denied {
        /// The step that asked for it.
        step: u32,
        /// What was asked.
        act: String,
        /// The code of the rule's kind.
        code: String,
        /// The rule.
        rule: String,
    },
    /// Content became a plain value at a lower label.
    Gated {
        /// The step that asked for it.
        step: u32,
        /// The channel: a rule's name, `count` or `outcome`.
        channel: String,
        /// The payers: `item:N`, `run` or `many`.
        payers: Vec<String>,
        /// Thousandths of a bit charged, against each payer.
        bits: u64,
    },
    /// A guest wrote a line for the operator.
    Logged {
        /// The step.
        step: u32,
        /// `debug`, `info`, `warn` or `error`.
        level: String,
        /// The line. It is a guest's word and may be hostile.
        message: String,
    },
    /// A step ended.
    StepFinished {
        /// The step.
        step: u32,
        /// How it ended, for the operator.
        ending: Ending,
        /// The label that it had risen to.
        label: LabelText,
    },
    /// The orchestrator was given a batch of replies.
    Batch {
        /// How many turns it had taken before.
        turn: u32,
        /// The numbers of the requests that were answered.
        numbers: Vec<u32>,
    },
    /// The run ended.
    RunFinished {
        /// How.
        status: Status,
        /// The result, if there is one.
        result: Option<ContentRef>,
        /// Thousandths of a bit that untrusted content could decide.
        bits: u64,
    },
}

/// A part of a task as the journal names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRef {
    /// The part's name.
    pub name: String,
    /// Its label.
    pub label: LabelText,
}

/// An argument as the journal names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgumentRef {
    /// The argument's name.
    pub name: String,
    /// Its value.
    pub content: ContentRef,
}

/// How a step ended, as the operator sees it. Its parent may know less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Ending {
    /// It gave an answer.
    Value {
        /// The answer.
        answer: ContentRef,
    },
    /// A person skipped or stopped it.
    None,
    /// It failed.
    Failed {
        /// The kind of the failure: `trap`, `cpu`, `wall`, `memory`, `failure`, `answer`.
        cause: String,
        /// What the host or the guest said.
        message: String,
    },
}

impl Event {
    /// Returns the record kind under which the journal files it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run-started",
            Self::InputRefused { .. } => "input-refused",
            Self::Phase { .. } => "phase",
            Self::StepStarted { .. } => "step-started",
            Self::EffectIntended { .. } => "effect-intended",
            Self::EffectDone { .. } => "effect-done",
            Self::Denied { .. } => "denied",
            Self::Gated { .. } => "gated",
            Self::Logged { .. } => "logged",
            Self::StepFinished { .. } => "step-finished",
            Self::Batch { .. } => "batch",
            Self::RunFinished { .. } => "run-finished",
        }
    }
}
