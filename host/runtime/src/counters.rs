//! How often functions were called in this run, for rules over it, and who could have decided that.

use std::collections::BTreeMap;

use lazaret_kernel::label::Label;
use lazaret_kernel::origins::Origins;
use lazaret_kernel::tables::FunctionId;
use lazaret_workflow::replay::PastCalls;

use crate::remembered::origins_of;
use crate::run::Run;

/// The calls of one function, all parts of the run together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter {
    /// How many were made.
    pub(crate) calls: u64,
    /// What whoever called, or was refused, had known: the count tells of it.
    pub(crate) label: Label,
    /// The items of which they had known.
    pub(crate) origins: Origins,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            calls: 0,
            label: Label::BOTTOM,
            origins: Origins::NONE,
        }
    }
}

/// Returns what earlier parts of a run have counted.
pub(crate) fn of_past(
    run: &Run,
    past: &BTreeMap<String, PastCalls>,
) -> BTreeMap<FunctionId, Counter> {
    let known = past.iter().filter_map(|(name, calls)| {
        let id = run.compiled.function_id(name)?;
        let rule = run.compiled.call_rules.get(&id)?;
        rule.counts().then(|| (id, counter(run, calls)))
    });
    known.collect()
}

fn counter(run: &Run, past: &PastCalls) -> Counter {
    let labels = past.labels.iter().map(|label| run.label_of(label));
    let label = labels.fold(Label::BOTTOM, Label::join);
    Counter {
        calls: past.made,
        label: if past.unlabelled { Label::TOP } else { label },
        origins: origins_of(&past.origins),
    }
}
