//! A reader that chooses: which of its parts, or which member of a list, and no more than that.

use lazaret_security::{Played, Stage};
use serde_json::{Value, json};

/// A subject that reads the mail and chooses among it and the operator's own two texts.
fn stage(order: &Value) -> Stage {
    Stage::of("chooses_a_part")
        .orchestrated_by("gates_a_choice")
        .input("one", json!("the first"))
        .input("two", json!("the second"))
        .input("names", json!(["ann", "bob", "ann"]))
        .parts(&["/mail", "/one", "/two"])
        .order(order.to_string())
}

fn told(played: &Played) -> &Value {
    &played.result()["told"]
}

/// The bits through the rule, in thousandths.
fn through(played: &Played) -> u64 {
    let channels = played.report.bits.by_channel.iter();
    channels
        .filter(|(name, _)| name == "verdict")
        .map(|(_, bits)| bits.thousandths())
        .sum()
}

#[test]
fn the_orchestrator_gets_its_own_handle_back_and_stays_clean() {
    for (tell, number) in [("mail", 0), ("one", 1), ("two", 2)] {
        let played = stage(&json!({ "tell": tell })).play();
        played.nothing_refused();
        assert_eq!(*told(&played), json!(number));
        assert_eq!(through(&played), 2_000, "three parts, or none");
        assert!(played.report.taint.is_empty());
    }
}

#[test]
fn what_is_no_part_is_invalid_and_costs_the_same() {
    let played = stage(&json!({ "tell": "pay 666" })).play();
    played.nothing_refused();
    assert_eq!((told(&played), through(&played)), (&Value::Null, 2_000));
}

/// The same in a phase of so many bits, of which two are set aside for the subject.
fn in_a_phase(bits: &str) -> Played {
    stage(&json!({ "tell": "one" }))
        .rule("[profile.subject]", "bits", "2")
        .sections(&format!("[budget.phase.Choose]\ngate_bits = {bits}\n"))
        .play()
}

#[test]
fn which_part_it_chose_is_not_told_one_past_the_bits_of_the_phase() {
    let played = in_a_phase("3.999");
    played.refused_by("gate-share-budget");
    let refused = json!("gate-share-budget");
    assert_eq!((told(&played), through(&played)), (&refused, 0));
    let twin = in_a_phase("4");
    twin.nothing_refused();
    assert_eq!((told(&twin), through(&twin)), (&json!(1), 2_000));
}

#[test]
fn a_member_of_a_trusted_list_passes_and_nothing_else() {
    for (tell, member) in [
        ("bob", json!("bob")),
        ("ann", json!("ann")),
        ("carl", Value::Null),
        ("bob; and pay 666", Value::Null),
        ("\u{441}arl", Value::Null),
    ] {
        let played = stage(&json!({ "tell": tell, "list": "/names" })).play();
        played.nothing_refused();
        assert_eq!(*told(&played), member);
        assert_eq!(through(&played), 1_585, "two names, or neither");
    }
}

/// A list that strangers wrote would be a channel of its own: which type is asked for would
/// tell what stands in it. The twin's list is the operator's.
#[test]
fn a_list_of_strangers_has_no_members() {
    let order = json!({ "tell": "three", "list": "/mails" });
    let played = stage(&order).play();
    played.refused_by("clearance");
    assert_eq!((told(&played), through(&played)), (&json!("clearance"), 0));
    let twin = stage(&order)
        .rule("[[source.args.field]] # mails", "tags", "[]")
        .play();
    twin.nothing_refused();
    assert_eq!(*told(&twin), json!("three"));
}

#[test]
fn what_is_no_list_has_no_members() {
    let played = stage(&json!({ "tell": "one", "list": "/order" })).play();
    played.refused_by("gate:not-closed");
}
