//! Every order of reading, releasing and telling, of an agent and its child that hold a secret.
//!
//! Who may not read the secret is told nothing of it but what a release let through, and a release
//! is by who knows nothing of it. As in `run`, a state is rebuilt from the acts that led to it.

use std::hash::{Hash, Hasher};

use stateright::{Model, Property};

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::{Argument, Delivery, Ending, Monitor};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::{
    ArgumentId, ArgumentRule, FunctionId, FunctionRule, GateId, GateRule, Grants, KernelLimits,
    ProfileId, ProfileRule, Tables, Verdict,
};

const TELL: FunctionId = FunctionId(0);
const RELEASE: GateId = GateId(0);
const WEB: TagSet = TagSet::of(0);
const SECRET: Label = Label {
    taint: TagSet::EMPTY,
    readers: Readers::of(0),
};
const PAGE: Label = Label {
    taint: WEB,
    readers: Readers::PUBLIC,
};
const BIT: Bits = Bits::whole(1);

/// The agent is number 0, its child number 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Act {
    ReadSecret(usize),
    ReadPage(usize),
    /// Asks a gate about the secret, whose answer may be told to everybody.
    Release(usize),
    /// The child ends, and the agent holds its answer.
    End,
    /// The agent asks the gate about the child's answer.
    ReleaseAnswer,
}

const ACTS: [Act; 8] = [
    Act::ReadSecret(0),
    Act::ReadSecret(1),
    Act::ReadPage(0),
    Act::ReadPage(1),
    Act::Release(0),
    Act::Release(1),
    Act::End,
    Act::ReleaseAnswer,
];

/// An act, the label at which it was asked for, and what came of it.
type Done = (Act, Label, Result<Bits, Denial>);

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    acts: Vec<Act>,
    /// INVARIANT: sorted by act.
    done: Vec<Done>,
    /// Of who lives: its label, and whether it may tell everybody something of its own, and what
    /// it holds.
    living: Vec<(Label, bool, bool)>,
    total: Bits,
}

impl State {
    /// All that decides what may come next and what it leads to.
    fn key(&self) -> String {
        format!("{:?} {:?} {:?}", self.done, self.living, self.total)
    }

    fn of(&self, act: Act) -> Option<&Done> {
        self.done.iter().find(|done| done.0 == act)
    }

    fn releases(&self) -> impl Iterator<Item = &Done> {
        self.done.iter().filter(|(act, _, result)| {
            result.is_ok() && matches!(act, Act::Release(_) | Act::ReleaseAnswer)
        })
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.key().hash(hasher);
    }
}

/// An agent and its child.
pub(crate) struct Releasing;

struct Rebuilt {
    monitor: Monitor<()>,
    ids: [InstanceId; 2],
    secrets: [Handle; 2],
    pages: [Handle; 2],
    answer: Option<Handle>,
    state: State,
}

fn tables(grants: Grants) -> Tables {
    Tables {
        functions: vec![FunctionRule {
            arguments: vec![ArgumentRule { tolerates: WEB }],
            caller: WEB,
            recipients: Readers::STRANGER,
            source: Label::BOTTOM,
            verdict: Verdict::Allow,
        }],
        gates: vec![GateRule {
            removes: TagSet::EMPTY,
            releases: Readers::PUBLIC,
            per_item: Bits::whole(10),
        }],
        profiles: vec![ProfileRule {
            grants,
            clearance: SECRET.join(PAGE),
            reserve: Bits::whole(10),
        }],
        limits: KernelLimits {
            handles: 16,
            gate_bits: Bits::whole(100),
            outcome_bits_per_item: Bits::whole(100),
        },
    }
}

impl Rebuilt {
    fn new() -> Self {
        let mut grants = Grants::NONE;
        grants.allow_function(TELL);
        grants.allow_gate(RELEASE);
        let mut monitor = Monitor::new(tables(grants));
        let root = monitor.start_root(Label::BOTTOM, SECRET.join(PAGE), grants, 1);
        let mut admit = |label, origin| {
            let facts = Facts::flat(label, Origins::of(Origin(origin)), Media::Text);
            monitor.admit(root, facts, ()).unwrap()
        };
        let (secret, page) = (admit(SECRET, 1), admit(PAGE, 2));
        let spawned = monitor.spawn(root, ProfileId(0), &[], &[secret, page], 2);
        let spawned = spawned.unwrap();
        Self {
            ids: [root, spawned.child],
            secrets: [secret, spawned.parts[0]],
            pages: [page, spawned.parts[1]],
            answer: None,
            monitor,
            state: State::default(),
        }
    }

    fn act(&mut self, act: Act) {
        let who = self.ids[who(act)];
        let before = self.monitor.current(who).unwrap();
        let made = self.make(act);
        self.state.done.push((act, before, made));
        self.state.done.sort_by_key(|done| done.0);
        self.state.acts.push(act);
        let living = (0..2).filter_map(|who| self.standing(who)).collect();
        self.state.living = living;
        self.state.total = self.monitor.ledger().total();
    }

    fn make(&mut self, act: Act) -> Result<Bits, Denial> {
        match act {
            Act::ReadSecret(who) => self.read(who, self.secrets[who]),
            Act::ReadPage(who) => self.read(who, self.pages[who]),
            Act::Release(who) => self.release(who, self.secrets[who]),
            Act::End => {
                let ending = Ending::Created(Media::Text, ());
                let ended = self.monitor.finish(self.ids[1], ending)?;
                let root = self.ids[0];
                self.answer = Some(match self.monitor.deliver(root, ended, ())? {
                    Delivery::Outcome(_, handle, _) | Delivery::Sealed(handle) => handle,
                });
                Ok(Bits::ZERO)
            }
            Act::ReleaseAnswer => self.release(0, self.answer.unwrap()),
        }
    }

    fn read(&mut self, who: usize, handle: Handle) -> Result<Bits, Denial> {
        self.monitor.read(self.ids[who], handle)?;
        Ok(Bits::ZERO)
    }

    fn release(&mut self, who: usize, handle: Handle) -> Result<Bits, Denial> {
        let permit = self.monitor.gate(self.ids[who], handle, RELEASE, 0, BIT)?;
        Ok(permit.charged())
    }

    fn standing(&mut self, who: usize) -> Option<(Label, bool, bool)> {
        let label = self.monitor.current(self.ids[who]).ok()?;
        let secret = Argument::Content(self.secrets[who]);
        Some((
            label,
            self.may_tell(who, Argument::Plain),
            self.may_tell(who, secret),
        ))
    }

    fn may_tell(&mut self, who: usize, argument: Argument) -> bool {
        let arguments = [(ArgumentId(0), argument)];
        let (caller, nobody) = (self.ids[who], Readers::NOBODY);
        let made = self.monitor.effect(caller, TELL, &arguments, nobody);
        made.is_ok()
    }
}

const fn who(act: Act) -> usize {
    match act {
        Act::ReadSecret(who) | Act::ReadPage(who) | Act::Release(who) => who,
        Act::End | Act::ReleaseAnswer => 0,
    }
}

/// Whether somebody with this label has read nothing of the secret.
fn is_open(label: Label) -> bool {
    label.readers.is_public()
}

impl Model for Releasing {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        let has_ended = state.of(Act::End).is_some();
        let may = |act: &Act| {
            let lives = who(*act) == 0 || !has_ended;
            lives && state.of(*act).is_none() && (*act != Act::ReleaseAnswer || has_ended)
        };
        acts.extend(ACTS.into_iter().filter(may));
    }

    fn next_state(&self, last: &State, act: Act) -> Option<State> {
        let mut rebuilt = Rebuilt::new();
        for act in last.acts.iter().copied().chain([act]) {
            rebuilt.act(act);
        }
        Some(rebuilt.state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "who has read the secret, or a stranger's words, releases nothing",
                |_, state: &State| state.releases().all(|done| done.1 == Label::BOTTOM),
            ),
            Property::always(
                "strangers are told by who has read nothing of the secret",
                |_, state: &State| {
                    let tells = |(label, own, secret): &(Label, bool, bool)| {
                        *own == is_open(*label) && !secret
                    };
                    state.living.iter().all(tells)
                },
            ),
            Property::always("each release is counted once", |_, state: &State| {
                let charged = state.releases().map(|(_, _, result)| result.unwrap()).sum();
                // How the child ended is told besides, where it has read.
                let ends = state.total.less(charged);
                let answer = state.of(Act::ReleaseAnswer);
                let of_secret = state.releases().all(|(act, _, result)| {
                    *result == Ok(BIT) || answer.is_some_and(|done| done.0 == *act)
                });
                of_secret && [Bits::ZERO, Bits::whole(2)].contains(&ends)
            }),
            Property::always("a release leaves its caller open", |_, state: &State| {
                let reads = [Act::ReadSecret(0), Act::ReadPage(0)];
                let has_read = reads.iter().any(|act| state.of(*act).is_some());
                has_read || state.living.first().is_none_or(|one| is_open(one.0))
            }),
            Property::sometimes("a secret is released and told of", |_, state: &State| {
                let tells = state.living.first().is_some_and(|one| one.1);
                tells && state.of(Act::Release(0)).is_some_and(|done| done.2.is_ok())
            }),
            Property::sometimes("who knows it is refused its release", |_, state: &State| {
                let refused = |denial| matches!(denial, Err(Denial::GateReaders { .. }));
                state
                    .of(Act::Release(1))
                    .is_some_and(|done| refused(done.2))
            }),
            Property::sometimes("what a child read is released", |_, state: &State| {
                let answer = state.of(Act::ReleaseAnswer);
                answer.is_some_and(|done| done.2 == Ok(BIT))
            }),
        ]
    }
}
