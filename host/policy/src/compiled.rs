//! A policy and its plugins as the host runs them: the kernel's tables and the names of
//! everything in them.

use std::collections::BTreeMap;

use lazaret_kernel::label::Label;
use lazaret_kernel::names::Names;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentId, FunctionId, GateId, Grants, ProfileId, Tables};
use lazaret_kernel::tree::LabelTree;
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::limits::Limits;

/// Everything that a run needs to know of a policy. Made by [`compile`](crate::compile::compile).
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The tags and principals behind the tables' bits.
    pub names: Names,
    /// The kernel's decision tables.
    pub tables: Tables,
    /// The functions, in the order of [`FunctionId`].
    pub functions: Vec<Function>,
    /// The gate rules' names, in the order of [`GateId`].
    pub gates: Vec<String>,
    /// The profiles, in the order of [`ProfileId`].
    pub profiles: Vec<Profile>,
    /// The tools that are components, by name.
    pub tools: BTreeMap<String, Tool>,
    /// The directories, by name.
    pub mounts: BTreeMap<String, Mount>,
    /// The models, by alias.
    pub models: BTreeMap<String, Model>,
    /// How launch arguments are labelled.
    pub args: ArgsRule,
    /// The workflow, where this is an installed workflow's own policy.
    pub workflow: Option<Workflow>,
    /// The function by which the result is printed.
    pub print: FunctionId,
    /// What the run may use up.
    pub budget: Budget,
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
    /// The host reads a file below a mount.
    FilesRead {
        /// The mount's name.
        mount: String,
    },
    /// The host writes a file below a mount.
    FilesWrite {
        /// The mount's name.
        mount: String,
    },
    /// A model is asked.
    Model {
        /// The model's alias.
        alias: String,
    },
    /// The result is printed.
    Print,
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
    /// The label of every file in it.
    pub label: Label,
}

/// A model behind an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Who serves it, such as `anthropic`.
    pub provider: String,
    /// The provider's name of the model.
    pub model: String,
    /// Where the provider answers, if not at its usual address.
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    pub key_variable: Option<String>,
}

/// How launch arguments are labelled and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ArgsRule {
    /// The labels, field by field.
    pub labels: LabelTree,
    /// The list whose items count as origins of their own.
    pub items: Option<Pointer>,
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
    /// Every profile's grants, its own gates, and `run.print` where the policy says so.
    pub grants: Grants,
    /// What its instance may use up.
    pub limits: Limits,
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

/// What a run may use up. The bits are in the kernel's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The most agents that may be started.
    pub agents: u64,
    /// The most agents that may run at the same time.
    pub agents_at_once: u64,
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

    /// Returns the argument of that name.
    pub fn argument_id(&self, function: FunctionId, name: &str) -> Option<ArgumentId> {
        let arguments = &self.function(function)?.arguments;
        let at = arguments.iter().position(|one| one == name)?;
        u8::try_from(at).ok().map(ArgumentId)
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
