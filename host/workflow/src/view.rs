//! A run as a person looks at it: phases, their agents, and what each did. Read from its events,
//! one after the other, so that a run that goes on can be followed.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{ContentRef, Decision, Ending, Event, LabelText, Usage};
use crate::status::Status;

/// How an agent stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// It was begun and has not ended.
    #[default]
    Running,
    /// It gave a value.
    Answered,
    /// It was skipped or stopped.
    None,
    /// It failed: the kind and the message.
    Failed(String, String),
}

/// One agent; step 0 is the orchestrator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// What the operator saw beside it.
    pub name: String,
    /// Its profile.
    pub profile: String,
    /// The phase in which it ran.
    pub phase: String,
    /// How it stands.
    pub standing: Standing,
    /// When its last part began and when it ended, in milliseconds since 1970.
    pub began_ms: Option<u64>,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// What models used up for it, in all parts of the run.
    pub usage: Usage,
    /// The label at which it started, the highest that it may reach, and the one it rose to.
    pub labels: Option<(LabelText, LabelText)>,
    /// The label that it had risen to at its end.
    pub risen: Option<LabelText>,
    /// Whether the last part of the run took its answer from an earlier one.
    pub replayed: bool,
    /// What it gave, if it gave a value.
    pub answer: Option<ContentRef>,
    /// What it did, in the order in which it did it.
    pub acts: Vec<Event>,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The workflow's name.
    pub workflow: String,
    /// SHA-256 of the policy that it last ran under.
    pub policy: String,
    /// How many plugins it uses.
    pub plugins: usize,
    /// How it ended; nothing while it goes on, and where it was interrupted.
    pub ended: Option<Status>,
    /// What it gave, once it ended with a result.
    pub result: Option<ContentRef>,
    /// Why it gave none, once it failed.
    pub failure: Option<ContentRef>,
    /// Thousandths of a bit that untrusted content could decide, once it ended.
    pub bits: u64,
    /// When it began, in milliseconds since 1970.
    pub began_ms: u64,
    /// When the last thing happened of which it is known.
    pub last_ms: u64,
    /// How often it went on.
    pub resumed: u32,
    /// The phases in the order in which they came up; the empty one is none.
    pub phases: Vec<String>,
    /// The agents, by step.
    pub agents: BTreeMap<u32, Agent>,
    /// What belongs to the run as a whole.
    pub notes: Vec<Event>,
}

impl View {
    /// Reads the events of a run.
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut view = Self::default();
        for event in events {
            view.take(event);
        }
        view
    }

    /// Takes one more event.
    pub fn take(&mut self, event: Event) {
        self.last_ms = self.last_ms.max(event.at_ms().unwrap_or(0));
        match &event {
            Event::RunStarted {
                workflow,
                policy,
                plugins,
                started_ms,
                ..
            } => {
                self.workflow.clone_from(workflow);
                self.policy.clone_from(policy);
                self.plugins = plugins.len();
                self.began_ms = *started_ms;
            }
            Event::Resumed {
                policy, plugins, ..
            } => {
                self.policy.clone_from(policy);
                self.plugins = plugins.len();
                self.resumed += 1;
                (self.ended, self.result, self.failure) = (None, None, None);
                for agent in self.agents.values_mut() {
                    agent.replayed = false;
                }
            }
            Event::RunFinished {
                status,
                bits,
                result,
                failure,
                ..
            } => {
                (self.ended, self.bits) = (Some(*status), *bits);
                self.result.clone_from(result);
                self.failure.clone_from(failure);
            }
            Event::Recalled { steps } => {
                for step in steps {
                    self.agent(*step).replayed = true;
                }
            }
            Event::Phase { title } => self.note_phase(title),
            Event::StepStarted { .. } | Event::StepFinished { .. } => self.take_step(&event),
            Event::EffectDone { step, usage, .. } => {
                let usage = usage.unwrap_or_default();
                self.agent(*step).usage.add(usage);
                self.act(*step, event);
            }
            Event::EffectIntended { step, .. }
            | Event::Denied { step, .. }
            | Event::Gated { step, .. }
            | Event::Logged { step, .. } => self.act(*step, event),
            Event::Decided { step, decision } => {
                if *decision != Decision::Stop {
                    self.agent(*step).standing = Standing::None;
                }
                self.act(*step, event);
            }
            Event::ApprovalAsked { call, .. } => self.act(call.step, event),
            Event::TakenIn
            | Event::ApprovalSaid { .. }
            | Event::ApprovalUsed { .. }
            | Event::InputRefused { .. } => self.notes.push(event),
            Event::Offered { .. }
            | Event::Batch { .. }
            | Event::Ruled { .. }
            | Event::ScriptFound { .. } => {}
        }
    }

    /// Returns the agents of a phase, by step.
    pub fn of_phase<'a>(&'a self, phase: &'a str) -> impl Iterator<Item = (u32, &'a Agent)> {
        let agents = self.agents.iter().filter(|(step, _)| **step > 0);
        agents
            .filter(move |(_, agent)| agent.phase == phase)
            .map(|(step, agent)| (*step, agent))
    }

    /// Returns the steps whose answers the last part of the run took from an earlier one.
    pub fn replayed(&self) -> BTreeSet<u32> {
        let replayed = self.agents.iter().filter(|(_, agent)| agent.replayed);
        replayed.map(|(step, _)| *step).collect()
    }

    /// Returns what models used up in all.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage::default();
        for agent in self.agents.values() {
            usage.add(agent.usage);
        }
        usage
    }

    fn take_step(&mut self, event: &Event) {
        match event {
            Event::StepStarted {
                step,
                name,
                profile,
                start,
                clearance,
                phase,
                at_ms,
                ..
            } => {
                self.note_phase(phase);
                let agent = self.agent(*step);
                agent.name.clone_from(name);
                agent.profile.clone_from(profile);
                agent.phase.clone_from(phase);
                agent.labels = Some((start.clone(), clearance.clone()));
                agent.standing = Standing::Running;
                (agent.began_ms, agent.ended_ms) = (known(*at_ms), None);
            }
            Event::StepFinished {
                step,
                ending,
                label,
                at_ms,
                ..
            } => {
                let agent = self.agent(*step);
                agent.standing = match ending {
                    Ending::Value { answer } => {
                        agent.answer = Some(answer.clone());
                        Standing::Answered
                    }
                    Ending::None => Standing::None,
                    Ending::Failed { cause, message } => {
                        Standing::Failed(cause.clone(), message.clone())
                    }
                };
                agent.risen = Some(label.clone());
                agent.ended_ms = known(*at_ms);
            }
            _ => {}
        }
    }

    fn note_phase(&mut self, title: &str) {
        if !self.phases.iter().any(|known| known == title) {
            self.phases.push(title.to_owned());
        }
    }

    fn act(&mut self, step: u32, event: Event) {
        self.agent(step).acts.push(event);
    }

    fn agent(&mut self, step: u32) -> &mut Agent {
        self.agents.entry(step).or_default()
    }
}

fn known(at_ms: u64) -> Option<u64> {
    (at_ms > 0).then_some(at_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> LabelText {
        LabelText {
            taint: Vec::new(),
            readers: None,
        }
    }

    fn started(step: u32, phase: &str, at_ms: u64) -> Event {
        Event::StepStarted {
            step,
            name: format!("agent {step}"),
            profile: "reader".to_owned(),
            task: String::new(),
            parts: Vec::new(),
            start: label(),
            clearance: label(),
            key: String::new(),
            phase: phase.to_owned(),
            at_ms,
        }
    }

    fn failed(step: u32, at_ms: u64) -> Event {
        Event::StepFinished {
            step,
            ending: Ending::Failed {
                cause: "wall".to_owned(),
                message: String::new(),
            },
            label: label(),
            given: None,
            at_ms,
        }
    }

    #[test]
    fn agents_stand_in_their_phases_with_their_times() {
        let view = View::of([
            started(1, "Find", 1_000),
            started(2, "Fix", 1_500),
            started(3, "Find", 2_000),
            failed(1, 4_000),
        ]);
        assert_eq!(view.phases, ["Find", "Fix"]);
        let steps: Vec<u32> = view.of_phase("Find").map(|(step, _)| step).collect();
        assert_eq!(steps, [1, 3]);
        let first = &view.agents[&1];
        let failed = Standing::Failed("wall".to_owned(), String::new());
        assert_eq!((&first.standing, first.ended_ms), (&failed, Some(4_000)));
        assert_eq!(view.agents[&3].standing, Standing::Running);
        assert_eq!(view.last_ms, 4_000);
    }

    #[test]
    fn what_is_replayed_is_so_in_the_last_part_alone() {
        let resumed = || Event::Resumed {
            policy: String::new(),
            plugins: Vec::new(),
            launch: crate::event::LaunchRef {
                argument_name: String::new(),
                argument: String::new(),
                directory: String::new(),
                script: None,
                tokens: None,
                state: None,
            },
            at_ms: 5_000,
        };
        let recalled = |steps: &[u32]| Event::Recalled {
            steps: steps.to_vec(),
        };
        let view = View::of([
            started(1, "", 1),
            resumed(),
            recalled(&[1, 2]),
            resumed(),
            recalled(&[2]),
        ]);
        assert_eq!(view.replayed(), BTreeSet::from([2]));
        assert_eq!((view.resumed, view.ended), (2, None));
    }
}
