//! A mail is let through a gate: without the rule, as an open type, as too large a type.

use lazaret_security::Stage;
use serde_json::json;

const BOOLEAN: &str = r#"{"type":"boolean"}"#;

/// 2^16 values and `invalid`: a little more than 16 bits.
const SIXTEEN_BITS: &str = r#"{"type":"integer","minimum":0,"maximum":65535}"#;

fn stage(schema: &str) -> Stage {
    Stage::of("gates_as_asked")
        .rule("[profile.subject]", "gates", r#"["verdict"]"#)
        .input("mail", json!(true))
        .order(schema)
}

#[test]
fn a_gate_without_the_rule_stays_shut() {
    let without = Stage::of("gates_as_asked")
        .input("mail", json!(true))
        .order(BOOLEAN);
    let played = without.play();
    played.refused_by("gate-not-granted:verdict");
    assert_eq!(played.millibits(), 0);
}

#[test]
fn with_the_rule_the_same_value_passes_and_is_paid_for() {
    let played = stage(BOOLEAN).play();
    played.nothing_refused();
    assert_eq!(played.answer(), &json!(true));
    // True, false, or not of the type; and how the subject ended is free.
    assert_eq!(played.millibits(), 1_585);
}

#[test]
fn an_open_type_passes_no_gate() {
    for open in [
        r#"{"type":"string"}"#,
        r#"{"type":"integer"}"#,
        r#"{"type":"array","items":{"type":"boolean"}}"#,
        r#"{"type":"string","pattern":"^.*$","maxLength":4}"#,
        r#"{"$ref":"https://example.org/schema"}"#,
        "{}",
        "true",
    ] {
        let played = stage(open).play();
        played.refused_by("gate:not-closed");
        assert_eq!(played.millibits(), 0, "{open}");
    }
}

#[test]
fn a_closed_type_passes_the_same_gate() {
    let played = stage(r#"{"type":"integer","minimum":0,"maximum":3}"#)
        .input("mail", json!(2))
        .play();
    played.nothing_refused();
    assert_eq!(played.answer(), &json!(2));
}

#[test]
fn a_type_of_more_bits_than_an_item_may_decide_passes_no_gate() {
    let played = stage(SIXTEEN_BITS).play();
    played.refused_by("gate-item-budget:verdict");
    assert_eq!(played.millibits(), 0);
}

#[test]
fn with_more_bits_for_an_item_the_same_type_passes() {
    let played = stage(SIXTEEN_BITS)
        .rule("[gate.verdict]", "bits_per_item", "17")
        .input("mail", json!(40_000))
        .play();
    played.nothing_refused();
    assert_eq!(played.answer(), &json!(40_000));
}

#[test]
fn a_run_without_bits_left_opens_no_gate() {
    let played = stage(BOOLEAN).rule("[budget]", "gate_bits", "1").play();
    played.refused_by("gate-run-budget");
    assert_eq!(played.millibits(), 0);
}

#[test]
fn a_schema_that_is_no_json_is_an_error() {
    let played = stage("{").play();
    let answer = played.answer().as_str().unwrap();
    assert!(answer.starts_with("invalid: malformed JSON"), "{answer}");
}
