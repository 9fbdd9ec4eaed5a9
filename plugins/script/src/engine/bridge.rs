//! What crosses between Rust and the prelude, and in which words.

use serde::Deserialize;

use crate::fault::Code;
use crate::task::Mode;
use crate::turn::{Answer, NumberedRequest, Outcome, Reply};

/// What the prelude hands over at the end of a turn.
#[derive(Debug, Deserialize)]
pub(super) struct Drained {
    pub(super) requests: Vec<NumberedRequest>,
    /// How many requests the script still waits for.
    pub(super) waiting: u32,
    pub(super) finished: Option<Finished>,
}

/// How a script ended.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Finished {
    Ok(Answer),
    Err(String),
}

/// What a failed child is to a script that is told nothing of the case.
const DEAD: &str = "it failed";

/// Returns a reply as the prelude knows it: its kind and one text.
pub(super) fn spell(reply: &Reply, mode: Mode) -> (&'static str, String) {
    let told = |text: &str, fixed: &str| match mode {
        Mode::Float => text.to_owned(),
        Mode::Opaque => fixed.to_owned(),
    };
    match reply {
        Reply::Done => ("done", String::new()),
        Reply::Content(handle) => ("content", handle.0.to_string()),
        Reply::Contents(handles) => ("contents", serde_json::json!(handles).to_string()),
        Reply::Value(text) => ("value", text.clone()),
        Reply::Invalid => ("invalid", String::new()),
        Reply::Outcome(Outcome::Value(handle)) => ("outcome-value", handle.0.to_string()),
        Reply::Outcome(Outcome::None) => ("outcome-none", String::new()),
        Reply::Outcome(Outcome::Failed(text)) => match Code::of(text) {
            Some(code) => ("outcome-error", told(text, code.fixed_text())),
            None => ("outcome-dead", told(text, DEAD)),
        },
        Reply::Denied(denial) => ("denied", serde_json::json!(denial).to_string()),
        Reply::Failed(text) => ("failed", text.clone()),
    }
}
