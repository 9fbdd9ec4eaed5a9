//! What a person decides about a run that nobody carries on.

use lazaret_journal::{Journal, JournalError, Record, RunId, Status as JournalStatus};
use lazaret_workflow::event::{Decision, Event};
use lazaret_workflow::replay::Past;
use lazaret_workflow::status::Status;

use crate::error::HostError;
use crate::resume::past;
use crate::run::to_record;

/// Ends a run as cancelled. It can be resumed all the same.
pub fn cancel(journal: &Journal, id: &RunId, now_ms: u64) -> Result<(), HostError> {
    let writer = journal.open_run(id)?;
    let ended = |status: &JournalStatus| status.ended_ms().is_some();
    if journal.run(id)?.status.as_ref().is_some_and(ended) {
        return Err(JournalError::Ended(id.clone()).into());
    }
    let past = past(journal, id)?;
    let event = Event::RunFinished {
        status: Status::Cancelled,
        result: None,
        failure: None,
        bits: past.bits.iter().map(|charge| charge.bits).sum(),
        at_ms: now_ms,
    };
    let status = JournalStatus::ended(Status::Cancelled.as_str(), now_ms)?;
    writer.append_final(record(&event)?, status).wait()?;
    Ok(())
}

/// Has an agent run again or give no value when the run goes on. Returns its step and name.
/// `agent` is the number of its step, or its name where only one has it.
pub fn decide(
    journal: &Journal,
    id: &RunId,
    agent: &str,
    decision: Decision,
) -> Result<(u32, String), HostError> {
    let writer = journal.open_run(id)?;
    let (step, name) = find(&past(journal, id)?, agent)?;
    let event = Event::Decided { step, decision };
    let open = JournalStatus::open(Status::Running.as_str())?;
    writer.append(record(&event)?.with_status(open)).wait()?;
    Ok((step, name))
}

/// Asks the process that carries a run on to stop; it ends the run as cancelled.
pub fn interrupt(process: u32) -> bool {
    let process = i32::try_from(process).ok();
    let process = process.and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|process| {
        rustix::process::kill_process(process, rustix::process::Signal::TERM).is_ok()
    })
}

/// Returns whether a process is there.
pub fn is_alive(process: u32) -> bool {
    let process = i32::try_from(process).ok();
    let process = process.and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|process| rustix::process::test_kill_process(process).is_ok())
}

pub(crate) fn find(past: &Past, agent: &str) -> Result<(u32, String), HostError> {
    let matches = |number: u32, name: &str| agent.parse() == Ok(number) || agent == name;
    let mut found = (past.steps.iter()).filter(|(number, step)| matches(**number, &step.name));
    let step = found
        .next()
        .map(|(number, step)| (*number, step.name.clone()));
    match (step, found.next()) {
        (Some(step), None) => Ok(step),
        (Some(_), Some(_)) => Err(HostError::NoSuchAgent(format!(
            "more than one agent is named `{agent}`"
        ))),
        (None, _) => Err(HostError::NoSuchAgent(format!(
            "the run has no agent `{agent}`"
        ))),
    }
}

fn record(event: &Event) -> Result<Record, HostError> {
    to_record(event, Vec::new())
}
