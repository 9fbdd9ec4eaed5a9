//! `lazaret retry` and `lazaret skip`: what becomes of one agent when its run goes on.

use std::process::ExitCode;

use anyhow::{Result, bail};
use lazaret_journal::{Journal, JournalError};
use lazaret_runtime::{HostError, decide};
use lazaret_workflow::event::Decision;

use super::stop;
use crate::cli::OneAgent;
use crate::{home, stored, ui};

pub(crate) fn run(arguments: &OneAgent, decision: Decision) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let decided = decide::decide(&journal, &id, &arguments.agent, decision);
    let (step, name) = match (decided, decision) {
        (Ok(decided), _) => decided,
        (Err(HostError::Journal(JournalError::Busy { .. })), Decision::Skip) => {
            return stop::run(arguments);
        }
        (Err(HostError::Journal(JournalError::Busy { .. })), Decision::Retry) => bail!(
            "the run goes on, and an agent is retried when it does so again: \
             `lazaret cancel {id}`, then `lazaret retry {id} AGENT` and `lazaret resume {id}`"
        ),
        (Err(error), _) => return Err(error.into()),
    };
    let what = match decision {
        Decision::Retry => "runs again",
        Decision::Skip | Decision::Stop => "gives no value",
    };
    ui::note(&format!(
        "step {step} {} {what} when the run goes on: `lazaret resume {id}`",
        ui::escape(&name)
    ));
    Ok(ExitCode::SUCCESS)
}
