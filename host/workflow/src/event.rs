//! What the journal holds: one event a record, in JSON, versioned by the journal's format.
//!
//! Every event is durable before its effect is visible. Contents are named by the digest
//! of their bytes; the bytes stand in the content store.

use serde::{Deserialize, Serialize};

use crate::approval::{AskedCall, Said};
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

/// Whether something else could do what an effect could not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Elsewhere {
    /// It would fail there too.
    #[default]
    No,
    /// It may succeed there.
    Perhaps,
    /// It may succeed there; here it may too, once there is room.
    NoRoom,
}

impl Elsewhere {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_no(&self) -> bool {
        matches!(self, Self::No)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(step: &u32) -> bool {
    *step == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_never(at_ms: &u64) -> bool {
    *at_ms == 0
}

/// From what a price follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A type: the question is its digest, its text stands in the content store.
    Type,
    /// So many parts of a child's, of which it handed back one, or none.
    Parts(u64),
    /// So many children that were outstanding.
    Outstanding(u64),
    /// A person's word.
    Word,
    /// So many bytes that a person vouched for or wrote.
    Bytes(u64),
    /// So many rounds before this one.
    Rounds(u64),
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
        /// What the run can be started from again; records of format 1 have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        launch: Option<LaunchRef>,
    },
    /// The run went on after an interruption, or after its end.
    Resumed {
        /// SHA-256 of the policy's text from here on.
        policy: String,
        /// The plugins from here on, by name.
        plugins: Vec<PluginUse>,
        /// What it goes on from.
        launch: LaunchRef,
        /// When, in milliseconds since 1970; 0 where nobody looked at a clock.
        #[serde(default, skip_serializing_if = "is_never")]
        at_ms: u64,
    },
    /// The run was taken in from another machine without a receipt that is trusted here: all
    /// before this is its own word.
    TakenIn,
    /// Steps whose answers were taken from an earlier part of the run.
    Recalled {
        /// The steps.
        steps: Vec<u32>,
    },
    /// A person decided about one step of a run that nobody was carrying on.
    Decided {
        /// The step.
        step: u32,
        /// What becomes of it when the run goes on.
        decision: Decision,
    },
    /// A step asked which tools it may call.
    Offered {
        /// The step.
        step: u32,
        /// SHA-256 of what it was told.
        tools: String,
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
        /// SHA-256 of all that its answer may depend on; records of format 1 have none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        key: String,
        /// The phase in which it runs.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        phase: String,
        /// When, in milliseconds since 1970; 0 where nobody looked at a clock.
        #[serde(default, skip_serializing_if = "is_never")]
        at_ms: u64,
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
        /// The effect of the same step whose tool asked for this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<u32>,
        /// Who performs it where the policy gives a name a meaning: the resolved model.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        target: String,
        /// Where a rule depends on the number of calls: what it counted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
        /// When, in milliseconds since 1970; 0 where nobody looked at a clock.
        #[serde(default, skip_serializing_if = "is_never")]
        at_ms: u64,
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
        /// What the source declared of it, field by field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        facts: Option<FactsText>,
        /// What a model used up for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
        /// Where it failed: whether another model could have answered.
        #[serde(default, skip_serializing_if = "Elsewhere::is_no")]
        elsewhere: Elsewhere,
        /// When, in milliseconds since 1970; 0 where nobody looked at a clock.
        #[serde(default, skip_serializing_if = "is_never")]
        at_ms: u64,
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
        /// The refusal in a sentence.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        message: String,
        /// What is allowed instead.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        remedy: String,
    },
    /// A rule that depends on the number of calls refused one: that the number did not grow
    /// tells of what the caller knew.
    Ruled {
        /// The step that asked for it.
        step: u32,
        /// The function.
        function: String,
        /// What the rule counted.
        counted: Counted,
    },
    /// An effect waits for a person.
    ApprovalAsked {
        /// The item's number in the run.
        item: u32,
        /// The call.
        call: AskedCall,
    },
    /// A person said what becomes of an item.
    ApprovalSaid {
        /// The item.
        item: u32,
        /// The word.
        said: Said,
    },
    /// An item's call was let through, or refused, as the person had said.
    ApprovalUsed {
        /// The item.
        item: u32,
    },
    /// Content became a plain value at a lower label.
    Gated {
        /// The step that asked for it.
        step: u32,
        /// The channel: a rule's name, `count`, `outcome`, `order` or `endorsement`.
        channel: String,
        /// The payers: `item:N`, `run` or `many`.
        payers: Vec<String>,
        /// Thousandths of a bit charged, against each payer.
        bits: u64,
        /// Whether they are of those that were set aside for the step.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        reserved: bool,
        /// SHA-256 of the content; empty where the answer is about none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        subject: String,
        /// What was asked of it: a type, the greatest count, or the child's mark.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        question: String,
        /// The phase whose gate it was.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        phase: String,
        /// From what its price follows where the question does not say it; older records have
        /// none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<Basis>,
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
        /// What the monitor knew of its answer; records of format 1 have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        given: Option<Given>,
        /// When, in milliseconds since 1970; 0 where nobody looked at a clock.
        #[serde(default, skip_serializing_if = "is_never")]
        at_ms: u64,
    },
    /// The orchestrator was given a batch of replies.
    Batch {
        /// How many turns it had taken before.
        turn: u32,
        /// The numbers of the requests that were answered.
        numbers: Vec<u32>,
        /// SHA-256 of the requests of the turn.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        requests: String,
        /// The output tokens that the orchestrator was told of.
        #[serde(default)]
        output_tokens: u64,
        /// The step of the orchestrator; 0 is the run's own.
        #[serde(default, skip_serializing_if = "is_zero")]
        step: u32,
        /// To what the orchestrator rose because of the order of these replies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        learned: Option<LabelText>,
    },
    /// A script that a workflow names was found: a later part of the run uses the same.
    ScriptFound {
        /// How the workflow names it.
        target: String,
        /// How messages name it.
        file: String,
        /// SHA-256 of its text.
        source: String,
        /// Whether nobody trusts it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        untrusted: bool,
    },
    /// The run ended.
    RunFinished {
        /// How.
        status: Status,
        /// The result, if there is one.
        result: Option<ContentRef>,
        /// Why there is none, where it failed; older records do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<ContentRef>,
        /// Thousandths of a bit that untrusted content could decide.
        bits: u64,
        /// When, in milliseconds since 1970; 0 where nobody looked at a clock.
        #[serde(default, skip_serializing_if = "is_never")]
        at_ms: u64,
    },
}

/// What a run can be started from again: all of it stands in the content store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchRef {
    /// How the operator named the launch argument.
    pub argument_name: String,
    /// SHA-256 of the launch argument as it was given.
    pub argument: String,
    /// Below which the policy's relative paths lie.
    pub directory: String,
    /// Output tokens that the run may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// What an earlier round of the same workflow has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ContentRef>,
    /// The script, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<ScriptRef>,
}

/// A workflow script as the journal names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptRef {
    /// How messages name it.
    pub file: String,
    /// SHA-256 of its text.
    pub source: String,
    /// Output tokens that the run may use; newer records have it beside the script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_budget: Option<u64>,
    /// Whether nobody trusts it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untrusted: bool,
    /// Where its `args` come from.
    pub arguments: ScriptArgs,
}

/// Where a script's `args` come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScriptArgs {
    /// There are none.
    Absent,
    /// The launch argument, as the operator typed it.
    Typed,
    /// The launch argument, labelled as the policy says.
    Launch,
}

/// What a person decided about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It runs again, whatever it gave.
    Retry,
    /// It gives no value.
    Skip,
    /// It was stopped while it ran, and gives no value.
    Stop,
}

/// What a model used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens that it was sent.
    pub input_tokens: u64,
    /// Tokens that it wrote.
    pub output_tokens: u64,
    /// What they cost in millionths of a US dollar.
    pub cost_micros: u64,
}

impl Usage {
    /// Adds another's.
    pub fn add(&mut self, other: Self) {
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cost_micros = self.cost_micros.saturating_add(other.cost_micros);
    }
}

/// What is known of a content besides its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsText {
    /// Whether it was declared to be text.
    pub is_text: bool,
    /// The label of the whole.
    pub root: LabelText,
    /// Labels of parts, by JSON pointer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, LabelText)>,
    /// The items that it was made of.
    #[serde(default, skip_serializing_if = "OriginsText::is_none")]
    pub origins: OriginsText,
    /// The list whose items count one by one, and the origin of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<(String, u32)>,
    /// Which of these are of principals whom the policy trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched: Option<VouchedText>,
}

/// Items of trusted principals as the journal names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VouchedText {
    /// Their numbers in the list.
    pub items: Vec<u32>,
    /// The tags that the source would give them.
    pub tags: Vec<String>,
    /// What they carry all the same.
    pub floor: LabelText,
}

/// Source items as the journal names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginsText {
    /// The items, where there are few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<u32>,
    /// Whether there were more than are remembered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub many: bool,
}

impl OriginsText {
    /// Returns whether it names no item.
    pub fn is_none(&self) -> bool {
        self.items.is_empty() && !self.many
    }
}

/// What a step's parent could be told of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenKind {
    /// It gave a value.
    Value,
    /// It was skipped or stopped.
    None,
    /// It gave an answer that does not fit the schema it was asked for.
    Unfit,
    /// It failed.
    Failed,
}

/// What the monitor knew of a step's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// What its parent could be told of its end.
    pub kind: GivenKind,
    /// The bytes: the value, or the failure in words.
    pub content: String,
    /// Its labels.
    pub facts: FactsText,
    /// Whether the answer showed as text.
    pub shown_as_text: bool,
    /// The least label that the answer showed.
    pub floor: LabelText,
    /// Whether the step had known anything above what its parent knew.
    pub rose: bool,
    /// What its calls were made of besides, read or not; nothing in older records, which told
    /// of an end as if that had decided nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_going: Option<LabelText>,
    /// Which of its parts it handed back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<usize>,
    /// The items that it had read.
    #[serde(default, skip_serializing_if = "OriginsText::is_none")]
    pub origins: OriginsText,
    /// What its handles were marked with.
    pub mark: u64,
}

/// A call as a rule counted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The calls before it.
    pub calls: u64,
    /// What its arguments and its caller carry.
    pub label: LabelText,
    /// The items of which these know.
    #[serde(default, skip_serializing_if = "OriginsText::is_none")]
    pub origins: OriginsText,
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
        /// The kind of the failure: `trap`, `cpu`, `wall`, `memory`, `failure`, `schema`, `host`.
        cause: String,
        /// What the host or the guest said.
        message: String,
    },
}

impl Event {
    /// Returns when it happened, in milliseconds since 1970, where somebody looked at a clock.
    pub const fn at_ms(&self) -> Option<u64> {
        let at = match self {
            Self::Resumed { at_ms, .. }
            | Self::StepStarted { at_ms, .. }
            | Self::StepFinished { at_ms, .. }
            | Self::EffectIntended { at_ms, .. }
            | Self::EffectDone { at_ms, .. }
            | Self::RunFinished { at_ms, .. } => *at_ms,
            Self::RunStarted { started_ms, .. } => *started_ms,
            _ => 0,
        };
        if at == 0 { None } else { Some(at) }
    }

    /// Returns the record kind under which the journal files it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run-started",
            Self::Resumed { .. } => "resumed",
            Self::TakenIn => "taken-in",
            Self::Recalled { .. } => "recalled",
            Self::Decided { .. } => "decided",
            Self::Offered { .. } => "offered",
            Self::InputRefused { .. } => "input-refused",
            Self::Phase { .. } => "phase",
            Self::StepStarted { .. } => "step-started",
            Self::EffectIntended { .. } => "effect-intended",
            Self::EffectDone { .. } => "effect-done",
            Self::Denied { .. } => "denied",
            Self::Ruled { .. } => "ruled",
            Self::ApprovalAsked { .. } => "approval-asked",
            Self::ApprovalSaid { .. } => "approval-said",
            Self::ApprovalUsed { .. } => "approval-used",
            Self::Gated { .. } => "gated",
            Self::Logged { .. } => "logged",
            Self::StepFinished { .. } => "step-finished",
            Self::Batch { .. } => "batch",
            Self::ScriptFound { .. } => "script-found",
            Self::RunFinished { .. } => "run-finished",
        }
    }
}
