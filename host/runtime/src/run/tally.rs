//! What is counted while a run goes on, and what it keeps of what failed and was refused.

use std::collections::{BTreeMap, BTreeSet};

use lazaret_kernel::label::Label;
use lazaret_workflow::event::Usage;
use lazaret_workflow::replay::Spending;

/// The most refusals that a run keeps; further ones are counted.
const MAX_DENIALS_KEPT: usize = 10_000;

/// What is counted while the run goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    /// Of these, how many an earlier part of the run has carried out.
    pub(crate) replayed: u64,
    /// Effects that would have been made, by step, where none is.
    pub(crate) unmade: Vec<(u32, String)>,
    pub(crate) failures: Vec<Failed>,
    /// How many agents were refused because a budget has no more of them.
    pub(crate) refused_agents: u64,
    /// How many agents of each phase ended, and how many of them failed.
    pub(crate) phases: BTreeMap<String, (u64, u64)>,
    pub(crate) denials: Vec<DeniedAct>,
    pub(crate) denials_dropped: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// In millionths of a US dollar, as far as prices are known.
    pub(crate) cost_micros: u64,
    /// Output tokens of the steps whose end no orchestrator was told of.
    pub(crate) by_step: BTreeMap<u32, u64>,
    /// Output tokens of the others, by the label of what their number may tell of.
    told: BTreeMap<Label, u64>,
    /// The models of which no price is known.
    pub(crate) unpriced: BTreeSet<String>,
}

/// Something that failed.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) step: u32,
    /// What failed, in a few words.
    pub(crate) name: String,
    pub(crate) message: String,
    /// Where these words may come from; empty is trusted.
    pub(crate) taint: Vec<String>,
}

/// A call that the monitor refused, as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedAct {
    /// The step that asked for it.
    pub step: u32,
    /// What was asked.
    pub act: String,
    /// The code of the rule's kind.
    pub code: String,
    /// The rule that decided.
    pub rule: String,
    /// The refusal in a sentence.
    pub message: String,
    /// What is allowed instead.
    pub remedy: String,
}

impl Tally {
    /// Counts an agent that ended.
    pub(crate) fn end(&mut self, phase: &str, failed: bool) {
        let (ended, lost) = self.phases.entry(phase.to_owned()).or_default();
        *ended += 1;
        *lost += u64::from(failed);
        self.completed += u64::from(!failed);
    }

    /// Keeps a refusal, or counts it where as many are kept as may be. Returns whether it is kept.
    pub(crate) fn deny(&mut self, act: DeniedAct) -> bool {
        let kept = self.denials.len() < MAX_DENIALS_KEPT;
        if kept {
            self.denials.push(act);
        } else {
            self.denials_dropped += 1;
        }
        kept
    }

    /// Counts what a model used up.
    pub(crate) fn use_up(&mut self, usage: Usage) {
        self.input_tokens += usage.input_tokens;
        self.output_tokens += usage.output_tokens;
        self.cost_micros += usage.cost_micros;
    }

    /// Takes over what earlier parts of the run used up, and what of it each step did.
    pub(crate) fn recall(&mut self, usage: Usage, by_step: &BTreeMap<u32, Spending>) {
        self.use_up(usage);
        let tokens = |one: &Spending| one.usage.output_tokens;
        let by_step = by_step.iter().map(|(step, one)| (*step, tokens(one)));
        self.by_step.extend(by_step);
    }

    /// Tells of output tokens whose number may tell of what carries this label.
    pub(crate) fn tell(&mut self, label: Label, tokens: u64) {
        *self.told.entry(label).or_default() += tokens;
    }

    /// Returns the output tokens of which an orchestrator may know that carries this label.
    pub(crate) fn told_at(&self, current: Label) -> u64 {
        let known = self.told.iter();
        let known = known.filter(|(label, _)| label.flows_to(current));
        known.map(|(_, tokens)| tokens).sum()
    }

    /// Counts what a model used up for a step.
    pub(crate) fn use_up_in(&mut self, step: u32, usage: Usage) {
        *self.by_step.entry(step).or_default() += usage.output_tokens;
        self.use_up(usage);
    }
}

#[cfg(test)]
mod tests {
    use lazaret_kernel::label::TagSet;

    use super::*;

    fn denied(step: usize) -> DeniedAct {
        DeniedAct {
            step: u32::try_from(step).unwrap(),
            act: "web.search".to_owned(),
            code: String::new(),
            rule: String::new(),
            message: String::new(),
            remedy: String::new(),
        }
    }

    #[test]
    fn who_carries_less_than_a_number_tells_of_is_not_told_it() {
        let tainted = |index| Label {
            taint: TagSet::of(index),
            ..Label::BOTTOM
        };
        let mut tally = Tally::default();
        tally.tell(Label::BOTTOM, 1);
        tally.tell(tainted(0), 20);
        tally.tell(tainted(1), 300);
        tally.tell(tainted(0), 20);
        assert_eq!(tally.told_at(Label::BOTTOM), 1);
        assert_eq!(tally.told_at(tainted(0)), 41);
        assert_eq!(tally.told_at(tainted(0).join(tainted(1))), 341);
    }

    #[test]
    fn what_an_agent_in_flight_uses_is_told_to_nobody() {
        let mut tally = Tally::default();
        let usage = Usage {
            output_tokens: 5,
            ..Usage::default()
        };
        tally.use_up_in(1, usage);
        assert_eq!(tally.told_at(Label::TOP), 0);
        assert_eq!(tally.output_tokens, 5);
    }

    #[test]
    fn refusals_up_to_the_limit_are_kept_and_one_past_it_is_counted() {
        let mut tally = Tally::default();
        assert!((0..MAX_DENIALS_KEPT).all(|step| tally.deny(denied(step))));
        assert_eq!(tally.denials.len(), MAX_DENIALS_KEPT);
        assert_eq!(tally.denials_dropped, 0);
        assert!(!tally.deny(denied(MAX_DENIALS_KEPT)));
        assert_eq!(tally.denials.len(), MAX_DENIALS_KEPT);
        assert_eq!(tally.denials.last(), Some(&denied(MAX_DENIALS_KEPT - 1)));
        assert_eq!(tally.denials_dropped, 1);
    }
}
