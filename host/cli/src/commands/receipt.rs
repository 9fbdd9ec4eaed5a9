//! `lazaret receipt`: the signed summary of a run.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_journal::{Journal, RunId};
use lazaret_runtime::recount::count;
use lazaret_workflow::receipt::{self, Facts, Head};

use crate::cli::Receipt;
use crate::{home, keys, stored, ui};

pub(crate) fn run(arguments: &Receipt) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let key = keys::own()?.context("there is no key to sign with; `lazaret keygen` makes one")?;
    let text = receipt::seal(&facts(&journal, &id)?, &key)?;
    match &arguments.output {
        None => ui::out(&text),
        Some(path) => {
            std::fs::write(path, format!("{text}\n"))
                .with_context(|| format!("`{}`", path.display()))?;
            ui::note(&format!("signed as {}", key.public()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a run's facts from its records, after its whole chain was checked.
pub(crate) fn facts(journal: &Journal, id: &RunId) -> Result<Facts> {
    let head = journal.verify(id)?;
    let head = Head {
        records: head.count,
        hash: head.hash.to_string(),
    };
    // What does not add up is neither signed nor confirmed.
    count(journal, id)?;
    let events = stored::events(journal, id)?;
    Ok(Facts::of(id.as_str(), head, &events)?)
}
