//! What an instance is asked to do.

use serde::de::DeserializeOwned;

use crate::bindings::types;
use crate::{Content, Failure};

/// A task: a text that may be seen, and named contents that are only held.
#[derive(Clone, Debug)]
pub struct Task {
    /// The instruction, or the typed input as JSON.
    pub text: String,
    /// How to do it, as a JSON object.
    pub options: String,
    parts: Vec<(String, Content)>,
}

impl Task {
    /// Reads the text as JSON.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.text).map_err(|error| {
            Failure::new(format!("the task's text is not what was expected: {error}"))
        })
    }

    /// Returns a part by name.
    pub fn part(&self, name: &str) -> Result<Content, Failure> {
        self.parts
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, content)| *content)
            .ok_or_else(|| Failure::new(format!("the task has no part `{name}`")))
    }

    /// Returns all parts in order.
    pub fn parts(&self) -> &[(String, Content)] {
        &self.parts
    }
}

impl From<types::Task> for Task {
    fn from(task: types::Task) -> Self {
        let parts = task
            .parts
            .into_iter()
            .map(|part| (part.name, Content::from_handle(part.content)))
            .collect();
        Self {
            text: task.text,
            options: task.options,
            parts,
        }
    }
}
