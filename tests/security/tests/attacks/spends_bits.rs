//! A reader that tells by what it spends: it spends what was set aside for it and nothing else.

use lazaret_security::{Played, Stage};
use serde_json::{Value, json};

/// A reader that holds a mail and asks a gate about it as often as it is told; then its
/// orchestrator asks a gate about another mail, as often as the run has bits for.
fn stage(order: &str) -> Stage {
    Stage::of("gates_often")
        .orchestrated_by("gates_afterwards")
        .rule("[profile.subject]", "gates", r#"["verdict"]"#)
        .rule("[profile.subject]", "bits", "4")
        .rule("[gate.verdict]", "bits_per_item", "100")
        .rule("[budget]", "gate_bits", "12")
        .order(order)
}

fn passed(played: &Played) -> &Value {
    &played.result()["passed"]
}

#[test]
fn what_a_reader_spends_shows_in_nothing_that_its_orchestrator_is_refused() {
    let (much, little) = (stage("4").play(), stage("0").play());
    assert_eq!(passed(&much), passed(&little));
    assert!(much.millibits() > little.millibits());
    // Four of twelve were set aside. The reader read nothing: how it ended tells nothing.
    assert_eq!(*passed(&much), json!(5));
}

/// The same in a phase with bits of its own.
fn in_a_phase(order: &str, bits: &str) -> Played {
    let phase = format!("[budget.phase.Ask]\ngate_bits = {bits}\n");
    stage(order).sections(&phase).play()
}

#[test]
fn what_a_reader_spends_shows_in_nothing_that_its_phase_is_refused() {
    let (much, little) = (in_a_phase("4", "8"), in_a_phase("0", "8"));
    assert_eq!(passed(&much), passed(&little));
    assert!(much.millibits() > little.millibits());
    // Four of the phase's eight were set aside.
    assert_eq!(*passed(&much), json!(2));
    assert!(much.rules().contains("gate-share-budget"));
}

#[test]
fn a_reader_spends_no_more_than_its_phase_has_for_it() {
    let played = in_a_phase("40", "2");
    assert!(played.rules().contains("gate-share-budget"));
    assert_eq!(*passed(&played), json!(0));
    assert_eq!(played.millibits(), 1_585, "one verdict of the reader's");
}

#[test]
fn a_reader_spends_no_more_than_was_set_aside_for_it() {
    let played = stage("40").play();
    assert!(played.rules().contains("gate-run-budget"));
    let (more, none) = (played.millibits(), stage("0").play().millibits());
    assert_eq!(more - none, 3_170, "two verdicts of 1.585 bits");
}
