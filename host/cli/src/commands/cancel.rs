//! `lazaret cancel`: ends a run as cancelled, whoever carries it on.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use lazaret_journal::{Journal, JournalError, RunId};
use lazaret_runtime::{HostError, decide};

use super::run;
use crate::cli::OneRun;
use crate::{home, stored, ui};

/// How often and how many times to look whether the process has stopped: it waits at most
/// five seconds for calls that cannot be interrupted.
const PAUSE: Duration = Duration::from_millis(100);
const MOST_LOOKS: u32 = 100;

pub(crate) fn run(arguments: &OneRun) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    match decide::cancel(&journal, &id, run::now_ms()) {
        Ok(()) => {}
        Err(HostError::Journal(JournalError::Busy {
            process: Some(process),
            ..
        })) => stop(&journal, &id, process)?,
        Err(error) => return Err(error.into()),
    }
    ui::note(&format!(
        "cancelled  run {id}; `lazaret resume {id}` goes on with it"
    ));
    Ok(ExitCode::SUCCESS)
}

fn stop(journal: &Journal, id: &RunId, process: u32) -> Result<()> {
    if !decide::interrupt(process) {
        bail!("process {process} has the run and cannot be asked to stop");
    }
    for _ in 0..MOST_LOOKS {
        let status = journal.run(id)?.status;
        if status.is_some_and(|status| status.ended_ms().is_some()) {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    bail!("process {process} was asked to stop and has not stopped yet; try again")
}
