//! `lazaret apply`: makes the operator's files what a run's tree has become.

use std::process::ExitCode;

use anyhow::{Result, bail};
use lazaret_journal::Journal;
use lazaret_runtime::{Kept, resume};
use lazaret_workflow::approval::{Items, Standing};
use serde_json::{Value, json};

use super::{approve, run};
use crate::cli::{Apply, Approve};
use crate::{home, prompt, render, secrets, stored, ui};

/// The function that a run itself asks for.
const APPLY: &str = "run.apply";

pub(crate) fn run(arguments: &Apply) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let items = Items::of(&stored::events(&journal, &id)?);
    let now = run::now_ms();
    let waits = items
        .all()
        .iter()
        .any(|item| item.call.function == APPLY && item.standing(now) == Standing::Waiting);
    if waits && !arguments.json {
        // The run itself waits for this word, and goes on with it.
        return approve::approve(&Approve {
            run: id.to_string(),
            item: None,
            json: false,
            edit: None,
        });
    }
    // Nobody else may be at work on the tree.
    let lock = journal.open_run(&id)?;
    let observer = std::sync::Arc::new(|_: &lazaret_runtime::progress::Progress| {});
    let launch = resume::launch(&journal, &id, secrets::keys(), observer)?;
    let Some(kept) = Kept::open(&home::trees()?, &launch)? else {
        if arguments.json {
            ui::out(&json!({ "changes": [] }).to_string());
        } else {
            ui::note(&format!("run {id} has left no changes"));
        }
        return Ok(ExitCode::SUCCESS);
    };
    if arguments.json {
        ui::out(&serde_json::to_string_pretty(kept.patch())?);
        return Ok(ExitCode::SUCCESS);
    }
    if !prompt::has_person() {
        bail!(
            "changes are applied by somebody who has seen them, on a terminal; \
             `lazaret apply {id} --json` prints them"
        );
    }
    let text = render::patch(kept.patch()).unwrap_or_default();
    let lines = render::lines(&Value::String(text), &[]);
    let applied = prompt::confirm(&lines, "apply all of it to your files, [y]es or no? ");
    if applied {
        for path in kept.apply()? {
            ui::note(&format!("applied {}", ui::escape(&path)));
        }
    }
    drop(lock);
    Ok(if applied {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}
