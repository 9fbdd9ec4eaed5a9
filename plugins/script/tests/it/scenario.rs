//! What a made-up host is told to answer. The files of `tests/scripts/corpus` hold one each.

use serde::Deserialize;
use serde_json::{Value, json};

/// The circumstances of one run.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Clean launch arguments; absent is none.
    pub(crate) args: Option<Value>,
    /// Launch arguments that come as a part.
    pub(crate) tainted_args: Option<Value>,
    /// `opaque`, or absent for `float`.
    pub(crate) mode: Option<String>,
    /// Limits of the task.
    pub(crate) limits: Option<Value>,
    /// Budget of the task.
    pub(crate) budget: Option<Value>,
    /// Whether the script is called by another.
    pub(crate) nested: bool,
    /// How agents answer: the first that fits, and is not used up, counts.
    pub(crate) answers: Vec<Answer>,
    /// How nested workflows answer.
    pub(crate) workflows: Vec<Answer>,
    /// Why gates are refused, if they are.
    pub(crate) gates_refused: Option<String>,
    /// Whether reveals are refused.
    pub(crate) reveals_refused: bool,
}

/// One answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Answer {
    /// A part of the prompt, or the whole label, or the workflow's target; empty fits all.
    pub(crate) on: String,
    /// How often it is given; 0 is always.
    pub(crate) times: u32,
    /// Virtual milliseconds that it takes; 0 is 1.
    pub(crate) after: u64,
    /// Output tokens that it uses.
    pub(crate) tokens: u64,
    /// A text.
    pub(crate) text: Option<String>,
    /// A JSON value.
    pub(crate) json: Option<Value>,
    /// Whether it is delivered revealed, because its label is clean.
    pub(crate) clean: bool,
    /// Whether its outcome stays inside the handle.
    pub(crate) sealed: bool,
    /// That a person skipped it.
    pub(crate) none: bool,
    /// The text of a failure.
    pub(crate) failed: Option<String>,
    /// The message of a denial.
    pub(crate) denied: Option<String>,
}

impl Scenario {
    /// Returns the engine's task for a script.
    pub(crate) fn task(&self, file: &str, source: &str) -> Value {
        let mut task = json!({ "file": file, "source": source, "seed": "a fixed seed", "nested": self.nested });
        let fields = [
            ("args", self.args.clone()),
            ("mode", self.mode.clone().map(Value::from)),
            ("limits", self.limits.clone()),
            ("budget", self.budget.clone()),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                task[name] = value;
            }
        }
        task
    }

    /// Tells whether tainted values arrive opaque.
    pub(crate) fn opaque(&self) -> bool {
        self.mode.as_deref() == Some("opaque")
    }
}
