//! Does the journal say the same of the run's bits as the monitor? Read back and counted anew.

use lazaret_journal::{Journal, RunId, Sequence};
use lazaret_workflow::event::Event;
use lazaret_workflow::recount::{Recount, recount};

use crate::error::HostError;
use crate::report::{Bits, GateBits};

/// The kinds of the records that are counted; the others are not even parsed.
const COUNTED: [&str; 2] = ["gated", "run-finished"];

/// Counts a run's bits from its records alone. That they disagree is an error.
pub fn count(journal: &Journal, id: &RunId) -> Result<Recount, HostError> {
    recount(&counted(journal, id)?).map_err(|wrong| {
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        HostError::Miscounted(wrong.join("; "))
    })
}

/// Compares the monitor's count with the records'. Returns where they differ.
pub(crate) fn differences(
    journal: &Journal,
    id: &RunId,
    bits: &GateBits,
) -> Result<Vec<String>, HostError> {
    let pairs = |all: &[(String, Bits)]| -> Vec<(String, u64)> {
        let pairs = all.iter();
        pairs
            .map(|(name, bits)| (name.clone(), bits.thousandths()))
            .collect()
    };
    let wrong = match recount(&counted(journal, id)?) {
        Ok(count) => count.compare(
            bits.total.thousandths(),
            &pairs(&bits.by_channel),
            &pairs(&bits.by_payer),
        ),
        Err(wrong) => wrong,
    };
    Ok(wrong.iter().map(ToString::to_string).collect())
}

fn counted(journal: &Journal, id: &RunId) -> Result<Vec<Event>, HostError> {
    let mut events = Vec::new();
    for record in journal.records(id, Sequence::FIRST) {
        let record = record?;
        if !COUNTED.contains(&record.kind()) {
            continue;
        }
        let event = serde_json::from_slice(record.payload())
            .map_err(|_unknown| HostError::Miscounted("a record is of no known kind".to_owned()))?;
        events.push(event);
    }
    Ok(events)
}
