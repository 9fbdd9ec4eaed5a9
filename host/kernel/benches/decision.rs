//! How long does the monitor take for one decision? The target is 300 ns, with 64 grants,
//! 8 tags and 4 arguments.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock and prints"
)]

use std::hint::black_box;
use std::time::Instant;

use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::monitor::{Argument, Monitor};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tables::{
    ArgumentId, ArgumentRule, FunctionId, FunctionRule, Grants, Tables, Verdict,
};

const EFFECT: FunctionId = FunctionId(63);
/// Decisions a round, and rounds: the fastest round counts, which others on the machine
/// disturbed least.
const DECISIONS: u32 = 100_000;
const ROUNDS: u32 = 20;

/// The target of one decision, in nanoseconds.
const TARGET: f64 = 300.0;

fn main() {
    let asked: Vec<String> = std::env::args().collect();
    let place = asked.iter().position(|word| word == "--decisions");
    if let Some(at) = place {
        // For a count of instructions: so many decisions with so many arguments, and no clock.
        return decide(
            asked[at + 1].parse().unwrap(),
            asked[at + 2].parse().unwrap(),
        );
    }
    let measured = [0, 1, 4].map(|count| (count, nanoseconds(count)));
    if asked.iter().any(|word| word == "--json") {
        let rows = measured.map(|(count, value)| {
            let ok = value <= TARGET;
            format!(
                r#"{{"suite":"decision","case":"{count} arguments","ok":{ok},"value":{value:.1},"unit":"ns","limit":{TARGET},"note":"64 grants, 8 tags"}}"#
            )
        });
        println!("[{}]", rows.join(","));
        return;
    }
    for (count, value) in measured {
        println!("one decision with {count} arguments: {value:.0} ns (target {TARGET} ns)");
    }
}

fn nanoseconds(count: usize) -> f64 {
    let (mut monitor, caller, held) = scene();
    let arguments = arguments(held, count);
    let fastest = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        for _ in 0..DECISIONS {
            decide_once(&mut monitor, caller, &arguments);
        }
        start.elapsed().as_nanos() as f64 / f64::from(DECISIONS)
    });
    fastest.fold(f64::INFINITY, f64::min)
}

fn decide(decisions: u32, count: usize) {
    let (mut monitor, caller, held) = scene();
    let arguments = arguments(held, count);
    for _ in 0..decisions {
        decide_once(&mut monitor, caller, &arguments);
    }
}

fn decide_once(
    monitor: &mut Monitor<()>,
    caller: InstanceId,
    arguments: &[(ArgumentId, Argument)],
) {
    let permit = monitor.effect(
        black_box(caller),
        EFFECT,
        black_box(arguments),
        Readers::NOBODY,
    );
    black_box(permit).unwrap();
}

fn arguments(held: [Handle; 4], count: usize) -> Vec<(ArgumentId, Argument)> {
    let numbers = (0..).map(ArgumentId);
    let mut all: Vec<_> = numbers.zip(held.map(Argument::Content)).collect();
    all.truncate(count);
    all
}

/// A caller with 64 grants among a thousand instances, and four contents of two tags each.
fn scene() -> (Monitor<()>, InstanceId, [Handle; 4]) {
    let all = (0..8).fold(TagSet::EMPTY, |all, tag| all | TagSet::of(tag));
    let rule = |_| FunctionRule {
        arguments: vec![ArgumentRule { tolerates: all }; 4],
        caller: all,
        recipients: Readers::of(1),
        source: Label::BOTTOM,
        verdict: Verdict::Allow,
    };
    let mut grants = Grants::NONE;
    (0..64).for_each(|id| grants.allow_function(FunctionId(id)));
    let tables = Tables {
        functions: (0..64).map(rule).collect(),
        ..Tables::default()
    };
    let mut monitor = Monitor::new(tables);
    let instances: Vec<_> = (1..=1_000)
        .map(|mark| monitor.start_root(Label::BOTTOM, Label::TOP, grants, mark))
        .collect();
    let caller = instances[500];
    let held = [0u8, 2, 4, 6].map(|tag| {
        let taint = TagSet::of(tag) | TagSet::of(tag + 1);
        let facts = Facts::flat(
            Label {
                taint,
                readers: Readers::PUBLIC,
            },
            Origins::of(Origin(u32::from(tag))),
            Media::Text,
        );
        monitor.admit(caller, facts, ()).unwrap()
    });
    (monitor, caller, held)
}
