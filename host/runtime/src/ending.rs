//! How a run ended: what is written down and what is reported.

use lazaret_kernel::label::Label;
use lazaret_workflow::event::Event;
use lazaret_workflow::status::Status;
use serde_json::Value;

use crate::conduct::{Printed, more_for};
use crate::entry::Refusal;
use crate::error::HostError;
use crate::payload::Payload;
use crate::report::{self, GateBits, Report, Spending};
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
    let lost = report::lost(&tally);
    let (result, label, status, failed) = match result {
        Ok((value, label)) => {
            let status = status_with(run, &tally, refused);
            let message = match run.purse().spent() {
                Some(spent) => Some(more_for(run, spent)),
                None => lost,
            };
            (Some(value), Some(label), status, message)
        }
        Err((status, message)) => (None, None, status, Some(message)),
    };
    let waits = status == Status::Waiting;
    let waiting = failed.clone().filter(|_| waits);
    let failures = report::failures(refused, &tally, failed.filter(|_| !waits));
    record_end(run, status, result.as_ref(), bits.total.thousandths()).await?;
    Ok(Report {
        run: run.writer.id().to_string(),
        status,
        result,
        taint: label
            .as_ref()
            .map_or_else(Vec::new, |label| label.taint.clone()),
        label,
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

async fn record_end(
    run: &Run,
    status: Status,
    result: Option<&Value>,
    bits: u64,
) -> Result<(), HostError> {
    let stored = match result {
        None => None,
        Some(value) => {
            let payload = Payload::json(value.clone());
            Some(run.store(&payload, Label::BOTTOM)?)
        }
    };
    let (result, blobs) = match stored {
        None => (None, Vec::new()),
        Some((reference, blob)) => (Some(reference), vec![blob]),
    };
    let event = Event::RunFinished {
        status,
        result,
        bits,
        at_ms: run.now_ms(),
    };
    run.end(&event, status, blobs).await
}
