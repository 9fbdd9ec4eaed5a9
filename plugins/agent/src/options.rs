//! What a task's options say: the model, the effort, the schema of the answer.

use lazaret_sdk::Failure;
use lazaret_sdk::model::Effort;
use serde::Deserialize;
use serde_json::Value;

/// The options of one task. Unknown keys are ignored.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Options {
    /// An alias of the policy; empty for the default.
    #[serde(default)]
    pub(crate) model: Option<String>,
    #[serde(default)]
    effort: Option<String>,
    /// JSON Schema of the answer; without one the answer is text.
    #[serde(default)]
    pub(crate) schema: Option<Value>,
    /// What the profile says to its agents.
    #[serde(default)]
    pub(crate) system: Option<String>,
}

impl Options {
    /// Parses the task's options.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| Failure::new(format!("options: {error}")))
    }

    /// Returns the effort, if it is one of those that there are.
    pub(crate) fn effort(&self) -> Option<Effort> {
        Some(match self.effort.as_deref()? {
            "low" => Effort::Low,
            "medium" => Effort::Medium,
            "high" => Effort::High,
            "xhigh" => Effort::Xhigh,
            "max" => Effort::Max,
            _ => return None,
        })
    }
}
