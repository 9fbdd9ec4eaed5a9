//! A run of simulated guests: who there is, what they hold, and how the steps are dealt out.
//!
//! The order in which guests act is part of the case. What a guest does in its step is a
//! function of the step's number and of everything that the guest has seen so far.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use crate::doc::Doc;
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::Monitor;
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{
    ArgumentRule, FunctionId, FunctionRule, GateId, GateRule, Grants, KernelLimits, ProfileRule,
    Tables, Verdict,
};
use lazaret_kernel::tree::LabelTree;

pub(crate) const WEB: TagSet = TagSet::of(0);
pub(crate) const MAIL: TagSet = TagSet::of(1);
/// The operator and the model: who may read what is private.
pub(crate) const PRIVATE: Readers = Readers::of(0);
/// Somebody from whom private things are kept.
pub(crate) const OBSERVER: Readers = Readers::of(2);

/// Each guest's slot and those of the children it may start: at most four instances.
pub(crate) const CHILDREN: [&[usize]; 4] = [&[1, 2], &[3], &[], &[]];

/// Which bytes differ between two runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Secret {
    /// Those tainted `web`.
    Tainted,
    /// Those that the observer may not read.
    Private,
}

impl Secret {
    /// Returns whether content of this label may differ between the runs.
    pub(crate) fn covers(self, label: Label) -> bool {
        match self {
            Self::Tainted => label.taint.intersects(WEB),
            Self::Private => !OBSERVER.is_subset(label.readers),
        }
    }
}

/// One random case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The root's clearance.
    pub(crate) clearance: Label,
    /// The seed of everything that is decided by nobody's bytes.
    pub(crate) seed: u64,
    /// Which guest acts in each step.
    pub(crate) steps: Vec<usize>,
    /// The most bits of the run.
    pub(crate) budget: Bits,
    /// The most for how children end, counted against one item.
    pub(crate) ends: Bits,
}

/// Cases whose budgets, if any, run out.
pub(crate) fn cases(budget: impl Strategy<Value = Bits>) -> impl Strategy<Value = Case> {
    let clearance = prop_oneof![
        5 => Just(Label::TOP),
        2 => Just(tainted(WEB | MAIL).join(private())),
        1 => Just(Label::BOTTOM),
    ];
    let who = prop_oneof![5 => Just(0usize), 4 => Just(1), 4 => Just(2), 3 => Just(3)];
    let steps = prop::collection::vec(who, 100..190);
    let are_told = prop::bool::weighted(0.75);
    let case = (clearance, any::<u64>(), steps, budget, are_told);
    case.prop_map(|(clearance, seed, steps, budget, are_told)| Case {
        clearance,
        seed,
        steps,
        budget,
        ends: if are_told { budget } else { Bits::ZERO },
    })
}

/// Runs a law on many cases. A failure names its seed and the smallest case.
pub(crate) fn check(
    count: u32,
    cases: impl Strategy<Value = Case>,
    law: impl Fn(Case) -> Result<(), TestCaseError>,
) {
    let mut config = Config {
        cases: count,
        failure_persistence: None,
        ..Config::default()
    };
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => rand_seed(),
    };
    config.rng_seed = RngSeed::Fixed(seed);
    match TestRunner::new(config).run(&cases, law) {
        Ok(()) => {}
        Err(TestError::Fail(reason, case)) => {
            panic!("{reason}\nsmallest case: {case:?}\nagain with PROPTEST_RNG_SEED={seed}")
        }
        Err(error) => panic!("{error}; PROPTEST_RNG_SEED={seed}"),
    }
}

fn rand_seed() -> u64 {
    use std::hash::BuildHasher as _;
    std::hash::RandomState::new().hash_one(0)
}

/// One simulated component.
pub(crate) struct Guest {
    pub(crate) id: InstanceId,
    pub(crate) handles: Vec<Handle>,
    /// A digest of all that it has ever seen.
    pub(crate) memory: u64,
    /// Whether it has come to its end and waits to be asked for its result.
    pub(crate) done: bool,
    /// Why it gives no result, where a call has used up what it may use. Nobody sees that
    /// before it is asked for its result.
    pub(crate) stopped: Option<Doc>,
}

/// What a guest is and sees at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) current: Label,
    pub(crate) memory: u64,
    pub(crate) done: bool,
    pub(crate) handles: Vec<(Handle, Media, Label)>,
}

/// An effect that was permitted, with the bytes that it performed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) step: usize,
    pub(crate) who: usize,
    /// The label of the guest that made it.
    pub(crate) at: Label,
    pub(crate) function: FunctionId,
    pub(crate) reaches: Readers,
    /// Each argument: its label, and its bytes or the guest's own value.
    pub(crate) arguments: Vec<(Label, Doc)>,
}

/// One run.
pub(crate) struct World {
    pub(crate) monitor: Monitor<Doc>,
    pub(crate) guests: [Option<Guest>; 4],
    pub(crate) effects: Vec<Effect>,
    /// What each step came to, for comparison.
    pub(crate) trace: Vec<String>,
    /// What the last act was told for bits: how long a secret list is, or how one ended that had
    /// passed a secret on. Nothing else of the act is paid for.
    pub(crate) paid_answer: Option<String>,
    /// The differing bytes of this run, and what they are.
    pub(crate) salt: u64,
    pub(crate) secret: Secret,
    /// Whether guests learn nothing from payloads, so that every payload may differ.
    pub(crate) blind: bool,
    pub(crate) seed: u64,
}

impl World {
    /// Makes the world before its first step.
    pub(crate) fn new(case: &Case, secret: Secret, salt: u64, blind: bool) -> Self {
        let mut monitor = Monitor::new(tables(case));
        let id = monitor.start_root(Label::BOTTOM, case.clearance, everything(), 1);
        let root = Guest {
            id,
            handles: Vec::new(),
            memory: case.seed,
            done: false,
            stopped: None,
        };
        let mut world = Self {
            monitor,
            guests: [Some(root), None, None, None],
            effects: Vec::new(),
            trace: Vec::new(),
            paid_answer: None,
            salt,
            secret,
            blind,
            seed: case.seed,
        };
        for (label, origin) in (labels().into_iter()).zip(0..) {
            world.admit(LabelTree::flat(label), Origins::of(Origin(origin)));
        }
        let number = |root| LabelTree::declared(root, vec![(at("/*/number"), Label::BOTTOM)]);
        world.admit(number(tainted(WEB)), Origins::of(Origin(20)));
        world.admit(number(private()), Origins::NONE);
        let field = |label| LabelTree::declared(Label::BOTTOM, vec![(at("/b"), label)]);
        world.admit(field(tainted(WEB)), Origins::of(Origin(21)));
        world.admit(field(private()), Origins::NONE);
        world
    }

    /// Runs one step.
    pub(crate) fn step(&mut self, step: usize, who: usize) {
        if self
            .guests
            .get(who)
            .and_then(Option::as_ref)
            .is_some_and(|guest| !guest.done)
        {
            self.act(step, who);
        }
    }

    /// Returns what a guest sees now, where there is such a guest.
    pub(crate) fn view(&self, who: usize) -> Option<View> {
        let guest = self.guests.get(who)?.as_ref()?;
        let describe = |handle: &Handle| {
            let (media, label) = self.monitor.describe(guest.id, *handle).unwrap();
            (*handle, media, label)
        };
        Some(View {
            current: self.monitor.current(guest.id).unwrap(),
            memory: guest.memory,
            done: guest.done,
            handles: guest.handles.iter().map(describe).collect(),
        })
    }

    /// Gives the root a content that entered from outside, with this run's bytes.
    fn admit(&mut self, labels: LabelTree, origins: Origins) {
        let listed = labels.item(0).project(&at("/number")).root() != labels.item(0).root();
        let salt = |label| self.salt_of(label);
        let payload = if listed {
            // How long the list is, is as secret as the list.
            let length = 2 + if self.blind {
                0
            } else {
                salt(labels.root()) % 3
            };
            let body = salt(labels.root());
            let item = |number| Doc::map([("number", Doc::Word(number)), ("b", Doc::Word(body))]);
            Doc::List((0..length).map(item).collect())
        } else {
            let word = |field| Doc::Word(salt(labels.project(&at(field)).root()));
            Doc::map([
                ("a", word("/a")),
                ("b", word("/b")),
                ("0", Doc::List(vec![word("/0"); 2])),
            ])
        };
        let facts = Facts {
            labels,
            ..Facts::flat(Label::BOTTOM, origins, Media::Json)
        };
        let root = self.guests[0].as_mut().unwrap();
        root.handles
            .push(self.monitor.admit(root.id, facts, payload).unwrap());
    }

    /// Returns this run's bytes for content of a label.
    pub(crate) fn salt_of(&self, label: Label) -> u64 {
        if self.blind || self.secret.covers(label) {
            self.salt
        } else {
            0
        }
    }
}

/// Mixes what was seen into a digest.
pub(crate) fn digest(memory: u64, seen: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (memory, seen).hash(&mut hasher);
    hasher.finish()
}

pub(crate) fn at(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

pub(crate) const fn tainted(taint: TagSet) -> Label {
    Label {
        taint,
        readers: Readers::PUBLIC,
    }
}

fn private() -> Label {
    Label {
        taint: TagSet::EMPTY,
        readers: PRIVATE | Readers::of(1),
    }
}

pub(crate) fn labels() -> [Label; 6] {
    let web = tainted(WEB);
    [
        Label::BOTTOM,
        web,
        tainted(MAIL),
        private(),
        web.join(private()),
        tainted(WEB | MAIL),
    ]
}

fn everything() -> Grants {
    let mut all = Grants::NONE;
    (0..8).for_each(|id| all.allow_function(FunctionId(id)));
    (0..4).for_each(|id| all.allow_gate(GateId(id)));
    all
}

/// A policy in which each rule lets something through and refuses something.
fn tables(case: &Case) -> Tables {
    let budget = case.budget;
    let function = |caller, tolerated: &[TagSet], recipients, source| FunctionRule {
        arguments: tolerated
            .iter()
            .map(|tolerates| ArgumentRule {
                tolerates: *tolerates,
            })
            .collect(),
        caller,
        recipients,
        source,
        verdict: Verdict::Allow,
    };
    let (clean, all) = (TagSet::EMPTY, TagSet::ALL);
    let gate = |removes, releases| GateRule {
        removes,
        releases,
        per_item: budget,
    };
    let nobody = Readers::NOBODY;
    let mut some = Grants::NONE;
    (1..5).for_each(|id| some.allow_function(FunctionId(id)));
    some.allow_gate(GateId(1));
    // Little where budgets run out, and plenty where they do not.
    let reserve = if budget == Bits::UNBOUNDED {
        Bits::whole(1_000)
    } else {
        Bits::whole(3)
    };
    let profile = |grants, clearance| ProfileRule {
        grants,
        clearance,
        reserve,
    };
    Tables {
        functions: vec![
            function(clean, &[clean, clean], Readers::STRANGER, Label::BOTTOM),
            function(all, &[all, all], Readers::of(1), Label::BOTTOM),
            function(WEB, &[clean, WEB], Readers::NOBODY, Label::BOTTOM),
            function(all, &[all], Readers::STRANGER, tainted(WEB)),
            function(all, &[all], PRIVATE, private()),
            function(MAIL, &[MAIL], OBSERVER, Label::BOTTOM),
            FunctionRule {
                verdict: Verdict::AskOtherwise { passes: all },
                ..function(clean, &[clean, clean], PRIVATE, Label::BOTTOM)
            },
            FunctionRule {
                verdict: Verdict::Ask { passes: all },
                ..function(all, &[all, all], PRIVATE, Label::BOTTOM)
            },
        ],
        gates: vec![
            gate(WEB, nobody),
            gate(MAIL, nobody),
            gate(all, nobody),
            gate(clean, OBSERVER),
        ],
        profiles: vec![
            profile(everything(), Label::TOP),
            profile(some, tainted(WEB)),
            profile(some, tainted(WEB | MAIL).join(private())),
            profile(Grants::NONE, Label::BOTTOM),
        ],
        limits: KernelLimits {
            handles: 1_000,
            gate_bits: budget,
            outcome_bits_per_item: case.ends,
        },
    }
}
