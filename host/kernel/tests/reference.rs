//! Does a naive monitor, written from the design's table, agree with the kernel on random programs?
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test helper that cannot go on fails its test"
)]

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::labels::{Label, Names, bottom};
use crate::pair::Pair;
use crate::policy::{Function, Person, Policy, Profile};

#[path = "reference/instance.rs"]
mod instance;
#[path = "reference/labels.rs"]
mod labels;
#[path = "reference/naive.rs"]
mod naive;
#[path = "reference/pair.rs"]
mod pair;
#[path = "reference/policy.rs"]
mod policy;

/// One call; numbers choose among what there is, and now and then beside it.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Admit(usize, Vec<(usize, usize)>),
    Create,
    Read(usize),
    Project(usize, usize),
    Compose(bool, Vec<(usize, usize)>),
    Split(usize, u32, usize),
    /// The function, its arguments, whom it names, and what a person would say.
    Effect(usize, Vec<(usize, Option<usize>)>, usize, usize),
    Gate(usize, usize, u64, u64),
    /// A gate of the type `part`.
    Part(usize, usize, u64),
    Spawn(usize, Vec<usize>, Vec<usize>),
    End(usize, usize, Option<usize>),
}

/// Where things may stand.
pub(crate) const PATHS: [&str; 9] = ["", "/a", "/b", "/*", "/a/b", "/*/b", "/0", "/0/b", "/a/*"];
/// What a person may say where one is asked: nothing, yes, "I vouch for it", too late, or yes
/// to other bytes.
pub(crate) const WORDS: [&str; 5] = ["", "yes", "endorsed", "late", "other"];
/// How a child may end.
pub(crate) const KINDS: [&str; 4] = ["Value", "None", "Unfit", "Failed"];

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let (handle, path) = (0usize..30, 0..PATHS.len());
    let leaf = (path.clone(), handle.clone());
    let handles = |most: usize| prop::collection::vec(0usize..30, 0..most);
    let argument = (
        prop_oneof![3 => 0usize..1, 1 => 0usize..3],
        prop::option::weighted(0.7, handle.clone()),
    );
    let arguments = prop::collection::vec(argument, 0..3);
    let field = (1..PATHS.len(), 0..LABELS);
    let act = prop_oneof![
        3 => (0..LABELS, prop::collection::vec(field, 0..4)).prop_map(|(label, fields)| Act::Admit(label, fields)),
        1 => Just(Act::Create),
        3 => handle.clone().prop_map(Act::Read),
        3 => (handle.clone(), path).prop_map(|(handle, path)| Act::Project(handle, path)),
        3 => (any::<bool>(), prop::collection::vec(leaf, 0..4)).prop_map(|(text, leaves)| Act::Compose(text, leaves)),
        2 => (handle.clone(), 0u32..4, 0usize..5).prop_map(|(handle, max, count)| Act::Split(handle, max, count)),
        12 => (0usize..8, arguments, 0usize..4, 0..WORDS.len()).prop_map(|(function, all, to, word)| Act::Effect(function, all, to, word)),
        4 => (handle.clone(), 0usize..5, 0u64..2, 0u64..3000).prop_map(|(a, b, c, d)| Act::Gate(a, b, c, d)),
        2 => (handle.clone(), 0usize..5, 2u64..4).prop_map(|(a, b, c)| Act::Part(a, b, c)),
        6 => (0usize..5, handles(2), handles(4)).prop_map(|(profile, text, parts)| Act::Spawn(profile, text, parts)),
        8 => (0usize..4, 0..KINDS.len(), prop::option::of(handle)).prop_map(|(child, kind, held)| Act::End(child, kind, held)),
    ];
    prop::collection::vec((0usize..4, act), 1..150)
}

pub(crate) fn names(all: &[&'static str]) -> Names {
    all.iter().copied().collect()
}

const LABELS: usize = 7;

pub(crate) fn some_label(number: usize) -> Label {
    let tainted = |tags: &[&'static str]| Label(names(tags), None);
    match number {
        0 => bottom(),
        1 => tainted(&["web"]),
        2 => tainted(&["mail"]),
        3 => Label(names(&[]), Some(names(&["operator", "model"]))),
        4 => Label(names(&["web"]), Some(names(&["operator"]))),
        5 => Label(names(&["web", "unknown"]), None),
        _ => Label(names(&[]), Some(names(&["operator"]))),
    }
}

pub(crate) fn everything() -> Profile {
    let clearance = Label(names(&["web", "mail", "unknown"]), Some(names(&[])));
    Profile {
        functions: (0..8).collect(),
        gates: (0..5).collect(),
        clearance,
        reserve: 4_000,
    }
}

/// A policy with something to refuse everywhere; function 7 and gate 4 are not in it.
pub(crate) fn a_policy(run_budget: u64) -> Policy {
    let all = || names(&["web", "mail", "unknown"]);
    let function = |caller, arguments, recipients: &[&'static str], source| Function {
        caller,
        arguments,
        recipients: names(recipients),
        source,
        person: Person::Never,
    };
    let profile = |functions: &[usize], gates: &[usize], clearance| Profile {
        functions: functions.iter().copied().collect(),
        gates: gates.iter().copied().collect(),
        clearance,
        reserve: 1_500,
    };
    Policy {
        functions: vec![
            function(
                names(&[]),
                vec![names(&[]), names(&[])],
                &["stranger"],
                bottom(),
            ),
            function(all(), vec![all(), all()], &["model"], bottom()),
            function(names(&["web"]), vec![names(&["web"]), all()], &[], bottom()),
            function(all(), vec![all()], &["stranger"], some_label(1)),
            function(
                names(&["web"]),
                vec![names(&["web"])],
                &["operator"],
                some_label(3),
            ),
            Function {
                person: Person::Otherwise(names(&["web"])),
                ..function(names(&[]), vec![names(&[]), all()], &["model"], bottom())
            },
            Function {
                person: Person::Always(all()),
                ..function(names(&["web"]), vec![names(&[])], &[], some_label(2))
            },
        ],
        gates: vec![
            (names(&["web"]), names(&[]), 3_000),
            (names(&["mail", "unknown"]), names(&[]), 2_000),
            (all(), names(&[]), 1_000),
            (names(&[]), names(&["model"]), 3_000),
        ],
        profiles: vec![
            everything(),
            profile(&[1, 3, 5], &[0], some_label(1)),
            profile(
                &[2],
                &[1, 2],
                Label(names(&["web", "mail"]), Some(names(&["operator"]))),
            ),
            profile(&[9], &[], bottom()),
        ],
        run_budget,
        outcome_budget: 3_200,
    }
}

/// Every decision that the programs have to come to, for the comparison to mean anything.
const DECISIONS: [&str; 33] = [
    "ok",
    "true",
    "false",
    "UnknownHandle",
    "NotGranted",
    "UnknownArgument",
    "CallerTaint",
    "ArgumentTaint",
    "Recipients",
    "NeedsApproval",
    "yes true",
    "yes false",
    "endorsed true",
    "Expired",
    "OtherCall",
    "Clearance",
    "GateNotGranted",
    "GateCaller",
    "GateReaders",
    "part None",
    "part Some(0)",
    "GateItemBudget",
    "GateRunBudget",
    "UnknownProfile",
    "SpawnGrants",
    "SpawnClearance",
    "Value 0",
    "Value 2000",
    "None 2000",
    "Unfit 2000",
    "Failed 0",
    "Sealed 0",
    "nobody",
];

/// How often programs are drawn, at the most, until they have come to every decision.
const MAX_ROUNDS: usize = 10;

#[test]
fn the_kernel_and_the_naive_monitor_decide_alike() {
    let seen = RefCell::new(BTreeSet::new());
    let missing = || {
        let seen = seen.borrow();
        let missing = DECISIONS.into_iter().filter(|one| !seen.contains(*one));
        missing.collect::<Vec<_>>()
    };
    let config = Config {
        cases: 3_000,
        failure_persistence: None,
        ..Config::default()
    };
    let budget = prop_oneof![Just(0u64), 1_000u64..9_000, Just(1_000_000)];
    let programs = (acts(), budget);
    for _ in 0..MAX_ROUNDS {
        let result = TestRunner::new(config.clone()).run(&programs, |(acts, budget)| {
            let mut pair = Pair::new(budget);
            for (who, act) in &acts {
                seen.borrow_mut().insert(pair.act(*who, act)?);
            }
            Ok(())
        });
        if let Err(failure) = result {
            panic!("{failure}");
        }
        if missing().is_empty() {
            return;
        }
    }
    panic!("the programs never came to {:?}", missing());
}
