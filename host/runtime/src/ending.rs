//! How a run ended: what is written down and what is reported.

use lazaret_workflow::event::Event;
use lazaret_workflow::status::Status;
use serde_json::Value;

use crate::conduct::{Printed, Unprinted, more_for};
use crate::entry::Refusal;
use crate::error::HostError;
use crate::payload::Payload;
use crate::report::{self, Failure, GateBits, Report, Spending};
use crate::resume;
use crate::run::{Run, Tally};

/// Writes a run's end down, and says what became of it.
pub(crate) async fn finish(
    run: &Run,
    result: Printed,
    refused: &[Refusal],
) -> Result<Report, HostError> {
    let bits = GateBits::of(run.monitor().ledger(), &run.compiled);
    let tally = run.tally().clone();
    let status = match &result {
        Ok(_) => status_with(run, &tally, refused),
        Err(end) => end.status,
    };
    record_end(run, status, &result, bits.total.thousandths()).await?;
    let (result, label, failure) = match result {
        Ok((value, label)) => (Some(value), label, incomplete(run, &tally)),
        Err(end) => {
            let taint = run.label_text(end.label).taint;
            let failure = Failure::of_workflow(end.message, taint);
            (None, end.label, Some(failure))
        }
    };
    let label = run.label_text(label);
    let waits = status == Status::Waiting;
    let waiting = failure.as_ref().filter(|_| waits);
    let waiting = waiting.map(|failure| failure.message.clone());
    let failures = report::failures(refused, &tally, failure.filter(|_| !waits));
    Ok(Report {
        run: run.writer.id().to_string(),
        status,
        taint: label.taint.clone(),
        label: result.is_some().then_some(label),
        result,
        started: tally.started,
        completed: tally.completed,
        failed: report::failed(&tally),
        replayed: tally.replayed,
        unrequested: resume::unrequested(run),
        unmade: report::unmade(&tally),
        failures,
        denials: tally.denials,
        denials_dropped: tally.denials_dropped,
        bits,
        miscounted: Vec::new(),
        input_tokens: tally.input_tokens,
        output_tokens: tally.output_tokens,
        cost_micros: tally.cost_micros,
        unpriced: tally.unpriced.into_iter().collect(),
        approvals: run.approvals.all(),
        spending: Spending::of(&run.purse().budgets()),
        waiting,
        tree: None,
        step: run.only().cloned(),
    })
}

/// How a run ended that gave a result. One whose agents have all failed has not done what it
/// was for, whatever it returned.
fn status_with(run: &Run, tally: &Tally, refused: &[Refusal]) -> Status {
    if run.purse().spent().is_some() {
        Status::BudgetExhausted
    } else if report::all_failed(tally) {
        Status::Failed
    } else if !tally.failures.is_empty() || !refused.is_empty() || tally.refused_agents > 0 {
        Status::DoneWithFailures
    } else {
        Status::Done
    }
}

/// Says what a run lacks that gave a result.
fn incomplete(run: &Run, tally: &Tally) -> Option<Failure> {
    let Some(spent) = run.purse().spent() else {
        return report::lost(tally);
    };
    Some(Failure::of_workflow(more_for(run, spent), Vec::new()))
}

/// Writes down what the run gave, or why it gave nothing, at the label of either. What a run
/// waits for stands in its items.
async fn record_end(
    run: &Run,
    status: Status,
    printed: &Printed,
    bits: u64,
) -> Result<(), HostError> {
    let (result, failure) = match printed {
        Ok((value, label)) => (Some((value.clone(), *label)), None),
        Err(end) if end.status == Status::Waiting => (None, None),
        Err(Unprinted { message, label, .. }) => {
            let message = Value::String(message.clone());
            (None, Some((message, *label)))
        }
    };
    let store = |(value, label)| run.store(&Payload::json(value), label);
    let (result, given) = result.map(store).transpose()?.unzip();
    let (failure, told) = failure.map(store).transpose()?.unzip();
    let event = Event::RunFinished {
        status,
        result,
        failure,
        bits,
        at_ms: run.now_ms(),
    };
    let blobs = given.into_iter().chain(told).collect();
    run.end(&event, status, blobs).await
}
