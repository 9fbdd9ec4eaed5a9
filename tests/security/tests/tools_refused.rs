//! `tools`: none is shown and none is called without a grant.

use lazaret_security::Stage;
use serde_json::json;

#[test]
fn a_tool_is_not_called_without_a_grant() {
    let played = Stage::of("calls_a_tool").play();
    played.refused_by("not-granted:tracker.pay");
    assert_eq!(played.effects(), []);
}

#[test]
fn none_of_many_calls_is_made_without_a_grant() {
    let played = Stage::of("calls_many").order("3").play();
    played.refused_by("not-granted:tracker.pay");
    let said = json!({ "answers": 3, "said": ["not-granted:tracker.pay"] });
    assert_eq!(played.answer(), &said);
}

#[test]
fn a_tool_is_not_shown_without_a_grant() {
    let played = Stage::of("lists_its_tools").order("[]").play();
    assert_eq!(played.answer()["told"], json!([]));
}
