//! The replay engine: which answers of an earlier part of a run are used when it goes on.
//!
//! The orchestrator is started again. As long as the requests of its turns are those that
//! the journal holds, it is given the same batches in the same order. From the first
//! difference calls match by key and occurrence, whatever the order. A call that does not
//! match is a **miss**; what becomes of it is the caller's choice.
//!
//! Pure: it decides over names and digests. Whether an answer may still be used under the
//! current policy, and at which label, is for the monitor.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use self::clock::Clock;
pub use self::past::{
    Answer, BUDGET, Past, PastBatch, PastBits, PastCalls, PastEffect, PastEnding, PastScript,
    PastStep, Scope, Spending, effect_key,
};
use crate::event::Event;

mod clock;
mod past;

/// How calls are matched with those of an earlier part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// By key and occurrence, whatever the order.
    #[default]
    ByKey,
    /// Only the longest unchanged prefix, in the order in which steps started.
    StrictPrefix,
}

/// Where the answers of finished steps come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Steps {
    /// From the journal.
    #[default]
    Recall,
    /// From running them again, with the recorded answers of their effects: so that each
    /// decision within is made again.
    Rerun,
    /// From the journal but for one step, which runs again with the recorded answers of its
    /// effects; the run ends with it.
    Only(u32),
}

/// What becomes of an effect that the journal does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMiss {
    /// It is made.
    #[default]
    Make,
    /// It fails, and nothing is made.
    Stop,
    /// The same; a step that was never begun is answered with what its schema allows.
    Synthesise,
}

/// The engine's parameters. The policy, by which everything is decided anew, is the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How calls are matched.
    pub matching: Matching,
    /// Where the answers of finished steps come from.
    pub steps: Steps,
    /// What becomes of a miss.
    pub on_miss: OnMiss,
}

/// What the journal holds of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// The call was made and answered.
    Done(T),
    /// It was begun, and nobody knows whether it was finished.
    InDoubt(T),
    /// It was never begun.
    Miss,
}

/// What of an earlier part of a run is left to be used.
#[derive(Debug, Default)]
pub struct Replay {
    past: Past,
    settings: Settings,
    /// Steps of a key that were not asked for again yet, in the order of their numbers.
    steps: BTreeMap<String, VecDeque<u32>>,
    /// The same for effects.
    effects: BTreeMap<(Scope, String), VecDeque<u32>>,
    /// The orchestrators, by step, whose requests are no longer the recorded ones.
    diverged: BTreeSet<u32>,
    /// Whether the strict prefix is over.
    prefix_over: bool,
    asked: u32,
    agents: u32,
    used_steps: BTreeSet<u32>,
    used_effects: BTreeSet<(u32, u32)>,
    next_effect: BTreeMap<u32, u32>,
}

impl Replay {
    /// Returns the engine for what the journal holds.
    pub fn new(past: Past, settings: Settings) -> Self {
        let mut steps: BTreeMap<String, VecDeque<u32>> = BTreeMap::new();
        for (number, step) in &past.steps {
            steps
                .entry(step.key.clone())
                .or_default()
                .push_back(*number);
        }
        let mut effects: BTreeMap<(Scope, String), VecDeque<u32>> = BTreeMap::new();
        let mut next_effect = BTreeMap::new();
        for ((step, number), effect) in &past.effects {
            let scope = Scope {
                step: *step,
                within: effect.within,
            };
            let place = (scope, effect.key.clone());
            effects.entry(place).or_default().push_back(*number);
            next_effect.insert(*step, number + 1);
        }
        Self {
            past,
            settings,
            steps,
            effects,
            next_effect,
            ..Self::default()
        }
    }

    /// Returns the parameters.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Returns what the journal holds.
    pub fn past(&self) -> &Past {
        &self.past
    }

    /// Numbers an agent that an orchestrator asks for, and finds what it gave.
    pub fn step(&mut self, key: &str) -> (u32, Found<PastStep>) {
        self.agents += 1;
        self.numbered(key)
    }

    /// Numbers an orchestrator that another one asks for. It runs again in any case; under
    /// the same number it is given the same batches.
    pub fn nested(&mut self, key: &str) -> u32 {
        self.numbered(key).0
    }

    fn numbered(&mut self, key: &str) -> (u32, Found<PastStep>) {
        self.asked += 1;
        let found = match self.settings.matching {
            Matching::ByKey => self.steps.get_mut(key).and_then(VecDeque::pop_front),
            Matching::StrictPrefix => self.next_in_prefix(key),
        };
        let step = found.and_then(|number| Some((number, self.past.steps.get(&number)?.clone())));
        let Some((number, step)) = step else {
            return (self.new_step(), Found::Miss);
        };
        self.used_steps.insert(number);
        let is_recalled = step.ending.is_some()
            && match self.settings.steps {
                Steps::Recall => true,
                Steps::Rerun => false,
                Steps::Only(only) => number != only,
            };
        if is_recalled || step.skipped {
            (number, Found::Done(step))
        } else {
            (number, Found::InDoubt(step))
        }
    }

    /// Gives a step a number that no other has: as the first part of the run would have.
    pub fn new_step(&mut self) -> u32 {
        let taken = |number: &u32| {
            self.past.steps.contains_key(number)
                || self.past.retired.contains(number)
                || self.used_steps.contains(number)
        };
        let number = if taken(&self.asked) {
            let last = |greatest: Option<&u32>| greatest.copied().unwrap_or(0);
            let recorded = last(self.past.steps.keys().next_back());
            let retired = last(self.past.retired.last());
            recorded.max(retired).max(last(self.used_steps.last())) + 1
        } else {
            self.asked
        };
        self.used_steps.insert(number);
        number
    }

    /// Returns how many agents were asked for in this part of the run.
    pub fn agents(&self) -> u32 {
        self.agents
    }

    /// Returns the effect that would be found next.
    pub fn recorded(&self, scope: Scope, key: &str) -> Option<&PastEffect> {
        let waiting = self.effects.get(&(scope, key.to_owned()))?;
        self.past.effects.get(&(scope.step, *waiting.front()?))
    }

    /// Returns the next effect of a function that an earlier part has made and this one has not
    /// asked for yet.
    pub fn awaited(&self, scope: Scope, function: &str) -> Option<&PastEffect> {
        let of_step = self
            .past
            .effects
            .range((scope.step, 0)..=(scope.step, u32::MAX));
        let mut left = of_step.filter(|(place, _)| !self.used_effects.contains(place));
        let found = left.find(|(_, one)| one.within == scope.within && one.function == function);
        found.map(|(_, effect)| effect)
    }

    /// Numbers an effect, and finds what it gave.
    pub fn effect(&mut self, scope: Scope, key: &str) -> (u32, Found<PastEffect>) {
        let place = (scope, key.to_owned());
        let found = self.effects.get_mut(&place).and_then(VecDeque::pop_front);
        let Some(number) = found else {
            let next = self.next_effect.entry(scope.step).or_default();
            let number = *next;
            *next += 1;
            return (number, Found::Miss);
        };
        self.used_effects.insert((scope.step, number));
        let effect = self.past.effects.get(&(scope.step, number)).cloned();
        let found = match effect {
            Some(effect) if effect.answer.is_some() => Found::Done(effect),
            Some(effect) => Found::InDoubt(effect),
            None => Found::Miss,
        };
        (number, found)
    }

    /// Forgets what a tool did within a call that will be made as if for the first time.
    pub fn forget_within(&mut self, step: u32, effect: u32) {
        let scope = Scope {
            step,
            within: Some(effect),
        };
        self.effects.retain(|(place, _), _| *place != scope);
        self.past
            .effects
            .retain(|(of, _), one| *of != step || one.within != Some(effect));
    }

    /// Notes the answer of an effect that was found to have been made.
    pub fn settle(&mut self, step: u32, effect: u32, answer: Answer) {
        if let Some(effect) = self.past.effects.get_mut(&(step, effect)) {
            effect.answer = Some(answer);
        }
    }

    /// Returns the batch that answered this turn of an orchestrator, while its requests are
    /// the recorded ones.
    pub fn batch(&mut self, orchestrator: u32, turn: u32, requests: &str) -> Option<PastBatch> {
        if self.diverged.contains(&orchestrator) {
            return None;
        }
        let batches = self.past.batches.get(&orchestrator);
        let batch = batches.and_then(|batches| batches.get(turn as usize));
        let batch = batch.filter(|batch| batch.requests == requests).cloned();
        if batch.is_none() {
            self.diverge(orchestrator);
        }
        batch
    }

    /// Notes that an orchestrator can no longer be given the recorded batches.
    pub fn diverge(&mut self, orchestrator: u32) {
        self.diverged.insert(orchestrator);
    }

    /// Returns whether an orchestrator's request was answered in a batch that may still be
    /// given.
    pub fn was_answered(&self, orchestrator: u32, number: u32) -> bool {
        let batches = self.past.batches.get(&orchestrator).into_iter().flatten();
        !self.diverged.contains(&orchestrator)
            && batches
                .into_iter()
                .any(|batch| batch.numbers.contains(&number))
    }

    /// Takes a remark of the journal that is made again: it is not written twice.
    pub fn noted(&mut self, event: &Event) -> bool {
        self.past.take_remark(event)
    }

    /// Returns the effects that nobody asked for again, by step and number: finished ones, and
    /// those in doubt. What a recalled step or a finished call did inside counts as asked for.
    pub fn unrequested(&self) -> impl Iterator<Item = (u32, &PastEffect)> {
        let left = self.past.effects.iter().filter(|((step, number), effect)| {
            let inside = effect.within.is_some();
            let recalled = self.used_steps.contains(step)
                && (self.past.steps.get(step)).is_some_and(|step| step.ending.is_some());
            let used = self.used_effects.contains(&(*step, *number));
            !inside && !recalled && !used
        });
        left.map(|((step, _), effect)| (*step, effect))
    }

    fn next_in_prefix(&mut self, key: &str) -> Option<u32> {
        let same = (self.past.steps.get(&self.asked)).is_some_and(|step| step.key == key);
        self.prefix_over |= !same;
        (!self.prefix_over).then_some(self.asked)
    }
}
