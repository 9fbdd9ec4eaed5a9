//! What a run starts from. Times, ids and seeds are the caller's.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lazaret_journal::{Content, Journal, RunId};
use lazaret_policy::policy::Policy;
use serde_json::Value;

use crate::models::Keys;
use crate::progress::Observer;
use crate::scripts::{Library, State};

/// Everything that one run starts from. Times, ids and seeds are the caller's.
pub struct Launch {
    /// The policy.
    pub policy: Policy,
    /// The policy's text, for the journal.
    pub policy_text: String,
    /// The components, by their name in the policy.
    pub components: BTreeMap<String, Content>,
    /// The script, where the orchestrator is the script engine.
    pub script: Option<Script>,
    /// What an earlier round has left.
    pub state: Option<State>,
    /// Finds the scripts that the workflow names.
    pub library: Library,
    /// Output tokens that the run may use, where the policy does not give fewer.
    pub tokens: Option<u64>,
    /// How the operator named the launch argument.
    pub argument_name: String,
    /// The launch argument.
    pub argument: Vec<u8>,
    /// Below which the policy's relative paths lie.
    pub directory: PathBuf,
    /// Gives the keys that stand where the policy says.
    pub keys: Keys,
    /// The journal.
    pub journal: Journal,
    /// The run's id.
    pub id: RunId,
    /// From which the guests' randomness derives.
    pub seed: u64,
    /// Milliseconds since 1970.
    pub started_ms: u64,
    /// Who is told what happens.
    pub observer: Observer,
}

/// A workflow script, trusted for this run by whoever named it.
#[derive(Clone, Debug)]
pub struct Script {
    /// How messages name it.
    pub file: String,
    /// Its text.
    pub source: String,
    /// Whether the operator trusts it; one that is not starts as tainted as if its text were
    /// read from somewhere unknown.
    pub trusted: bool,
    /// Where the script's `args` come from.
    pub arguments: ScriptArguments,
}

/// Where a script's `args` come from.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptArguments {
    /// There are none.
    Absent,
    /// The operator typed them: trusted and public.
    Typed(Value),
    /// They are the launch argument, labelled as the policy says.
    Launch,
}

impl std::fmt::Debug for Launch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launch")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
