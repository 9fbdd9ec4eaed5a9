//! What can go wrong in the host itself: the run stops and can be resumed. Never a guest's
//! error, which is a value, and never a trap, which ends the guest.

use std::path::{Path, PathBuf};

use lazaret_journal::JournalError;
use lazaret_models::ModelError;
use lazaret_policy::diagnostic::Diagnostic;

/// The host's own failure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Wasmtime could not be set up on this machine.
    #[error("the WebAssembly engine could not be set up")]
    Engine(#[source] wasmtime::Error),
    /// A plugin's component is malformed, or asks for what it is not offered.
    #[error("plugin `{name}`: {message}")]
    Plugin {
        /// The plugin's name in the policy.
        name: String,
        /// What is wrong, lower case.
        message: String,
    },
    /// A file could not be read or written.
    #[error("`{}` could not be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The policy or a manifest is wrong.
    #[error("the policy has {} problem(s)", .0.len())]
    Policy(Vec<Diagnostic>),
    /// The launch argument is unusable as a whole.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A model of the policy cannot be asked.
    #[error("model `{alias}`")]
    Model {
        /// The model's alias in the policy.
        alias: String,
        /// Why.
        #[source]
        source: ModelError,
    },
    /// An MCP server of the policy cannot be used.
    #[error("the server of the tool `{name}`: {message}")]
    Server {
        /// The tool's name in the policy.
        name: String,
        /// What is wrong, lower case.
        message: String,
    },
    /// An MCP server describes its functions otherwise than it did when they were pinned.
    #[error(
        "the server of the tool `{name}` no longer describes its functions as they were pinned"
    )]
    Pin {
        /// The tool's name in the policy.
        name: String,
        /// The difference line by line; empty where the pinned text is not there.
        difference: String,
    },
    /// The copy of the operator's files that a run works on cannot be used.
    #[error("the run tree: {0}")]
    Tree(String),
    /// The journal could not be read or written.
    #[error("the journal failed")]
    Journal(#[from] JournalError),
    /// The monitor refused what the host itself must be able to do.
    #[error("the run's own policy refuses it: {0}")]
    Refused(String),
    /// The run cannot go on from what its journal holds.
    #[error("the run cannot be resumed: {0}")]
    NotResumable(String),
    /// The run's bits, counted again from its records, are not those that are stated.
    #[error("the run's bits do not add up: {0}")]
    Miscounted(String),
    /// A person named an agent that the run does not have, or more than one.
    #[error("{0}")]
    NoSuchAgent(String),
    /// A script cannot be run as it is.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The host broke one of its own rules.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

/// A launch argument that cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct InputError {
    /// The file as the operator named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// What is wrong with a script before it runs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ScriptError {
    /// The file, or the file with line and column.
    pub place: String,
    /// Which problem it is.
    pub problem: ScriptProblem,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// Why a script cannot be run as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptProblem {
    /// It writes out an agent type that there is not.
    UnknownAgentType,
    /// The condition of `--until` cannot be evaluated.
    Condition,
}

impl HostError {
    /// Returns the error of a file operation.
    pub fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// Returns an error about one plugin.
    pub fn plugin(name: &str, message: impl Into<String>) -> Self {
        Self::Plugin {
            name: name.to_owned(),
            message: message.into(),
        }
    }

    /// Returns an error about one MCP server.
    pub(crate) fn server(name: &str, message: String) -> Self {
        Self::Server {
            name: name.to_owned(),
            message,
        }
    }

    /// Returns the code under which the error has a page.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Engine(_) => "engine",
            Self::Plugin { .. } => "plugin",
            Self::File { .. } => "file",
            Self::Policy(problems) => problems.first().map_or("policy", |problem| problem.code),
            Self::Input(_) => "input",
            Self::Model { source, .. } => source.code(),
            Self::Server { .. } => "server",
            Self::Pin { .. } => "pin",
            Self::Tree(_) => "tree",
            Self::Journal(error) => error.code(),
            Self::Refused(_) => "refused",
            Self::NotResumable(_) => "not-resumable",
            Self::Miscounted(_) => "miscounted",
            Self::NoSuchAgent(_) => "no-such-agent",
            Self::Script(error) => match error.problem {
                ScriptProblem::UnknownAgentType => "unknown-agent-type",
                ScriptProblem::Condition => "condition",
            },
            Self::Internal(_) => "internal",
        }
    }
}
