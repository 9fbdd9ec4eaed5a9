//! Readers that tell by when they finish: their ends are told in the order of their start,
//! unless the policy pays for another.

use lazaret_security::{Played, Stage};
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

#[test]
fn the_order_in_which_readers_finish_is_nobodys_business() {
    let played = stage().play();
    played.nothing_refused();
    assert_eq!((played.result(), paid(&played)), (&json!([0, 1]), 0));
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
}

#[test]
fn without_bits_left_they_are_told_in_the_order_of_their_start() {
    let played = stage()
        .rule("[workflow]", "order", r#""completion""#)
        .rule("[budget]", "gate_bits", "0.5")
        .play();
    assert_eq!((played.result(), paid(&played)), (&json!([0, 1]), 0));
}
