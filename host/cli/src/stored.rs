//! Runs of the journal, as commands name them.

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, RunId, Sequence};
use lazaret_workflow::event::Event;

use crate::ui;

/// The most runs that a shortened id is looked for in.
const MAX_SEARCHED: usize = 10_000;

/// Finds the run whose id begins with a text.
pub(crate) fn find(journal: &Journal, text: &str) -> Result<RunId> {
    let runs = journal.runs(MAX_SEARCHED, None)?;
    let mut matching = runs.iter().filter(|run| run.id.as_str().starts_with(text));
    let Some(found) = matching.next() else {
        bail!(
            "there is no run `{}`; `lazaret runs` lists them",
            ui::escape(text)
        );
    };
    if matching.next().is_some() {
        bail!(
            "`{}` begins more than one run's id; type more of it",
            ui::escape(text)
        );
    }
    Ok(found.id.clone())
}

/// Reads all events of a run.
pub(crate) fn events(journal: &Journal, id: &RunId) -> Result<Vec<Event>> {
    journal
        .records(id, Sequence::FIRST)
        .map(|record| {
            let record = record?;
            serde_json::from_slice(record.payload())
                .with_context(|| format!("record {} is of no known kind", record.sequence().get()))
        })
        .collect()
}
