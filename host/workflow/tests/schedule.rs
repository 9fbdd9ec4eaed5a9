//! The schedule against a naive reference, on random histories.

use std::collections::BTreeSet;

use lazaret_workflow::schedule::{Delivery, Number, Schedule};
use proptest::prelude::*;

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
                Act::Deliver => delivered.extend(schedule.deliverable()),
            }
        }
        while let Some(Number(started)) = schedule.next_to_start() {
            schedule.finish(Number(started));
        }
        for left in running { schedule.finish(Number(left)); }
        while let Some(number) = schedule.next_to_start() { schedule.finish(number); }
        delivered.extend(schedule.deliverable());
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
    assert_eq!(schedule.deliverable(), [Number(1), Number(2)]);
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
    assert_eq!(schedule.deliverable(), [Number(2)]);
    schedule.finish(Number(1));
    assert_eq!(schedule.deliverable(), [Number(1)]);
}
