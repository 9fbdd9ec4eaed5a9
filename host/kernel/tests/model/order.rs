//! Every order in which children end, told as they end while there are bits for it.
//!
//! The host tells of a child's end when that was paid for, or else when it is the turn of the
//! first that was started. As in `run`, a state is rebuilt from the acts that led to it.

use std::hash::{Hash, Hasher};

use stateright::{Model, Property};

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::{Ended, Ending, Monitor};
use lazaret_kernel::tables::{Grants, KernelLimits, ProfileId, ProfileRule, Tables};

const CHILDREN: usize = 6;

/// What may happen next to a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    /// It ends.
    End(usize),
    /// The host asks to tell of it now, and does where that is granted.
    Now(usize),
    /// The host tells of it in the order of the start.
    InTurn(usize),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    acts: Vec<Act>,
    /// Of whom the root was told, in that order, and what that one came now has cost.
    told: Vec<(usize, Bits)>,
    /// Who was kept back for want of bits, while so many were outstanding.
    kept_back: Vec<(usize, usize)>,
    charged: Bits,
}

impl State {
    fn has_ended(&self, child: usize) -> bool {
        self.acts.contains(&Act::End(child))
    }

    /// The children of which nothing was told, in the order of their start.
    fn outstanding(&self) -> impl Iterator<Item = usize> {
        let is_told = |child: usize| self.told.iter().any(|(other, _)| *other == child);
        (0..CHILDREN).filter(move |child| !is_told(*child))
    }
}

impl State {
    /// All that decides what may come next and what it leads to: in which order children ended of
    /// which nothing was told yet is nobody's matter.
    fn key(&self) -> String {
        let ended: Vec<bool> = (0..CHILDREN).map(|child| self.has_ended(child)).collect();
        let left = self.outstanding().count();
        let kept_back = self.kept_back.iter().filter(|(_, then)| *then == left);
        format!(
            "{ended:?} {:?} {:?}",
            self.told,
            kept_back.collect::<Vec<_>>()
        )
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

/// A run with so many bits.
pub(crate) struct Ordered {
    pub(crate) bits: Bits,
}

struct Rebuilt {
    monitor: Monitor<()>,
    root: InstanceId,
    children: Vec<InstanceId>,
    ended: [Option<Ended<()>>; CHILDREN],
    state: State,
}

impl Rebuilt {
    fn new(bits: Bits) -> Self {
        let mut monitor = Monitor::new(Tables {
            profiles: vec![ProfileRule {
                grants: Grants::NONE,
                clearance: Label::BOTTOM,
                reserve: Bits::ZERO,
            }],
            limits: KernelLimits {
                handles: 16,
                gate_bits: bits,
                outcome_bits_per_item: Bits::ZERO,
            },
            ..Tables::default()
        });
        let root = monitor.start_root(Label::BOTTOM, Label::BOTTOM, Grants::NONE, 1);
        let children = (2..).take(CHILDREN).map(|mark| {
            let spawned = monitor.spawn(root, ProfileId(0), &[], &[], mark);
            spawned.unwrap().child
        });
        let children = children.collect();
        Self {
            monitor,
            root,
            children,
            ended: [const { None }; CHILDREN],
            state: State::default(),
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::End(child) => {
                let ended = self
                    .monitor
                    .finish(self.children[child], Ending::Failed(()));
                self.ended[child] = Some(ended.unwrap());
            }
            Act::Now(child) => {
                let outstanding = self.state.outstanding().count();
                let among = u32::try_from(outstanding).unwrap();
                let ended = self.ended[child].as_ref().unwrap();
                match self.monitor.overtake(self.root, ended, among) {
                    Ok(bits) => self.tell(child, bits),
                    Err(denial) => {
                        assert_eq!(denial, Denial::GateRunBudget);
                        self.state.kept_back.push((child, outstanding));
                        self.state.kept_back.sort_unstable();
                    }
                }
            }
            Act::InTurn(child) => self.tell(child, Bits::ZERO),
        }
        self.state.charged = self.monitor.ledger().total();
        self.state.acts.push(act);
    }

    fn tell(&mut self, child: usize, bits: Bits) {
        let ended = self.ended[child].take().unwrap();
        self.monitor.deliver(self.root, ended, ()).unwrap();
        self.state.told.push((child, bits));
    }
}

/// How many were outstanding when each was told of.
fn with_choices(state: &State) -> impl Iterator<Item = (usize, Bits, usize)> {
    let told = state.told.iter();
    told.zip((1..=CHILDREN).rev())
        .map(|((child, bits), left)| (*child, *bits, left))
}

fn choices(left: usize) -> u128 {
    u128::try_from(left).unwrap()
}

impl Model for Ordered {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        let (first, left) = (state.outstanding().next(), state.outstanding().count());
        for child in state.outstanding() {
            if !state.has_ended(child) {
                acts.push(Act::End(child));
            } else if !state.kept_back.contains(&(child, left)) {
                acts.push(Act::Now(child));
            } else if Some(child) == first {
                acts.push(Act::InTurn(child));
            }
        }
    }

    fn next_state(&self, last: &State, act: Act) -> Option<State> {
        let mut rebuilt = Rebuilt::new(self.bits);
        for act in last.acts.iter().copied().chain([act]) {
            rebuilt.act(act);
        }
        Some(rebuilt.state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "who is told of is one of as many as was paid for, or the first in any case",
                |_, state: &State| {
                    with_choices(state).all(|(child, bits, left)| {
                        let later = state.told.iter().skip(CHILDREN - left);
                        let later = later.map(|(other, _)| *other);
                        let is_first = later.chain(state.outstanding()).all(|one| one >= child);
                        bits == Bits::of_choices(choices(left)) || is_first
                    })
                },
            ),
            Property::always(
                "no more orders can be told apart than the bits say",
                |_, state: &State| {
                    let paid = with_choices(state).filter(|(_, bits, _)| *bits > Bits::ZERO);
                    let orders = paid.map(|(_, _, left)| choices(left)).product();
                    state.charged >= Bits::of_choices(orders)
                },
            ),
            Property::always("no budget is overdrawn", |run: &Self, state: &State| {
                state.charged <= run.bits
            }),
            Property::always("what was told is charged once", |_, state: &State| {
                state.charged == state.told.iter().map(|(_, bits)| *bits).sum()
            }),
            Property::sometimes("the last is told of first", |_, state: &State| {
                (state.told.first()).is_some_and(|(child, _)| *child == CHILDREN - 1)
            }),
            Property::sometimes("one is told of in its turn", |_, state: &State| {
                state.acts.iter().any(|act| matches!(act, Act::InTurn(_)))
            }),
            Property::sometimes("all are told of", |_, state: &State| {
                state.told.len() == CHILDREN
            }),
        ]
    }
}
