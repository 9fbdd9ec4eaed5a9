//! Readers that tell by when they finish: their ends are told in the order of their start,
//! unless the policy pays for another.

use lazaret_security::{Played, Stage};
use lazaret_workflow::event::Event;
use serde_json::json;

/// Two readers; the first loops until it is stopped, the second ends at once.
fn stage() -> Stage {
    Stage::of("loops_if_told")
        .orchestrated_by("tells_the_order")
        .rule("[limits]", "cpu_ms", "200")
        .order("loop end")
}

/// The bits through the order, in thousandths.
fn paid(played: &Played) -> u64 {
    let channels = played.report.bits.by_channel.iter();
    channels
        .filter(|(name, _)| name == "order")
        .map(|(_, bits)| bits.thousandths())
        .sum()
}

/// The numbers of the replies that the orchestrator was given, batch by batch.
fn batches(played: &Played) -> Vec<&[u32]> {
    let events = played.events.iter();
    let given = events.filter_map(|event| match event {
        Event::Batch { numbers, .. } => Some(&**numbers),
        _ => None,
    });
    given.collect()
}

#[test]
fn the_order_in_which_readers_finish_is_nobodys_business() {
    let played = stage().play();
    played.nothing_refused();
    assert_eq!((played.result(), paid(&played)), (&json!([0, 1]), 0));
}

/// Two that have ended could come together, and then only where the second ended first.
#[test]
fn nor_do_the_batches_tell_it() {
    let one = stage().play();
    let other = stage().order("end loop").play();
    assert_eq!(batches(&one), batches(&other));
    let of_trusted = |order: &str| {
        let stage = stage().order(order);
        let stage = stage.rule("[[source.args.field]] # mail", "tags", "[]");
        let together = |batch: &&[u32]| batch.len() == 2;
        batches(&stage.play()).iter().any(together)
    };
    assert!(of_trusted("loop end") && !of_trusted("end loop"));
}

#[test]
fn a_policy_may_pay_for_the_order_in_which_they_finish() {
    let played = stage()
        .rule("[workflow]", "order", r#""completion""#)
        .play();
    played.nothing_refused();
    assert_eq!((played.result(), paid(&played)), (&json!([1, 0]), 1_000));
}

#[test]
fn that_they_finish_in_the_order_of_their_start_is_told_for_the_same_bits() {
    let played = stage()
        .rule("[workflow]", "order", r#""completion""#)
        .order("end loop")
        .play();
    assert_eq!((played.result(), paid(&played)), (&json!([0, 1]), 1_000));
    // Who is told of comes alone: else there were three things to tell for one bit.
    let told = batches(&played);
    assert!(told.iter().all(|batch| batch.len() == 1), "{told:?}");
}

#[test]
fn without_bits_left_they_are_told_in_the_order_of_their_start() {
    let played = stage()
        .rule("[workflow]", "order", r#""completion""#)
        .rule("[budget]", "gate_bits", "0.5")
        .play();
    assert_eq!((played.result(), paid(&played)), (&json!([0, 1]), 0));
}
