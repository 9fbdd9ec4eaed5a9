//! Workflow scripts of a run: the one it starts with, those that it names, and what the engine
//! is told of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use lazaret_journal::Blob;
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_policy::compiled::{Advice, Clearance};
use lazaret_workflow::budget::least_answer;
use lazaret_workflow::event::{Event, LabelText};
use serde_json::{Value, json};

use crate::orchestrate::Told;
use crate::run::{Run, locked};

/// A script that a workflow can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedScript {
    /// How messages name it.
    pub file: String,
    /// Its text.
    pub source: String,
    /// Whether the operator trusts it. One that is not runs as if its text were read from
    /// somewhere unknown, and so does all that it starts.
    pub trusted: bool,
}

/// What an earlier round of the same workflow has left for the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The value, which the script has as `args.state`.
    pub value: Value,
    /// The label of the result that it was in.
    pub label: LabelText,
    /// How many bits of untrusted results have decided that there is another round.
    pub decided: u32,
}

/// The part of a script's task that holds the state.
pub(crate) const STATE_PART: &str = "args/state";

/// Finds a script by a saved name or a path, or says in a sentence why there is none.
pub type Library = Arc<dyn Fn(&str) -> Result<SavedScript, String> + Send + Sync>;

/// Returns a library that has no script.
pub fn no_library() -> Library {
    Arc::new(|name| Err(format!("there is no workflow `{name}`")))
}

/// What a script that nobody trusts starts with.
pub(crate) const UNTRUSTED: Label = Label {
    taint: TagSet::UNKNOWN,
    readers: Readers::PUBLIC,
};

/// The plugin that runs scripts for an orchestrator that is none.
const ENGINE: &str = "script";

/// Bytes of stack that a script's engine may use before it throws: a thirteenth of an
/// orchestrator's, since the engine sees only what lies in its own memory.
pub(crate) const STACK: usize = (4 << 20) / 13;

/// Output tokens that count for a tainted agent of an opaque script, where the profile does
/// not say how many it may use.
const RESERVED_TOKENS: u64 = 64_000;

/// What a run knows of scripts.
pub(crate) struct Scripts {
    /// Whether the run's own orchestrator is a script.
    pub(crate) is_script: bool,
    /// The plugin of the run's own orchestrator.
    pub(crate) orchestrator: String,
    pub(crate) clearance: Clearance,
    pub(crate) library: Library,
    /// Output tokens that the launch gives the run; the policy may give fewer.
    pub(crate) launched_tokens: Option<u64>,
    found: Mutex<BTreeMap<String, Arc<SavedScript>>>,
}

impl Scripts {
    pub(crate) fn new(
        is_script: bool,
        orchestrator: String,
        clearance: Clearance,
        library: Library,
        launched_tokens: Option<u64>,
    ) -> Self {
        Self {
            is_script,
            orchestrator,
            clearance,
            library,
            launched_tokens,
            found: Mutex::default(),
        }
    }
}

/// What the engine is told of one script.
#[derive(Debug)]
pub(crate) struct ScriptTask<'a> {
    pub(crate) file: &'a str,
    pub(crate) source: &'a str,
    /// The arguments that are plain values.
    pub(crate) args: Option<Value>,
    /// Output tokens that the run had used before.
    pub(crate) spent: u64,
    pub(crate) nested: bool,
}

impl ScriptTask<'_> {
    /// Writes the task's text; see `plugins/script/src/task.rs`.
    pub(crate) fn write(self, run: &Run) -> String {
        let mode = match run.scripts.clearance {
            Clearance::Opaque => "opaque",
            Clearance::Float => "float",
        };
        let mut task = json!({
            "file": self.file,
            "source": self.source,
            "mode": mode,
            "limits": { "agents": run.compiled.budget.agents, "stack": STACK },
            "budget": { "total": run.compiled.budget.run.tokens, "spent": self.spent },
            "seed": format!("{:016x}", run.derive("script", 0, 0)),
            "nested": self.nested,
        });
        if let (Some(args), Some(task)) = (self.args, task.as_object_mut()) {
            task.insert("args".to_owned(), args);
        }
        task.to_string()
    }
}

impl Run {
    /// Returns the plugin that runs scripts, if there is one.
    pub(crate) fn engine(&self) -> Option<&str> {
        if self.scripts.is_script {
            return Some(&self.scripts.orchestrator);
        }
        self.plugins.contains_key(ENGINE).then_some(ENGINE)
    }

    /// Returns how scripts are told what their children gave.
    pub(crate) fn told_by_scripts(&self) -> Told {
        match self.scripts.clearance {
            Clearance::Opaque => Told::CleanValues,
            Clearance::Float => Told::Values,
        }
    }

    /// Returns how many requests of the run may go on at the same time.
    pub(crate) fn at_once(&self) -> usize {
        usize::try_from(self.compiled.budget.agents_at_once).unwrap_or(1)
    }

    /// Finds a script that a workflow names: the one that an earlier part of the run was given
    /// under this name, or what there is now.
    pub(crate) fn find_script(&self, target: &str) -> Result<Arc<SavedScript>, String> {
        let mut found = locked(&self.scripts.found);
        if let Some(script) = found.get(target) {
            return Ok(Arc::clone(script));
        }
        let script = match self.recorded_script(target) {
            Some(script) => script,
            None => self.record_script(target)?,
        };
        let script = Arc::new(script);
        found.insert(target.to_owned(), Arc::clone(&script));
        Ok(script)
    }

    fn recorded_script(&self, target: &str) -> Option<SavedScript> {
        let past = self.replay().past().scripts.get(target).cloned()?;
        let bytes = past.source.parse().ok()?;
        let bytes = self.writer.journal().read_blob(bytes).ok()?;
        Some(SavedScript {
            file: past.file,
            source: String::from_utf8(bytes).ok()?,
            trusted: !past.untrusted,
        })
    }

    fn record_script(&self, target: &str) -> Result<SavedScript, String> {
        let script = (self.scripts.library)(target)?;
        let failed = |_error| "the script could not be kept for a later part of the run".to_owned();
        let blob = Blob::new(script.source.as_bytes(), "{}", "text/javascript");
        let blob = blob.map_err(|error| error.to_string())?;
        let event = Event::ScriptFound {
            target: target.to_owned(),
            file: script.file.clone(),
            source: blob.digest().to_string(),
            untrusted: !script.trusted,
        };
        self.queue(&event, vec![blob]).map_err(failed)?;
        Ok(script)
    }

    /// Says that the run's token budget is spent, as far as an orchestrator of this label may
    /// know: what is left of it is too little for another agent's first answer.
    pub(crate) fn told_over_budget(&self, current: Label) -> Option<String> {
        let total = self.compiled.budget.run.tokens?;
        let spent = self.told_tokens(current);
        let least = least_answer(self.compiled.budget.answer_tokens, Some(total));
        (total.saturating_sub(spent) < least).then(|| {
            format!("budget: the token budget is spent ({spent} of {total} output tokens)")
        })
    }

    /// Returns the output tokens of which an orchestrator of this label may know: of agents of
    /// whose end one was told, and never of those in flight. How much a tainted agent has
    /// written so far is a stranger's word.
    pub(crate) fn told_tokens(&self, current: Label) -> u64 {
        self.tally().told_at(current)
    }

    /// Takes over what an earlier part of the run has told an orchestrator of this label.
    pub(crate) fn recall_told(&self, current: Label, tokens: u64) {
        let mut tally = self.tally();
        let missing = tokens.saturating_sub(tally.told_at(current));
        tally.tell(current, missing);
    }

    /// Counts what an agent used of whose end an orchestrator is told that carries `current`;
    /// `label` is what its use may tell of. What an opaque script can never know counts there as
    /// what was reserved for it; a floating one knows it once it carries the label.
    pub(crate) fn count_tokens(&self, step: u32, label: Label, current: Label) {
        let mut tally = self.tally();
        let used = tally.by_step.remove(&step).unwrap_or(0);
        let is_opaque = self.scripts.clearance == Clearance::Opaque;
        if is_opaque && !label.flows_to(current) {
            tally.tell(current, RESERVED_TOKENS);
        } else {
            tally.tell(label.join(current), used);
        }
    }

    /// Returns how many tokens an agent may use: what its profile says, or what is reserved
    /// for it where an opaque script has a budget.
    pub(crate) fn reserved_tokens(&self, advice: &Advice) -> Option<u64> {
        let is_limited = self.compiled.budget.run.tokens.is_some();
        let reserves = is_limited && self.scripts.clearance == Clearance::Opaque;
        let most = reserves.then_some(RESERVED_TOKENS);
        advice
            .token_budget
            .map_or(most, |own| Some(most.map_or(own, |most| own.min(most))))
    }
}
