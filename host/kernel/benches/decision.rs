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

fn main() {
    let (monitor, caller, held) = scene();
    let arguments: Vec<_> = (0..)
        .map(ArgumentId)
        .zip(held.map(Argument::Content))
        .collect();
    for count in [0, 1, 4] {
        let arguments = &arguments[..count];
        let fastest = (0..ROUNDS).map(|_| {
            let start = Instant::now();
            for _ in 0..DECISIONS {
                let permit = monitor.effect(
                    black_box(caller),
                    EFFECT,
                    black_box(arguments),
                    Readers::NOBODY,
                );
                black_box(permit).unwrap();
            }
            start.elapsed().as_nanos() as f64 / f64::from(DECISIONS)
        });
        let nanoseconds = fastest.fold(f64::INFINITY, f64::min);
        println!("one decision with {count} arguments: {nanoseconds:.0} ns (target 300 ns)");
    }
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
