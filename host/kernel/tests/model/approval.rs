//! Every order of asking, approving, waiting and using, with the kernel's own monitor.
//!
//! Two agents each ask for one effect; the operator may approve either, or the operator's word
//! may be tried on the wrong one, or after its time. As in `run`, a state is rebuilt from the
//! acts that led to it.

use std::hash::{Hash, Hasher};

use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::{
    Approval, ApprovalRefusal, Argument, Binding, Digest, Monitor, Pending, Terms,
};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::tables::{
    ArgumentId, ArgumentRule, FunctionId, FunctionRule, Grants, Tables, Verdict,
};
use stateright::{Model, Property};

const AGENTS: usize = 2;
const EFFECT: FunctionId = FunctionId(0);
const OPERATOR: Readers = Readers::of(0);
const WEB: TagSet = TagSet::of(0);
/// When an approval expires, and the last moment that is looked at.
const EXPIRES: u64 = 1;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// The agent asks for its effect, and the host shows it to the operator.
    Ask(usize),
    /// The operator approves what this agent asks.
    Approve(usize),
    /// The host tries the approval of the first agent's call on the second agent's.
    Use(usize, usize),
    /// Time passes.
    Wait,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    acts: Vec<Act>,
    /// What came of each use: when, whose approval, for whom.
    used: Vec<(u64, usize, usize, Result<Label, ApprovalRefusal>)>,
    now: u64,
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.acts.hash(hasher);
    }
}

/// The two agents and the operator.
pub(crate) struct Asking;

struct Rebuilt {
    monitor: Monitor<()>,
    agents: Vec<(InstanceId, Handle)>,
    /// What the operator approved, by agent.
    approved: [Option<Binding>; AGENTS],
}

impl Rebuilt {
    fn new() -> Self {
        let mut grants = Grants::NONE;
        grants.allow_function(EFFECT);
        let mut monitor = Monitor::new(Tables {
            functions: vec![FunctionRule {
                arguments: vec![ArgumentRule {
                    tolerates: TagSet::EMPTY,
                }],
                caller: TagSet::EMPTY,
                recipients: Readers::STRANGER,
                source: Label::BOTTOM,
                verdict: Verdict::AskOtherwise { passes: WEB },
            }],
            ..Tables::default()
        });
        let label = Label {
            taint: WEB,
            readers: OPERATOR,
        };
        let agents = (0..AGENTS).map(|number| {
            let mark = u64::try_from(number).unwrap() + 1;
            let agent = monitor.start_root(Label::BOTTOM, Label::TOP, grants, mark);
            let facts = Facts::flat(label, Origins::NONE, Media::Text);
            (agent, monitor.admit(agent, facts, ()).unwrap())
        });
        let agents = agents.collect();
        Self {
            monitor,
            agents,
            approved: [None; AGENTS],
        }
    }

    fn arguments(&self, agent: usize) -> [(ArgumentId, Argument); 1] {
        [(ArgumentId(0), Argument::Content(self.agents[agent].1))]
    }

    fn pend(&mut self, agent: usize) -> Pending {
        let arguments = self.arguments(agent);
        let caller = self.agents[agent].0;
        let unasked = self
            .monitor
            .effect(caller, EFFECT, &arguments, Readers::NOBODY);
        assert!(
            matches!(unasked, Err(Denial::NeedsApproval(_))),
            "nothing passes without a person"
        );
        let pending = self
            .monitor
            .ask(caller, EFFECT, &arguments, Readers::NOBODY, OPERATOR);
        pending.unwrap()
    }

    fn act(&mut self, state: &mut State, act: Act) {
        match act {
            Act::Ask(agent) => drop(self.pend(agent)),
            Act::Approve(agent) => {
                self.approved[agent] = Some(self.pend(agent).binding(terms(agent)));
            }
            Act::Use(of, on) => {
                let approval = Approval::new(self.approved[of].unwrap(), OPERATOR, EXPIRES);
                let pending = self.pend(on);
                let made = self
                    .monitor
                    .approve(pending, terms(on), &approval, state.now);
                let made = made.map(|permit| permit.inputs());
                let made = made.map_err(|unapproved| unapproved.why);
                state.used.push((state.now, of, on, made));
            }
            Act::Wait => state.now += 1,
        }
        state.acts.push(act);
    }
}

fn terms(agent: usize) -> Terms {
    Terms {
        run: Digest([0; 32]),
        request: u64::try_from(agent).unwrap(),
        // Both agents ask with the same bytes: only the request tells them apart.
        arguments: Digest([0; 32]),
        rules: Digest([0; 32]),
    }
}

fn passed(state: &State, agent: usize) -> usize {
    let own = state.used.iter().filter(|used| used.2 == agent);
    own.filter(|used| used.3.is_ok()).count()
}

fn refused(state: &State, why: ApprovalRefusal) -> bool {
    let mut made = state.used.iter().map(|used| used.3);
    made.any(|made| made == Err(why))
}

impl Model for Asking {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        let done = |act| state.acts.contains(&act);
        for agent in 0..AGENTS {
            acts.extend((!done(Act::Ask(agent))).then_some(Act::Ask(agent)));
            let approve = Act::Approve(agent);
            acts.extend((done(Act::Ask(agent)) && !done(approve)).then_some(approve));
            for on in (0..AGENTS).filter(|on| done(approve) && done(Act::Ask(*on))) {
                let tries = state.acts.iter().filter(|act| **act == Act::Use(agent, on));
                acts.extend((tries.count() < 2).then_some(Act::Use(agent, on)));
            }
        }
        acts.extend((state.now < EXPIRES).then_some(Act::Wait));
    }

    fn next_state(&self, last: &State, act: Act) -> Option<State> {
        let mut rebuilt = Rebuilt::new();
        let mut state = State::default();
        for act in last.acts.iter().copied().chain([act]) {
            rebuilt.act(&mut state, act);
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("each call passes at most once", |_, state: &State| {
                (0..AGENTS).all(|agent| passed(state, agent) <= 1)
            }),
            Property::always(
                "a call passes with its own approval, in time, under its label",
                {
                    |_, state: &State| {
                        state.used.iter().all(|(now, of, on, made)| match made {
                            Ok(label) => of == on && *now < EXPIRES && label.taint == WEB,
                            Err(_) => true,
                        })
                    }
                },
            ),
            Property::always("an approval that was given in time is good once", {
                |_, state: &State| {
                    let first = |agent: usize| {
                        let own =
                            |used: &&(u64, usize, usize, _)| used.1 == agent && used.2 == agent;
                        state.used.iter().find(own)
                    };
                    (0..AGENTS)
                        .filter_map(first)
                        .all(|(now, _, _, made)| made.is_ok() == (*now < EXPIRES))
                }
            }),
            Property::sometimes("both pass", |_, state: &State| {
                (0..AGENTS).all(|agent| passed(state, agent) == 1)
            }),
            Property::sometimes("one is used twice", |_, state: &State| {
                refused(state, ApprovalRefusal::Used)
            }),
            Property::sometimes("one is tried on the other", |_, state: &State| {
                refused(state, ApprovalRefusal::OtherCall)
            }),
            Property::sometimes("one comes too late", |_, state: &State| {
                refused(state, ApprovalRefusal::Expired)
            }),
        ]
    }
}
