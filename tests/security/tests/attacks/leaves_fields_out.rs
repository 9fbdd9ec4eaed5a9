//! A subject signals by which fields of its answer are missing.

use lazaret_security::Stage;
use serde_json::{Value, json};

fn stage(guest: &str) -> Stage {
    Stage::of(guest).orchestrated_by("gates_one")
}

#[test]
fn an_answer_with_missing_fields_is_one_more_counted_answer() {
    let silent = stage("leaves_fields_out").play();
    assert_eq!(silent.result(), &Value::Null);
    let honest = stage("answers_honestly").play();
    assert_eq!(honest.result(), &json!({ "severity": "low", "pay": false }));
    // Two severities, pay or not, or not of the type; and value, none, unfit or failed.
    assert_eq!(honest.millibits(), 2_322 + 2_000);
    assert_eq!(silent.millibits(), honest.millibits());
}

#[test]
fn a_trusted_mail_decides_no_bits_by_what_is_missing() {
    let played = stage("leaves_fields_out")
        .rule("[[source.args.field]] # mail", "tags", "[]")
        .play();
    assert_eq!(played.result(), &Value::Null);
    assert_eq!(played.millibits(), 0);
}
