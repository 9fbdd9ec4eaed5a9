//! Does the journal say the same of the run's bits as the monitor? Read back and counted anew.

use lazaret_journal::{Journal, JournalError, RunId, Sequence};
use lazaret_workflow::event::{Basis, Event};
use lazaret_workflow::recount::{Disagreement, Recount, Types, recount};

use crate::error::HostError;
use crate::report::{Bits, GateBits};

/// The kinds of the records that are counted; the others are not even parsed.
const COUNTED: [&str; 2] = ["gated", "run-finished"];

/// Counts a run's bits from its records alone. That they disagree is an error.
pub fn count(journal: &Journal, id: &RunId) -> Result<Recount, HostError> {
    counted(journal, id)?.map_err(|wrong| {
        let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        HostError::Miscounted(wrong.join("; "))
    })
}

/// Compares the monitor's count with the records'. Returns where they differ, and notes of how
/// many bits nothing says why they are so many.
pub(crate) fn differences(
    journal: &Journal,
    id: &RunId,
    bits: &mut GateBits,
) -> Result<Vec<String>, HostError> {
    let pairs = |all: &[(String, Bits)]| -> Vec<(String, u64)> {
        let pairs = all.iter();
        pairs
            .map(|(name, bits)| (name.clone(), bits.thousandths()))
            .collect()
    };
    let wrong = match counted(journal, id)? {
        Ok(count) => {
            bits.unchecked = Bits::from_thousandths(count.unchecked);
            count.compare(
                bits.total.thousandths(),
                &pairs(&bits.by_channel),
                &pairs(&bits.by_payer),
            )
        }
        Err(wrong) => wrong,
    };
    Ok(wrong.iter().map(ToString::to_string).collect())
}

fn counted(journal: &Journal, id: &RunId) -> Result<Result<Recount, Vec<Disagreement>>, HostError> {
    let events = events(journal, id)?;
    let types = types(journal, &events)?;
    Ok(recount(&events, &types))
}

fn events(journal: &Journal, id: &RunId) -> Result<Vec<Event>, HostError> {
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

/// Reads the types that gates were asked for. One that is not there is missed when it is priced.
fn types(journal: &Journal, events: &[Event]) -> Result<Types, HostError> {
    let mut types = Types::new();
    for event in events {
        let Event::Gated {
            question,
            basis: Some(Basis::Type),
            ..
        } = event
        else {
            continue;
        };
        let Ok(digest) = question.parse() else {
            continue;
        };
        if types.contains_key(question) {
            continue;
        }
        match journal.read_blob(digest) {
            Ok(text) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                types.insert(question.clone(), text);
            }
            Err(JournalError::BlobNotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(types)
}
