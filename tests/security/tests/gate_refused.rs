//! `gate`: nothing comes down without a rule.

use lazaret_security::Stage;
use serde_json::json;

#[test]
fn a_value_does_not_pass_without_a_rule() {
    let played = Stage::of("gates_as_asked")
        .input("mail", json!(true))
        .order(r#"{"type":"boolean"}"#)
        .play();
    played.refused_by("gate-not-granted:verdict");
    assert_eq!(played.millibits(), 0);
}
