//! Runs of the journal, as commands name them.

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, RunId, Sequence, StoredRecord};
use lazaret_workflow::event::Event;
use lazaret_workflow::view::View;

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
    let records = journal.records(id, Sequence::FIRST);
    records.map(|record| event(&record?)).collect()
}

fn event(record: &StoredRecord) -> Result<Event> {
    serde_json::from_slice(record.payload())
        .with_context(|| format!("record {} is of no known kind", record.sequence().get()))
}

/// A run that another process carries on, as far as it was read.
pub(crate) struct Followed {
    pub(crate) view: View,
    next: Sequence,
}

impl Followed {
    /// Nothing of it was read yet.
    pub(crate) fn new() -> Self {
        Self {
            view: View::default(),
            next: Sequence::FIRST,
        }
    }

    /// Reads what was written since. Each event is told of with the view that it leads to.
    pub(crate) fn read(
        &mut self,
        journal: &Journal,
        id: &RunId,
        mut tell: impl FnMut(&Event, &View),
    ) -> Result<()> {
        for record in journal.records(id, self.next) {
            let record = record?;
            self.next = record.sequence().next();
            let event = event(&record)?;
            self.view.take(event.clone());
            tell(&event, &self.view);
        }
        Ok(())
    }
}
