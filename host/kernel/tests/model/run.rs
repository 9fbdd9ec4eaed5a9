//! The run that is explored: a root, two children with one page, and every act that may come next.

use std::hash::{Hash, Hasher};

use stateright::{Model, Property};

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::ledger::{Channel, Payer};
use lazaret_kernel::monitor::{Argument, Delivery, Ended, Ending, EndingKind, Monitor};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::{
    ArgumentId, ArgumentRule, FunctionId, FunctionRule, GateId, GateRule, Grants, KernelLimits,
    ProfileId, ProfileRule, Tables, Verdict,
};

const CHILDREN: usize = 2;
const GATE: GateId = GateId(0);
const SEND: FunctionId = FunctionId(0);
const OUTCOME: Bits = Bits::whole(2);
const WEB: Label = Label {
    taint: TagSet::of(0),
    readers: Readers::PUBLIC,
};

/// What may happen next. Numbers are children, which the root starts and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Act {
    Spawn(usize),
    /// The child reads the page that it was given.
    Read(usize),
    /// The first child makes a call with its page.
    PassOn,
    /// The child asks a gate about its page.
    Gate(usize),
    /// The child comes to its end.
    End(usize, End),
    Deliver(usize),
    /// The root asks a gate about a result.
    Judge(usize),
    /// The root takes a result as a value.
    Take(usize),
}

/// How a child ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum End {
    Value,
    HandsBack,
    None,
    Unfit,
    Failed,
}

const ENDINGS: [End; 5] = [
    End::Value,
    End::HandsBack,
    End::None,
    End::Unfit,
    End::Failed,
];

/// How far a child has come, as the host knows it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Child {
    spawned: bool,
    /// Whether the root had taken a result when it started this one.
    tainted: bool,
    read: bool,
    passed_on: bool,
    ended: Option<End>,
    delivered: bool,
    asked: bool,
}

/// What the root was told of a child's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Sealed,
    Kind(EndingKind),
}

/// What the root knows: its label, and of each child what it was told and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    label: Label,
    told: Vec<Told>,
    shown: Vec<Option<(Media, Label)>>,
    answers: Vec<Result<Bits, Denial>>,
}

#[derive(Clone, Debug)]
pub(crate) struct State {
    acts: Vec<Act>,
    children: [Child; CHILDREN],
    known: Known,
    charged: Vec<(Payer, Channel, Bits)>,
    total: Bits,
    clearances_hold: bool,
}

impl State {
    /// All that decides what may come next and what it leads to.
    fn key(&self) -> String {
        format!("{:?} {:?} {:?}", self.children, self.known, self.charged)
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

/// The run: two children that each hold a page of the same item, and a budget.
pub(crate) struct Run {
    pub(crate) budget: Bits,
    pub(crate) per_item: Bits,
    /// What is set aside for each child.
    pub(crate) reserve: Bits,
}

struct Rebuilt {
    monitor: Monitor<Act>,
    root: InstanceId,
    page: Handle,
    children: [Child; CHILDREN],
    ids: [Option<(InstanceId, Handle)>; CHILDREN],
    ended: [Option<Ended<Act>>; CHILDREN],
    results: [Option<Handle>; CHILDREN],
    told: Vec<Told>,
    answers: Vec<Result<Bits, Denial>>,
}

impl Rebuilt {
    fn new(run: &Run) -> Self {
        let mut grants = Grants::NONE;
        grants.allow_gate(GATE);
        grants.allow_function(SEND);
        let tolerates = WEB.taint;
        let mut monitor = Monitor::new(Tables {
            functions: vec![FunctionRule {
                arguments: vec![ArgumentRule { tolerates }],
                caller: tolerates,
                recipients: Readers::NOBODY,
                source: Label::BOTTOM,
                verdict: Verdict::Allow,
            }],
            gates: vec![GateRule {
                removes: WEB.taint,
                releases: Readers::NOBODY,
                per_item: run.per_item,
            }],
            profiles: vec![ProfileRule {
                grants,
                clearance: WEB,
                reserve: run.reserve,
            }],
            limits: KernelLimits {
                handles: 8,
                gate_bits: run.budget,
                outcome_bits_per_item: run.per_item,
            },
        });
        let root = monitor.start_root(Label::BOTTOM, WEB, grants, 1);
        let facts = Facts::flat(WEB, Origins::of(Origin(9)), Media::Text);
        let page = monitor.admit(root, facts, Act::Spawn(9)).unwrap();
        Self {
            monitor,
            root,
            page,
            children: [Child::default(); CHILDREN],
            ids: [None; CHILDREN],
            ended: [const { None }; CHILDREN],
            results: [None; CHILDREN],
            told: vec![Told::Nothing; CHILDREN],
            answers: Vec::new(),
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Spawn(child) => {
                let mark = 2 + u64::try_from(child).unwrap();
                let spawned = self
                    .monitor
                    .spawn(self.root, ProfileId(0), &[], &[self.page], mark)
                    .unwrap();
                self.ids[child] = Some((spawned.child, spawned.parts[0]));
                self.children[child].spawned = true;
                self.children[child].tainted = self.monitor.current(self.root) == Ok(WEB);
            }
            Act::Read(child) => {
                let (id, part) = self.ids[child].unwrap();
                self.monitor.read(id, part).unwrap();
                self.children[child].read = true;
            }
            Act::PassOn => {
                let (id, part) = self.ids[0].unwrap();
                let page = [(ArgumentId(0), Argument::Content(part))];
                let made = self.monitor.effect(id, SEND, &page, Readers::NOBODY);
                self.children[0].passed_on = made.is_ok();
            }
            Act::Gate(child) => {
                let (id, part) = self.ids[child].unwrap();
                let carries = self.monitor.current(id).unwrap() == WEB;
                let answer = self.monitor.gate(id, part, GATE, 0, Bits::whole(1));
                let refused = matches!(answer, Err(Denial::GateCaller { .. }));
                assert_eq!(
                    refused, carries,
                    "who read the page has no say in cleaning it"
                );
                self.children[child].asked = true;
            }
            Act::End(child, kind) => {
                let (id, part) = self.ids[child].unwrap();
                let ending = match kind {
                    End::Value => Ending::Created(Media::Text, act),
                    End::HandsBack => Ending::Held(part, act),
                    End::None => Ending::None(act),
                    End::Unfit => Ending::Unfit(act),
                    End::Failed => Ending::Failed(act),
                };
                self.ended[child] = Some(self.monitor.finish(id, ending).unwrap());
                self.children[child].ended = Some(kind);
            }
            Act::Deliver(child) => {
                let ended = self.ended[child].take().unwrap();
                let (told, handle) = match self.monitor.deliver(self.root, ended, act).unwrap() {
                    Delivery::Outcome(kind, handle, _) => (Told::Kind(kind), handle),
                    Delivery::Sealed(handle) => (Told::Sealed, handle),
                };
                (self.told[child], self.results[child]) = (told, Some(handle));
                self.children[child].delivered = true;
            }
            Act::Judge(child) => {
                let result = self.results[child].unwrap();
                let answer = self
                    .monitor
                    .gate(self.root, result, GATE, 0, Bits::whole(1));
                self.answers.push(answer.map(|permit| permit.charged()));
            }
            Act::Take(child) => {
                self.monitor
                    .read(self.root, self.results[child].unwrap())
                    .unwrap();
            }
        }
    }

    fn state(&self, acts: Vec<Act>) -> State {
        let show = |handle: &Option<Handle>| {
            handle.map(|handle| self.monitor.describe(self.root, handle).unwrap())
        };
        let living = self
            .ids
            .iter()
            .flatten()
            .map(|(id, _)| *id)
            .chain([self.root]);
        let mut living = living.filter(|id| self.monitor.current(*id).is_ok());
        let holds = |id: InstanceId| {
            self.monitor
                .current(id)
                .unwrap()
                .flows_to(self.monitor.clearance(id).unwrap())
        };
        State {
            acts,
            children: self.children,
            known: Known {
                label: self.monitor.current(self.root).unwrap(),
                told: self.told.clone(),
                shown: self.results.iter().map(show).collect(),
                answers: self.answers.clone(),
            },
            charged: self.monitor.ledger().by_payer().collect(),
            total: self.monitor.ledger().total(),
            clearances_hold: living.all(holds),
        }
    }
}

impl Run {
    fn rebuild(&self, acts: &[Act]) -> State {
        let mut rebuilt = Rebuilt::new(self);
        for act in acts {
            rebuilt.act(*act);
        }
        rebuilt.state(acts.to_vec())
    }

    /// Whether the root knows just as much if this child, whose end was sealed, ends otherwise.
    fn sealed_ends_look_alike(&self, state: &State) -> bool {
        (0..CHILDREN)
            .filter(|child| state.known.told[*child] == Told::Sealed)
            .all(|child| {
                ENDINGS.iter().all(|other| {
                    let swap = |act: &Act| match act {
                        Act::End(one, _) if *one == child => Act::End(child, *other),
                        other => *other,
                    };
                    let acts: Vec<Act> = state.acts.iter().map(swap).collect();
                    self.rebuild(&acts).known == state.known
                })
            })
    }
}

impl Run {
    /// Whether the root knows just as much if no child had asked a gate.
    fn what_children_ask_is_their_own(&self, state: &State) -> bool {
        let others = state.acts.iter().copied();
        let others: Vec<Act> = others.filter(|act| !matches!(act, Act::Gate(_))).collect();
        others.len() == state.acts.len() || self.rebuild(&others).known == state.known
    }
}

/// Whether it read above what the root knew when that started it.
fn of_above(child: Child) -> bool {
    child.read && !child.tainted
}

/// Whether what this child gave is of its page though it need not have read that: the page
/// itself, or what tells how a child ended that had passed it on.
fn tells_of_it(state: &State, number: usize) -> bool {
    let child = &state.children[number];
    let is_value = child.ended == Some(End::Value) && state.known.told[number] != Told::Sealed;
    child.ended == Some(End::HandsBack) || (child.passed_on && !is_value)
}

impl Model for Run {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![self.rebuild(&[])]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        for (number, child) in state.children.iter().enumerate() {
            let alive = child.spawned && child.ended.is_none();
            let judged = state.acts.contains(&Act::Judge(number));
            let taken = state.known.label != Label::BOTTOM;
            acts.extend((!child.spawned).then_some(Act::Spawn(number)));
            acts.extend((alive && !child.read).then_some(Act::Read(number)));
            acts.extend((alive && !child.asked).then_some(Act::Gate(number)));
            acts.extend((alive && number == 0 && !child.passed_on).then_some(Act::PassOn));
            let ends = ENDINGS.map(|kind| Act::End(number, kind));
            acts.extend(ends.into_iter().filter(|_| alive));
            acts.extend(
                (child.ended.is_some() && !child.delivered).then_some(Act::Deliver(number)),
            );
            acts.extend((child.delivered && !judged).then_some(Act::Judge(number)));
            acts.extend((child.delivered && !taken).then_some(Act::Take(number)));
        }
    }

    fn next_state(&self, last: &State, act: Act) -> Option<State> {
        let acts: Vec<Act> = last.acts.iter().copied().chain([act]).collect();
        Some(self.rebuild(&acts))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("clearance holds", |_, state: &State| state.clearances_hold),
            Property::always("no budget is overdrawn", |run: &Self, state: &State| {
                // Each child has what was set aside for it besides what the run has.
                let pools = u64::try_from(CHILDREN).unwrap() + 1;
                let paid = state
                    .charged
                    .iter()
                    .all(|(_, _, bits)| *bits <= run.per_item.times(pools));
                paid && state.total <= run.budget
            }),
            Property::always(
                "the root is clean until it takes what a child read",
                |_, state: &State| {
                    let takes_read = |act: &Act| match act {
                        Act::Take(child) => {
                            state.children[*child].read || tells_of_it(state, *child)
                        }
                        _ => false,
                    };
                    state.known.label == Label::BOTTOM || state.acts.iter().any(takes_read)
                },
            ),
            Property::always(
                "what a clean root is told of a child that read or passed on is paid for",
                |_, state: &State| {
                    // A root that carries the taint itself pays nothing, so that this is of others.
                    let taken = state.acts.iter().any(|act| matches!(act, Act::Take(_)));
                    let told = (0..CHILDREN).filter(|number| {
                        let child = &state.children[*number];
                        let is_told = matches!(state.known.told[*number], Told::Kind(_));
                        is_told && (child.read || child.passed_on)
                    });
                    let bits = OUTCOME.times(u64::try_from(told.count()).unwrap());
                    let paid = state
                        .charged
                        .iter()
                        .filter(|(_, channel, _)| *channel == Channel::Outcome);
                    taken || paid.map(|(_, _, bits)| *bits).sum::<Bits>() == bits
                },
            ),
            Property::always(
                "a result shows whether it was read above the root, and no more",
                |_, state: &State| {
                    (0..CHILDREN).all(|child| match state.known.shown[child] {
                        Some((media, label)) if of_above(state.children[child]) => {
                            (media, label) == (Media::Json, WEB)
                        }
                        Some((_, label)) => {
                            let above = state.children[child].tainted || tells_of_it(state, child);
                            label == if above { WEB } else { Label::BOTTOM }
                        }
                        None => true,
                    })
                },
            ),
            Property::always("sealed ends look alike", Self::sealed_ends_look_alike),
            Property::always(
                "what children ask shows in nothing that the root knows",
                Self::what_children_ask_is_their_own,
            ),
            Property::sometimes("a clean root is told of both", |_, state: &State| {
                let told = state
                    .known
                    .told
                    .iter()
                    .all(|told| matches!(told, Told::Kind(_)));
                told && state.children.iter().copied().all(of_above)
                    && state.known.label == Label::BOTTOM
            }),
            Property::sometimes("one is sealed", |_, state: &State| {
                state.known.told.contains(&Told::Sealed)
            }),
            Property::sometimes("a gate is refused for want of bits", |_, state: &State| {
                let spent = |answer: &Result<Bits, Denial>| {
                    matches!(
                        answer,
                        Err(Denial::GateItemBudget(_) | Denial::GateRunBudget)
                    )
                };
                state.known.answers.iter().any(spent)
            }),
        ]
    }
}
