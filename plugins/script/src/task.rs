//! The task that the host gives the engine: `task.text` as JSON, and the tainted arguments as
//! parts.

use serde::Deserialize;
use serde_json::Value;

use crate::engine::MAX_STACK;
use crate::turn::Part;

/// The longest script, in UTF-16 units as JavaScript counts characters. The limit is upstream's.
pub const MAX_SOURCE: usize = 524_288;

/// How tainted values reach the script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// As ordinary values; the script's label rises with the first.
    #[default]
    Float,
    /// As opaque objects, except for fields of closed type.
    Opaque,
}

/// What bounds one script. Each has upstream's value unless the host says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Items of one `parallel` or `pipeline` call.
    pub items: u32,
    /// Agents of this script; the host counts nested ones too.
    pub agents: u32,
    /// Items that an opaque list without `maxItems` is cut to.
    pub list: u32,
    /// Bytes that QuickJS may allocate. Past it the script sees an error that it can catch.
    pub memory: usize,
    /// Bytes of C stack that JavaScript may use before it throws a `RangeError`: at most a
    /// thirteenth of the host's `max_wasm_stack`.
    pub stack: usize,
    /// How long a script may compute until it waits for something, in questions of QuickJS
    /// whether to go on: one for each 10,000 loops, calls and steps back of a pattern. Counted
    /// and not timed, so that a resumed run ends at the same place.
    pub pace: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            items: 4096,
            agents: 1000,
            list: 64,
            memory: 64 << 20,
            stack: MAX_STACK,
            pace: 10_000,
        }
    }
}

/// The token budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Output tokens for the whole run; `None` is no limit.
    pub total: Option<u64>,
    /// Output tokens that the run had used when this script started.
    pub spent: u64,
}

/// Everything a script run starts from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Task {
    /// The name that messages and stack traces show.
    pub file: String,
    /// The script.
    pub source: String,
    /// The clean arguments; `None` is `undefined` in the script.
    #[serde(default, deserialize_with = "present")]
    pub args: Option<Value>,
    /// How tainted values arrive.
    #[serde(default)]
    pub mode: Mode,
    /// Limits.
    #[serde(default)]
    pub limits: Limits,
    /// Budget.
    #[serde(default)]
    pub budget: Budget,
    /// The run's recorded randomness, which placeholders are made from.
    #[serde(default)]
    pub seed: String,
    /// Whether another script called this one; it may not call a third.
    #[serde(default)]
    pub nested: bool,
    /// Whether the script is only to be checked.
    #[serde(default)]
    pub check: bool,
    /// Tainted arguments: `args` for the whole, `args/pointer` for one value in it.
    #[serde(skip)]
    pub parts: Vec<Part>,
}

impl Task {
    /// Reads the task's text.
    pub fn parse(text: &str, parts: Vec<Part>) -> Result<Self, String> {
        let task: Self = serde_json::from_str(text)
            .map_err(|error| format!("the task is not what the script engine takes: {error}"))?;
        Ok(Self { parts, ..task })
    }
}

/// Keeps `"args": null` apart from no `args` at all.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
