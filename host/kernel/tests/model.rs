//! Does every interleaving of spawn, read, gate, release, end, delivery in any order and approval
//! keep the laws, for small sizes?
//!
//! The states are those of the kernel itself: each is rebuilt from the acts that led to it,
//! and two are the same when everything that can be seen of them is.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test helper that cannot go on fails its test, and the size is reported"
)]

use std::fmt::Debug;
use std::hash::Hash;

use stateright::{Checker as _, Expectation, Model, Path};

use lazaret_kernel::capacity::Bits;

use crate::approval::Asking;
use crate::order::Ordered;
use crate::release::Releasing;
use crate::run::Run;

#[path = "model/approval.rs"]
mod approval;
#[path = "model/order.rs"]
mod order;
#[path = "model/release.rs"]
mod release;
#[path = "model/run.rs"]
mod run;

fn explore<M>(run: M, never: &[&str])
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync,
    M::Action: Copy + Debug + Hash + PartialEq + Send + Sync,
{
    let checker = run.checker().spawn_bfs().join();
    eprintln!("{} states", checker.unique_state_count());
    for property in checker.model().properties() {
        let found = checker.discovery(property.name).is_some();
        let expected = match property.expectation {
            Expectation::Sometimes => !never.contains(&property.name),
            Expectation::Always | Expectation::Eventually => false,
        };
        let path = checker.discovery(property.name).map(Path::into_actions);
        assert_eq!(found, expected, "{}: {path:?}", property.name);
    }
    assert!(checker.unique_state_count() > 1_000);
}

#[test]
fn the_laws_hold_in_every_order_where_bits_are_plenty() {
    let plenty = Run {
        budget: Bits::whole(100),
        per_item: Bits::whole(100),
        reserve: Bits::whole(1),
    };
    explore(
        plenty,
        &["one is sealed", "a gate is refused for want of bits"],
    );
}

#[test]
fn the_laws_hold_in_every_order_where_the_run_runs_out_of_bits() {
    explore(
        Run {
            budget: Bits::whole(3),
            per_item: Bits::whole(100),
            reserve: Bits::from_thousandths(500),
        },
        &["a clean root is told of both"],
    );
}

#[test]
fn the_laws_hold_in_every_order_where_an_item_runs_out_of_bits() {
    let spare = Run {
        budget: Bits::whole(100),
        per_item: Bits::whole(1),
        reserve: Bits::whole(1),
    };
    explore(spare, &["a clean root is told of both"]);
}

#[test]
fn an_approval_passes_its_own_call_once_in_every_order() {
    explore(Asking, &[]);
}

#[test]
fn in_which_order_children_end_is_told_for_its_bits_in_every_order() {
    let plenty = Ordered {
        bits: Bits::whole(100),
    };
    explore(plenty, &["one is told of in its turn"]);
}

#[test]
fn in_which_order_children_end_is_not_told_without_bits_in_every_order() {
    explore(Ordered { bits: Bits::ZERO }, &["the last is told of first"]);
    // Enough for one of six, and later for one of two.
    let few = Ordered {
        bits: Bits::from_thousandths(3_585),
    };
    explore(few, &[]);
}

#[test]
fn a_secret_is_released_by_who_knows_nothing_of_it_in_every_order() {
    explore(Releasing, &[]);
}
