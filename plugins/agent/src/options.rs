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
    /// What the whole run is for.
    #[serde(default)]
    pub(crate) goal: Option<String>,
    /// What every agent of the run has to keep to.
    #[serde(default)]
    pub(crate) constraints: Vec<String>,
    /// Output tokens that this agent may use.
    #[serde(default)]
    pub(crate) token_budget: Option<u64>,
    /// Bytes of tool results that stay whole in the conversation.
    #[serde(default)]
    context_bytes: Option<usize>,
}

/// About 50,000 tokens, which fits the windows of most models with room for the rest.
const CONTEXT_BYTES: usize = 200_000;

impl Options {
    /// Parses the task's options.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|error| Failure::new(format!("options: {error}")))
    }

    /// Returns how many bytes of tool results stay whole.
    pub(crate) fn context_bytes(&self) -> usize {
        self.context_bytes.unwrap_or(CONTEXT_BYTES)
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
