//! `lazaret retry` and `lazaret skip`: what becomes of one agent when its run goes on.

use std::process::ExitCode;

use anyhow::Result;
use lazaret_journal::Journal;
use lazaret_runtime::decide;
use lazaret_workflow::event::Decision;

use crate::cli::OneAgent;
use crate::{home, stored, ui};

pub(crate) fn run(arguments: &OneAgent, decision: Decision) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let (step, name) = decide::decide(&journal, &id, &arguments.agent, decision)?;
    let what = match decision {
        Decision::Retry => "runs again",
        Decision::Skip => "gives no value",
    };
    ui::note(&format!(
        "step {step} {} {what} when the run goes on: `lazaret resume {id}`",
        ui::escape(&name)
    ));
    Ok(ExitCode::SUCCESS)
}
