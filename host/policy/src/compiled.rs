//! A policy and its plugins as the host runs them: the kernel's tables and the names of
//! everything in them.

use std::collections::{BTreeMap, BTreeSet};

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Vouched;
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::names::Names;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentId, FunctionId, GateId, Grants, ProfileId, Tables};
use lazaret_kernel::tree::LabelTree;
use serde_json::Value;

use crate::command::{Commands, TreeRule};
use crate::rules::CallRule;
use crate::secret::SecretRule;
use crate::server::Server;
use crate::web::{Method, Search, Site};
use lazaret_manifest::diagnostic::Diagnostic;
use lazaret_manifest::limits::Limits;

mod models;

pub use self::models::{KeySource, Price, Provider, Route, Service, SigningKeys, Target};

/// Everything that a run needs to know of a policy. Made by [`compile`](crate::compile::compile).
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The tags and principals behind the tables' bits.
    pub names: Names,
    /// The kernel's decision tables.
    pub tables: Tables,
    /// The functions, in the order of [`FunctionId`].
    pub functions: Vec<Function>,
    /// The rules over the arguments of functions that have one.
    pub call_rules: BTreeMap<FunctionId, CallRule>,
    /// The gate rules' names, in the order of [`GateId`].
    pub gates: Vec<String>,
    /// The profiles, in the order of [`ProfileId`].
    pub profiles: Vec<Profile>,
    /// The tools that are components, by name.
    pub tools: BTreeMap<String, Tool>,
    /// The directories, by name.
    pub mounts: BTreeMap<String, Mount>,
    /// The providers of models, by name.
    pub providers: BTreeMap<String, Provider>,
    /// What the operator says that models cost, by `MODEL` or `PROVIDER/MODEL`; a last `*`
    /// stands for any rest.
    pub prices: BTreeMap<String, Price>,
    /// Which model is asked where a request names none; the first that fits decides.
    pub routes: Vec<Route>,
    /// The tools that are MCP servers, by name.
    pub servers: BTreeMap<String, Server>,
    /// The sites of the web, by name.
    pub sites: BTreeMap<String, Site>,
    /// The search service.
    pub search: Option<Search>,
    /// Where secrets are, by name.
    pub secrets: BTreeMap<String, SecretRule>,
    /// Where the files are that agents write to.
    pub tree: Option<TreeRule>,
    /// The commands.
    pub commands: Option<Commands>,
    /// What runs code that agents write.
    pub code: Option<Tool>,
    /// How launch arguments are labelled.
    pub args: ArgsRule,
    /// Who may read what nobody labelled, and what a person writes.
    pub private: Readers,
    /// The workflow, where this is an installed workflow's own policy.
    pub workflow: Option<Workflow>,
    /// The function by which the result is printed.
    pub print: FunctionId,
    /// What the run may use up.
    pub budget: Budget,
    /// What no instance may go beyond, whatever its manifest asks.
    pub ceiling: Limits,
    /// What a person should know and nothing stops on, such as a grant that was not requested.
    pub notes: Vec<Diagnostic>,
}

/// One function: what an effect may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The full name, such as `tracker.label`.
    pub name: String,
    /// The arguments' names, in the order of [`ArgumentId`].
    pub arguments: Vec<String>,
    /// Who performs it.
    pub kind: FunctionKind,
    /// Where a call's own arguments name whom it reaches, besides those of its rule. The first
    /// segment is an argument.
    pub recipients: Option<Pointer>,
    /// What its answer is.
    pub answer: AnswerRule,
}

/// What the answer of a function is, besides its rule's label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerRule {
    /// Whether a text is read as JSON.
    pub parse: bool,
    /// The labels field by field, where some differ.
    pub labels: Option<LabelTree>,
    /// The list whose items count as origins of their own.
    pub items: Option<Pointer>,
    /// Whose items of that list are trusted.
    pub trusted_if: Option<TrustedIf>,
}

/// Whose items of a list are trusted: those whose principal, as the service names it, is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIf {
    /// Where an item names its principal.
    pub field: Pointer,
    /// Those who are trusted.
    pub members: BTreeSet<String>,
}

impl TrustedIf {
    /// Returns which items are of a listed principal. Names are compared letter by letter.
    pub fn vouched(&self, items: &[Value], labels: &LabelTree) -> Vouched {
        let field = self.field.to_string();
        let listed = |item: &Value| {
            let principal = item.pointer(&field).and_then(Value::as_str);
            principal.is_some_and(|principal| self.members.contains(principal))
        };
        let numbers = items.iter().zip(0..).filter(|(item, _)| listed(item));
        Vouched::new(
            numbers.map(|(_, number)| number).collect(),
            labels.joined().taint,
        )
    }
}

/// Who performs a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// A component of the tool world.
    Tool {
        /// The tool's name in the policy.
        tool: String,
        /// The function's name without the tool's.
        function: String,
    },
    /// An MCP server.
    Mcp {
        /// The tool's name in the policy.
        server: String,
        /// The function's name at the server.
        function: String,
    },
    /// The host acts on files below a mount.
    Files {
        /// The mount's name.
        mount: String,
        /// What it does there.
        act: FilesAct,
    },
    /// A model is asked.
    Model {
        /// Which model at which provider.
        target: Target,
        /// What is asked instead where this one cannot answer.
        next: Option<FunctionId>,
        /// Whether this is asked only instead of another; it is granted with that one.
        instead: bool,
    },
    /// The host sends a request to a site.
    WebFetch {
        /// The site's name.
        site: String,
        /// How.
        method: Method,
    },
    /// The search service is asked.
    WebSearch,
    /// A person is asked a question.
    Person,
    /// A program runs in the run tree, confined.
    Command {
        /// The group's name.
        group: String,
    },
    /// Code runs with nothing but its input.
    Code,
    /// What an agent has changed in a worktree of its own is looked at, or taken over.
    Worktree {
        /// What is done with it.
        act: WorktreeAct,
    },
    /// What the run tree has become is made so in the operator's files.
    Apply,
    /// The result is printed.
    Print,
}

impl FunctionKind {
    /// Returns whether a `use` list can name it.
    pub(crate) fn can_be_granted(&self) -> bool {
        !matches!(
            self,
            Self::Print | Self::Apply | Self::Model { instead: true, .. }
        )
    }
}

/// What one call does outside of its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// It changes nothing there.
    Nothing,
    /// A second call like it changes nothing more: it replaces the same by the same, or is led
    /// through what the first has done.
    Once,
    /// Each call is an effect of its own.
    EachTime,
}

/// What the host does with an agent's worktree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorktreeAct {
    /// Gives what has changed in it, as a patch.
    Patch,
    /// Makes the same changes in the run tree, all of them or none.
    Merge,
}

impl WorktreeAct {
    /// Every act, in the order of the documentation.
    pub const ALL: [Self; 2] = [Self::Patch, Self::Merge];

    /// Returns the last segment of the function's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Merge => "merge",
        }
    }
}

/// What the host does with files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilesAct {
    /// Gives a file's text.
    Read,
    /// Lists, describes and searches.
    Find,
    /// Replaces a file as a whole, without telling what was there.
    Write,
    /// Changes a part of a file, or which files there are; whether it can be done tells
    /// what is there.
    Edit,
}

impl FilesAct {
    /// Returns the last segment of the function's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Find => "find",
            Self::Write => "write",
            Self::Edit => "edit",
        }
    }
}

/// An agent profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The plugin that runs.
    pub plugin: String,
    /// What each instance may use up.
    pub limits: Limits,
    /// What its agents are told, where their tasks do not say otherwise.
    pub advice: Advice,
}

/// What a profile tells its agents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// The instruction that stands before every task.
    pub system: Option<String>,
    /// The model that they ask.
    pub model: Option<String>,
    /// `low`, `medium`, `high`, `xhigh` or `max`.
    pub effort: Option<String>,
    /// Output tokens of one agent.
    pub token_budget: Option<u64>,
    /// What every agent of the run has to keep to.
    pub constraints: Vec<String>,
}

/// A component of the tool world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// The plugin that runs.
    pub plugin: String,
    /// What each call's instance may do.
    pub grants: Grants,
    /// What each call's instance may use up.
    pub limits: Limits,
}

/// A directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The path, relative to the working directory, without `..`.
    pub path: String,
    /// Whether the host makes it where it is missing.
    pub create: bool,
    /// Whether there is a function that writes to it.
    pub write: bool,
    /// Whether the run has a copy of it, which keeps a label for each file; only that one is
    /// written to.
    pub tree: bool,
    /// Patterns of what is not there for anybody: of a path from the mount, or of a name.
    pub hide: Vec<String>,
    /// The label of every file in it.
    pub label: Label,
}

/// How launch arguments are labelled and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ArgsRule {
    /// The labels, field by field.
    pub labels: LabelTree,
    /// The list whose items count as origins of their own.
    pub items: Option<Pointer>,
    /// Whose items of that list are trusted.
    pub trusted_if: Option<TrustedIf>,
    /// The JSON Schema of one item; the host sets aside those that fail it.
    pub item_schema: Option<Value>,
    /// The most items.
    pub max_items: u64,
    /// The most bytes of one item.
    pub max_item_bytes: u64,
}

/// The orchestrator of an installed workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// The workflow's name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// The plugin that runs.
    pub plugin: String,
    /// To what it may rise.
    pub clearance: Clearance,
    /// In which order it is told how its children ended.
    pub order: Order,
    /// Every profile's grants, its own gates, and `run.print` where the policy says so.
    pub grants: Grants,
    /// What its instance may use up.
    pub limits: Limits,
}

/// In which order an orchestrator is told how its children ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// In that of their start: it tells nothing.
    #[default]
    Spawn,
    /// As they end, each for as many bits as it is one of so many outstanding; in that of their
    /// start where the bits are spent.
    Completion,
}

/// To what an orchestrator may rise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clearance {
    /// Not above its start: it never sees untrusted content.
    Opaque,
    /// To everything: what it has read shows in what it may still do.
    Float,
}

impl Clearance {
    /// Returns the label to which an orchestrator that starts at `start` may rise.
    pub fn label(self, start: Label) -> Label {
        match self {
            Self::Opaque => start,
            Self::Float => Label::TOP,
        }
    }
}

/// What a run may use up. The run's bits, and those of each item, are in the kernel's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The most agents that may be started.
    pub agents: u64,
    /// The most agents that may run at the same time.
    pub agents_at_once: u64,
    /// From how many agents on a person is asked before the run.
    pub ask_agents: Option<u64>,
    /// From how many dollars on a person is asked before the run.
    pub ask_usd: Option<u64>,
    /// The run as a whole.
    pub run: Allowance,
    /// Each agent.
    pub agent: Allowance,
    /// The agents of a phase together, by its title.
    pub phases: BTreeMap<String, Allowance>,
    /// The most tokens of an answer whose request does not say: as many are set aside for it.
    pub answer_tokens: u64,
}

/// What a run, a phase or an agent may use up; `None` is no limit of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Tokens that models write.
    pub tokens: Option<u64>,
    /// Millionths of a US dollar.
    pub micros: Option<u64>,
    /// Milliseconds from its start.
    pub wall_ms: Option<u64>,
    /// Agents that are started.
    pub agents: Option<u64>,
    /// Bits through gate rules.
    pub gate_bits: Option<Bits>,
}

impl Allowance {
    /// Returns whether models are asked within limits.
    pub fn limits_models(&self) -> bool {
        self.tokens.is_some() || self.micros.is_some()
    }
}

impl Compiled {
    /// Returns the function of that full name.
    pub fn function_id(&self, name: &str) -> Option<FunctionId> {
        let at = self.functions.iter().position(|one| one.name == name)?;
        u16::try_from(at).ok().map(FunctionId)
    }

    /// Returns a function's name and arguments.
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.functions.get(usize::from(id.0))
    }

    /// Returns the label of what a person writes while a run goes on.
    pub fn editor(&self) -> Label {
        Label {
            readers: self.private,
            ..Label::BOTTOM
        }
    }

    /// Returns the argument of that name.
    pub fn argument_id(&self, function: FunctionId, name: &str) -> Option<ArgumentId> {
        let arguments = &self.function(function)?.arguments;
        let at = arguments.iter().position(|one| one == name)?;
        u8::try_from(at).ok().map(ArgumentId)
    }

    /// Checks the rules over arguments whose schema the policy has.
    pub(crate) fn check_own_rules(&self) -> Vec<Diagnostic> {
        self.check_rules(|rule, _| rule.schema.clone())
    }

    /// Checks the other rules against what the tools themselves say of their functions, by full
    /// name. Returns every mistake.
    pub fn check_told_rules(&self, told: impl Fn(&str) -> Value) -> Vec<Diagnostic> {
        self.check_rules(|rule, name| (!rule.has_schema()).then(|| told(name)))
    }

    fn check_rules(&self, schema: impl Fn(&CallRule, &str) -> Option<Value>) -> Vec<Diagnostic> {
        let profiles: Vec<&str> = self.profiles.iter().map(|one| one.name.as_str()).collect();
        let workflow = self.workflow.as_ref().map(|one| one.name.as_str());
        let mut problems = Vec::new();
        for (id, rule) in &self.call_rules {
            let Some(function) = self.function(*id) else {
                continue;
            };
            if let Some(schema) = schema(rule, &function.name) {
                let callers = (profiles.as_slice(), workflow);
                problems.extend(rule.validate(function, &schema, callers));
            }
        }
        problems
    }

    /// Returns what a call of a function does outside of its run.
    pub fn outside(&self, kind: &FunctionKind) -> Outside {
        match kind {
            FunctionKind::Mcp { .. }
            | FunctionKind::Files {
                act: FilesAct::Edit,
                ..
            } => Outside::EachTime,
            FunctionKind::Command { group } if !self.has_no_exit(group) => Outside::EachTime,
            FunctionKind::WebFetch { method, .. }
                if !matches!(method, Method::Get | Method::Head) =>
            {
                Outside::EachTime
            }
            FunctionKind::Tool { .. }
            | FunctionKind::Apply
            | FunctionKind::Files {
                act: FilesAct::Write,
                ..
            } => Outside::Once,
            // What a command without a network does lies in the run tree, which reaches nothing
            // by itself.
            FunctionKind::Files { .. }
            | FunctionKind::Command { .. }
            | FunctionKind::WebFetch { .. }
            | FunctionKind::WebSearch
            | FunctionKind::Worktree { .. }
            | FunctionKind::Code
            | FunctionKind::Model { .. }
            | FunctionKind::Person
            | FunctionKind::Print => Outside::Nothing,
        }
    }

    /// Returns whether the commands of a group reach nothing but the run tree, so that one can
    /// be run again of which nobody knows whether it ran.
    pub fn has_no_exit(&self, group: &str) -> bool {
        let commands = self.commands.as_ref();
        let group = commands.and_then(|commands| commands.group(group));
        group.is_some_and(|group| group.net.is_empty())
    }

    /// Returns the profile of that name.
    pub fn profile_id(&self, name: &str) -> Option<ProfileId> {
        let at = self.profiles.iter().position(|one| one.name == name)?;
        u16::try_from(at).ok().map(ProfileId)
    }

    /// Returns a profile.
    pub fn profile(&self, id: ProfileId) -> Option<&Profile> {
        self.profiles.get(usize::from(id.0))
    }

    /// Returns the gate rule of that name.
    pub fn gate_id(&self, name: &str) -> Option<GateId> {
        let at = self.gates.iter().position(|one| one == name)?;
        u8::try_from(at).ok().map(GateId)
    }

    /// Returns a gate rule's name.
    pub fn gate_name(&self, id: GateId) -> Option<&str> {
        self.gates.get(usize::from(id.0)).map(String::as_str)
    }
}
