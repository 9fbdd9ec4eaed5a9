//! The schedule against a naive reference, on random histories.

use std::collections::BTreeSet;

use lazaret_workflow::schedule::{Batch, Company, Delivery, Number, Schedule};
use proptest::prelude::*;

/// Takes what the next batch holds besides replies that are there already.
fn batch(
    schedule: &mut Schedule,
    has_replies: bool,
    company: impl Fn(Number) -> Company,
) -> Vec<Number> {
    let (mut batch, mut taken) = (Batch::of(has_replies), Vec::new());
    while let Some(next) = schedule.next_to_deliver() {
        let Some(with) = batch.with(company(next)) else {
            break;
        };
        batch = with;
        assert!(schedule.take(next));
        taken.push(next);
    }
    taken
}

/// Takes all that may be delivered, where nothing is anybody's secret.
fn all(schedule: &mut Schedule) -> Vec<Number> {
    batch(schedule, false, |_| Company::Any)
}

#[derive(Clone, Debug)]
enum Act {
    Request(bool),
    Start,
    Finish(prop::sample::Index),
    Deliver,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        any::<bool>().prop_map(Act::Request),
        Just(Act::Start),
        any::<prop::sample::Index>().prop_map(Act::Finish),
        Just(Act::Deliver),
    ]
}

proptest! {
    #[test]
    fn results_in_order_are_never_overtaken_and_none_is_lost(
        limit in 1usize..5,
        acts in prop::collection::vec(act(), 1..200),
    ) {
        let mut schedule = Schedule::new(limit);
        let mut next = 0;
        let mut ordered = BTreeSet::new();
        let mut running = BTreeSet::new();
        let mut delivered = Vec::new();
        for act in acts {
            match act {
                Act::Request(in_order) => {
                    let kind = if in_order { Delivery::InOrder } else { Delivery::AtOnce };
                    prop_assert!(schedule.request(Number(next), kind));
                    if in_order { ordered.insert(next); }
                    next += 1;
                }
                Act::Start => if let Some(Number(started)) = schedule.next_to_start() {
                    running.insert(started);
                    prop_assert!(running.len() <= limit);
                },
                Act::Finish(which) => if !running.is_empty() {
                    let all: Vec<_> = running.iter().copied().collect();
                    let chosen = *which.get(&all);
                    running.remove(&chosen);
                    schedule.finish(Number(chosen));
                },
                Act::Deliver => delivered.extend(all(&mut schedule)),
            }
        }
        while let Some(Number(started)) = schedule.next_to_start() {
            schedule.finish(Number(started));
        }
        for left in running { schedule.finish(Number(left)); }
        while let Some(number) = schedule.next_to_start() { schedule.finish(number); }
        delivered.extend(all(&mut schedule));
        let numbers: Vec<u32> = delivered.iter().map(|number| number.0).collect();
        let in_order: Vec<u32> = numbers.iter().copied().filter(|n| ordered.contains(n)).collect();
        prop_assert!(in_order.is_sorted());
        prop_assert_eq!(numbers.iter().copied().collect::<BTreeSet<_>>().len(), next as usize);
        prop_assert_eq!(numbers.len(), next as usize);
        prop_assert!(schedule.is_idle());
    }
}

#[test]
fn a_number_that_is_outstanding_is_refused() {
    let mut schedule = Schedule::new(1);
    assert!(schedule.request(Number(7), Delivery::AtOnce));
    assert!(!schedule.request(Number(7), Delivery::InOrder));
}

#[test]
fn a_waiting_request_can_end_without_starting() {
    let mut schedule = Schedule::new(1);
    schedule.request(Number(1), Delivery::InOrder);
    schedule.request(Number(2), Delivery::InOrder);
    schedule.finish(Number(2));
    assert_eq!(schedule.next_to_start(), Some(Number(1)));
    schedule.finish(Number(1));
    assert_eq!(all(&mut schedule), [Number(1), Number(2)]);
}

#[test]
fn what_goes_on_without_a_place_leaves_all_places_to_others() {
    let mut schedule = Schedule::new(1);
    assert!(schedule.begin(Number(1), Delivery::InOrder));
    assert!(!schedule.begin(Number(1), Delivery::AtOnce));
    assert!(schedule.request(Number(2), Delivery::AtOnce));
    assert_eq!(schedule.next_to_start(), Some(Number(2)));
    schedule.finish(Number(2));
    assert_eq!(schedule.unfinished_before(Number(2)).count(), 1);
    assert_eq!(all(&mut schedule), [Number(2)]);
    schedule.finish(Number(1));
    assert_eq!(all(&mut schedule), [Number(1)]);
}

/// Two children whose ends are none of the orchestrator's business end in this order; these are
/// the batches that it sees, each with what was there when it was made.
fn batches(ends: [u32; 2], company: impl Fn(Number) -> Company) -> Vec<Vec<Number>> {
    let mut schedule = Schedule::new(2);
    for number in [0, 1].map(Number) {
        schedule.request(number, Delivery::InOrder);
        schedule.next_to_start();
    }
    let mut seen = Vec::new();
    for number in ends.map(Number) {
        schedule.finish(number);
        // An orchestrator that is told something asks for no more, and is told what is left.
        loop {
            let told = batch(&mut schedule, false, &company);
            if told.is_empty() {
                break;
            }
            seen.push(told);
        }
    }
    seen
}

#[test]
fn batches_are_the_same_in_whichever_order_tainted_children_end() {
    let alone = |_| Company::Alone;
    let [loop_end, end_loop] = [[1, 0], [0, 1]].map(|ends| batches(ends, alone));
    assert_eq!(loop_end, [[Number(0)], [Number(1)]]);
    assert_eq!(loop_end, end_loop);
}

#[test]
fn where_their_ends_tell_nothing_all_that_have_ended_come_together() {
    let any = |_| Company::Any;
    assert_eq!(batches([1, 0], any), [[Number(0), Number(1)]]);
    assert_eq!(batches([0, 1], any), [[Number(0)], [Number(1)]]);
}

/// The first may be known and the second not: it comes alone, whether it ended first or last.
#[test]
fn a_tainted_child_shares_no_batch_with_a_clean_one() {
    let second = |number| match number {
        Number(1) => Company::Alone,
        _ => Company::Any,
    };
    assert_eq!(batches([1, 0], second), batches([0, 1], second));
}

#[test]
fn what_comes_alone_does_not_come_beside_replies_that_took_no_time() {
    let mut schedule = Schedule::new(1);
    schedule.recall(Number(0), Delivery::InOrder);
    schedule.recall(Number(1), Delivery::AtOnce);
    let alone = |_| Company::Alone;
    assert_eq!(batch(&mut schedule, true, alone), []);
    assert_eq!(batch(&mut schedule, false, alone), [Number(0)]);
    assert_eq!(batch(&mut schedule, true, |_| Company::Any), [Number(1)]);
}

#[test]
fn what_may_not_come_yet_keeps_its_place() {
    let mut schedule = Schedule::new(1);
    schedule.recall(Number(0), Delivery::AtOnce);
    assert_eq!(batch(&mut schedule, false, |_| Company::Later), []);
    assert_eq!(all(&mut schedule), [Number(0)]);
    assert!(schedule.is_idle());
}
