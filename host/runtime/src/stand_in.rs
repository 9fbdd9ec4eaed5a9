//! Scripted answers in the place of the world, for tests of components.
//!
//! A stand-in is asked only what the monitor permitted and after its intent was recorded: it
//! replaces the last step of an effect and no rule. Files stay real.

use std::sync::Arc;

use serde_json::Value;

/// A permitted effect that is about to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect<'a> {
    /// The function, such as `tracker.label` or `model.default`.
    pub function: &'a str,
    /// Its arguments, contents filled in.
    pub arguments: Vec<(String, Value)>,
    /// Whether making it reaches outside of this machine's components: a model, an MCP server or
    /// the web.
    pub is_outside: bool,
}

/// Answers an effect, or says why it failed; `None` lets it be made. It is called from the run's
/// own threads and must not block.
pub type StandIn = Arc<dyn Fn(&Effect<'_>) -> Option<Result<Value, String>> + Send + Sync>;
