//! What the journal holds of the earlier parts of a run, ordered for replay.

use std::collections::{BTreeMap, BTreeSet};

use lazaret_policy::channel::ChannelName;

use crate::event::{
    Counted, Decision, Elsewhere, Ending, Event, FactsText, Given, LabelText, LaunchRef,
    OriginsText, PartRef, PluginUse, Usage,
};
use crate::replay::Clock;

/// Where an effect was asked for: by a step itself, or by the tool of one of its effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The step; 0 is the orchestrator.
    pub step: u32,
    /// The effect whose tool asks.
    pub within: Option<u32>,
}

/// Why an agent failed that had used up its own budget.
pub const BUDGET: &str = "budget";

/// A step of an earlier part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastStep {
    /// What the operator saw beside it.
    pub name: String,
    /// What its answer depends on.
    pub key: String,
    /// The phase in which it ran.
    pub phase: String,
    /// The label at which it started.
    pub start: Option<LabelText>,
    /// The parts that it held.
    pub parts: Vec<PartRef>,
    /// How it ended, if it did.
    pub ending: Option<PastEnding>,
    /// The functions that it called, each with who performed it.
    pub functions: BTreeSet<(String, String)>,
    /// What it was told of its tools, if it asked.
    pub offered: Option<String>,
    /// Whether a person decided that it gives no value.
    pub skipped: bool,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEnding {
    /// How.
    pub ending: Ending,
    /// The label that it had risen to.
    pub label: LabelText,
    /// What the monitor knew of its answer.
    pub given: Given,
}

/// An effect of an earlier part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEffect {
    /// The effect whose tool asked for it.
    pub within: Option<u32>,
    /// The function.
    pub function: String,
    /// The function and its arguments.
    pub key: String,
    /// The arguments' digests, by name.
    pub arguments: Vec<(String, String)>,
    /// What they and the caller carried, where it had arguments.
    pub inputs: Option<LabelText>,
    /// How many calls of the function there were before it, where that was counted.
    pub calls: Option<u64>,
    /// The answer, if there is one.
    pub answer: Option<Answer>,
}

/// The calls of a function in all earlier parts, whatever became of the steps that made them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastCalls {
    /// How many were made.
    pub made: u64,
    /// What they, and those that a rule refused, carried.
    pub labels: Vec<LabelText>,
    /// Whether what one carried is not known.
    pub unlabelled: bool,
    /// The items of which they knew.
    pub origins: OriginsText,
}

impl PastCalls {
    fn add(&mut self, counted: &Counted) {
        if !self.labels.contains(&counted.label) {
            self.labels.push(counted.label.clone());
        }
        self.origins.many |= counted.origins.many;
        for item in &counted.origins.items {
            if !self.origins.items.contains(item) {
                self.origins.items.push(*item);
            }
        }
        // As many as a content remembers: more are many.
        self.origins.many |= self.origins.items.len() > MAX_ITEMS;
        self.origins.items.truncate(MAX_ITEMS);
    }
}

/// The most items that the calls of a function are remembered with.
const MAX_ITEMS: usize = 16;

/// The answer of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it succeeded.
    pub ok: bool,
    /// SHA-256 of the answer.
    pub digest: String,
    /// The answer's label.
    pub label: LabelText,
    /// What the source declared of it.
    pub facts: Option<FactsText>,
    /// Where it failed: whether another model could have answered.
    pub elsewhere: Elsewhere,
}

/// What the orchestrator was given at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastBatch {
    /// The numbers of the requests that were answered, in order.
    pub numbers: Vec<u32>,
    /// SHA-256 of the requests of the turn.
    pub requests: String,
    /// The output tokens that it was told of.
    pub output_tokens: u64,
    /// To what it rose because of their order.
    pub learned: Option<LabelText>,
}

/// A script that a workflow named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastScript {
    /// How messages name it.
    pub file: String,
    /// SHA-256 of its text.
    pub source: String,
    /// Whether nobody trusts it.
    pub untrusted: bool,
}

/// A charge of bits, in the journal's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastBits {
    /// The channel.
    pub channel: ChannelName,
    /// The payers.
    pub payers: Vec<String>,
    /// Thousandths of a bit, against each.
    pub bits: u64,
    /// SHA-256 of the content.
    pub subject: String,
    /// What was asked.
    pub question: String,
    /// Whether it was set aside for the step.
    pub reserved: bool,
    /// The step that asked.
    pub step: u32,
    /// The phase whose gate it was.
    pub phase: String,
}

/// What an agent used up, however often it was begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// What the operator saw beside it.
    pub name: String,
    /// The phase in which it ran.
    pub phase: String,
    /// What models used up for it.
    pub usage: Usage,
}

/// Everything that earlier parts of a run left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The run's header: seed and time, once there is one.
    pub started: Option<(u64, u64)>,
    /// What it last started from.
    pub launch: Option<LaunchRef>,
    /// SHA-256 of the policy that it last ran under.
    pub policy: String,
    /// The plugins that it last used.
    pub plugins: Vec<PluginUse>,
    /// The steps, by number.
    pub steps: BTreeMap<u32, PastStep>,
    /// The effects, by step and number.
    pub effects: BTreeMap<(u32, u32), PastEffect>,
    /// The batches of each orchestrator, by its step, in the order of the turns.
    pub batches: BTreeMap<u32, Vec<PastBatch>>,
    /// The scripts that workflows named, by how they named them.
    pub scripts: BTreeMap<String, PastScript>,
    /// How often functions were called, by name.
    pub calls: BTreeMap<String, PastCalls>,
    /// What content has decided.
    pub bits: Vec<PastBits>,
    /// What models used up.
    pub usage: Usage,
    /// The part of it that each agent used up, by step.
    pub spending: BTreeMap<u32, Spending>,
    /// How long the earlier parts took.
    pub clock: Clock,
    /// Whether it was taken in without trust: then its labels are nobody's word.
    pub is_foreign: bool,
    /// Numbers of steps that run again under another one: what a person let the old one do
    /// was said of that one.
    pub retired: BTreeSet<u32>,
    /// Remarks that are not written again when they are made again, each with its number.
    remarks: BTreeMap<String, u32>,
    /// What the monitor refused, by step.
    pub denials: BTreeMap<u32, Vec<Event>>,
}

impl Past {
    /// Reads what the journal holds.
    pub fn read(events: impl IntoIterator<Item = Event>) -> Self {
        let mut past = Self::default();
        for event in events {
            past.clock.take(&event);
            past.take(event);
        }
        past.reopen();
        past
    }

    /// An agent whose budget was spent goes on where it stopped, once there is more: what its
    /// old end was charged does not pay for the new one.
    fn reopen(&mut self) {
        let is_spent = |step: &PastStep| {
            let ending = step.ending.as_ref().map(|ending| &ending.ending);
            matches!(ending, Some(Ending::Failed { cause, .. }) if cause == BUDGET)
        };
        let spent = self.steps.values_mut().filter(|step| is_spent(step));
        let ended: Vec<PastEnding> = spent.filter_map(|step| step.ending.take()).collect();
        for ending in ended {
            self.void_outcome(Some(&ending));
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::RunStarted {
                policy,
                plugins,
                seed,
                started_ms,
                launch,
                ..
            } => {
                self.started = Some((seed, started_ms));
                (self.policy, self.plugins, self.launch) = (policy, plugins, launch);
            }
            Event::Resumed {
                policy,
                plugins,
                launch,
                ..
            } => (self.policy, self.plugins, self.launch) = (policy, plugins, Some(launch)),
            Event::StepStarted {
                step,
                name,
                key,
                start,
                parts,
                phase,
                ..
            } => {
                let spending = self.spending.entry(step).or_default();
                spending.name.clone_from(&name);
                spending.phase.clone_from(&phase);
                // An unfinished step starts again in each part; what it did stays.
                let known = self.steps.entry(step).or_default();
                (known.name, known.key, known.phase) = (name, key, phase);
                (known.start, known.parts) = (Some(start), parts);
            }
            Event::TakenIn => self.is_foreign = true,
            Event::Offered { step, tools } => {
                self.steps.entry(step).or_default().offered = Some(tools);
            }
            Event::StepFinished {
                step,
                ending,
                label,
                given: Some(given),
                ..
            } => {
                self.steps.entry(step).or_default().ending = Some(PastEnding {
                    ending,
                    label,
                    given,
                });
            }
            Event::Decided { step, decision } => self.decide(step, decision),
            Event::Batch {
                turn,
                numbers,
                requests,
                output_tokens,
                step,
                learned,
            } => {
                let batches = self.batches.entry(step).or_default();
                // A later part that diverged has written its own from there on.
                batches.truncate(turn as usize);
                batches.push(PastBatch {
                    numbers,
                    requests,
                    output_tokens,
                    learned,
                });
            }
            Event::ScriptFound {
                target,
                file,
                source,
                untrusted,
            } => {
                let script = PastScript {
                    file,
                    source,
                    untrusted,
                };
                self.scripts.insert(target, script);
            }
            event @ (Event::EffectIntended { .. } | Event::EffectDone { .. }) => {
                self.take_effect(event);
            }
            Event::Ruled {
                ref function,
                ref counted,
                ..
            } => {
                self.calls.entry(function.clone()).or_default().add(counted);
                self.take_note(event);
            }
            event @ (Event::Denied { .. }
            | Event::Gated { .. }
            | Event::Logged { .. }
            | Event::Phase { .. }
            | Event::InputRefused { .. }) => self.take_note(event),
            // `approval` reads what persons were asked and said.
            Event::ApprovalAsked { .. }
            | Event::ApprovalSaid { .. }
            | Event::ApprovalUsed { .. }
            | Event::Recalled { .. }
            | Event::RunFinished { .. }
            | Event::StepFinished { given: None, .. } => {}
        }
    }

    fn take_effect(&mut self, event: Event) {
        match event {
            Event::EffectIntended {
                step,
                effect,
                function,
                arguments,
                within,
                target,
                counted,
                ..
            } => {
                let calls = self.calls.entry(function.clone()).or_default();
                calls.made += 1;
                match &counted {
                    Some(counted) => calls.add(counted),
                    None => calls.unlabelled = true,
                }
                let inputs = arguments.first().map(|one| one.content.label.clone());
                let arguments: Vec<(String, String)> = arguments
                    .into_iter()
                    .map(|argument| (argument.name, argument.content.digest))
                    .collect();
                let used = (function.clone(), target);
                if within.is_none() && step > 0 {
                    let known = self.steps.entry(step).or_default();
                    known.functions.insert(used);
                }
                let key = effect_key(&function, &arguments);
                self.effects.insert(
                    (step, effect),
                    PastEffect {
                        within,
                        function,
                        key,
                        arguments,
                        inputs,
                        calls: counted.map(|counted| counted.calls),
                        answer: None,
                    },
                );
            }
            Event::EffectDone {
                step,
                effect,
                ok,
                answer,
                facts,
                usage,
                elsewhere,
                ..
            } => {
                if let Some(usage) = usage {
                    self.usage.add(usage);
                    if step > 0 {
                        self.spending.entry(step).or_default().usage.add(usage);
                    }
                }
                if let Some(effect) = self.effects.get_mut(&(step, effect)) {
                    effect.answer = Some(Answer {
                        ok,
                        digest: answer.digest,
                        label: answer.label,
                        facts,
                        elsewhere,
                    });
                }
            }
            _ => {}
        }
    }

    fn take_note(&mut self, event: Event) {
        // Bits are not remarks: a charge that is made again was made for something new.
        if !matches!(event, Event::Gated { .. }) {
            *self.remarks.entry(remark(&event)).or_default() += 1;
        }
        match event {
            Event::Denied { step, .. } => self.denials.entry(step).or_default().push(event),
            Event::Gated {
                step,
                channel,
                payers,
                bits,
                subject,
                question,
                reserved,
                phase,
                basis: _,
            } => self.bits.push(PastBits {
                channel: ChannelName::of(&channel),
                payers,
                bits,
                subject,
                question,
                reserved,
                step,
                phase,
            }),
            _ => {}
        }
    }

    fn decide(&mut self, step: u32, decision: Decision) {
        match decision {
            // Its answers were of a life that the person does not want.
            Decision::Retry => {
                let was = self.steps.remove(&step);
                self.void_outcome(was.and_then(|step| step.ending).as_ref());
                self.effects.retain(|(of, _), _| *of != step);
                self.retired.insert(step);
            }
            // How it ended is written as its end.
            Decision::Stop => {}
            Decision::Skip => {
                if let Some(step) = self.steps.get_mut(&step) {
                    step.skipped = true;
                }
            }
        }
    }

    /// How the new life ends is news: what was paid for the old one's end stays spent.
    fn void_outcome(&mut self, ending: Option<&PastEnding>) {
        let Some(ending) = ending else {
            return;
        };
        let mark = ending.given.mark.to_string();
        for charge in &mut self.bits {
            let tells_of_an_end =
                matches!(charge.channel, ChannelName::Outcome | ChannelName::Order);
            if tells_of_an_end && charge.question == mark {
                charge.question.clear();
            }
        }
    }

    pub(super) fn take_remark(&mut self, event: &Event) -> bool {
        if self.remarks.is_empty() {
            return false;
        }
        let key = remark(event);
        let Some(left) = self.remarks.get_mut(&key) else {
            return false;
        };
        *left -= 1;
        if *left == 0 {
            self.remarks.remove(&key);
        }
        true
    }
}

/// Returns what an effect is found again by: its function and its arguments' bytes.
pub fn effect_key(function: &str, arguments: &[(String, String)]) -> String {
    let mut key = function.to_owned();
    for (name, digest) in arguments {
        key.push('\n');
        key.push_str(name);
        key.push('=');
        key.push_str(digest);
    }
    key
}

fn remark(event: &Event) -> String {
    serde_json::to_string(event).unwrap_or_default()
}
