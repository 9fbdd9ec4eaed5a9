//! Makes the changes of one tree in another: all of them, or none.

use std::path::Path;

use lazaret_kernel::label::Label;

use super::{Change, Tree, git, scan};

/// What came of a merge.
#[derive(Debug)]
pub(crate) struct Merged {
    /// The files that are now as in the other tree, or hold both trees' changes.
    pub(crate) merged: Vec<String>,
    /// The files that cannot hold both; where there is one, nothing was merged.
    pub(crate) conflicts: Vec<String>,
}

/// What one file becomes.
struct Becomes<'a> {
    change: &'a Change,
    state: Option<String>,
    /// Both trees' changes in one text; otherwise the other tree's file as it is.
    text: Option<Vec<u8>>,
    label: Label,
}

impl Tree {
    /// Takes over what another tree has changed since the last commit. Each file carries
    /// `inputs`, the label of whoever decided it, and what it carried there.
    pub(crate) fn merge(
        &self,
        other: &Self,
        changes: &[Change],
        repository: Option<&Path>,
        inputs: Label,
    ) -> Result<Merged, String> {
        let (mut wanted, mut conflicts) = (Vec::new(), Vec::new());
        for change in changes {
            match self.becoming(other, change, repository, inputs)? {
                Outcome::Same => {}
                Outcome::Becomes(becomes) => wanted.push(becomes),
                Outcome::Conflict => conflicts.push(change.path.clone()),
            }
        }
        if !conflicts.is_empty() {
            let merged = Vec::new();
            return Ok(Merged { merged, conflicts });
        }
        let mut steps = Vec::new();
        for becomes in &wanted {
            let at = self.place().inside(&becomes.change.path)?;
            let text = becomes.text.as_deref();
            match other.prepare(self.place(), &at, becomes.state.as_deref(), text) {
                Ok(step) => steps.push(step),
                Err(error) => {
                    steps.iter().for_each(super::apply::Step::forget);
                    return Err(format!("nothing was merged: {error}"));
                }
            }
        }
        let records = wanted
            .iter()
            .map(|one| (one.change.path.clone(), one.state.clone(), one.label));
        self.books().becomes(records)?;
        for step in &steps {
            step.take()
                .map_err(|error| format!("a file was not merged: {}", error.kind()))?;
        }
        let merged = wanted.iter().map(|one| one.change.path.clone()).collect();
        Ok(Merged { merged, conflicts })
    }

    fn becoming<'a>(
        &self,
        other: &Self,
        change: &'a Change,
        repository: Option<&Path>,
        inputs: Label,
    ) -> Result<Outcome<'a>, String> {
        let label = change.label.join(inputs);
        let ours = scan::state(&self.files().join(&change.path))?;
        if ours == change.after {
            return Ok(Outcome::Same);
        }
        if ours == change.before {
            return Ok(Outcome::Becomes(Becomes {
                change,
                state: change.after.clone(),
                text: None,
                label,
            }));
        }
        let is_text = |state: &Option<String>| {
            state
                .as_ref()
                .is_some_and(|state| !state.starts_with("link:"))
        };
        let (Some(own), true) = (
            repository,
            is_text(&ours) && is_text(&change.before) && is_text(&change.after),
        ) else {
            return Ok(Outcome::Conflict);
        };
        let at = self.place().inside(&change.path)?;
        let read = |tree: &Self| {
            tree.bytes(&at)
                .map_err(|error| format!("`{at}`: {}", error.kind()))
        };
        let base = git::committed(own, &change.path)?;
        let scratch = self.base().join("merging");
        let Some(text) = git::merge_texts(&read(self)?, &base, &read(other)?, &scratch)? else {
            return Ok(Outcome::Conflict);
        };
        let is_program = change
            .after
            .as_ref()
            .is_some_and(|state| state.starts_with("program:"));
        let both = self.books().label(&change.path, ours.as_deref());
        Ok(Outcome::Becomes(Becomes {
            change,
            state: Some(scan::state_of(&text, is_program)),
            text: Some(text),
            label: label.join(both),
        }))
    }
}

/// What becomes of one change.
enum Outcome<'a> {
    Same,
    Becomes(Becomes<'a>),
    Conflict,
}
