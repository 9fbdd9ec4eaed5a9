//! A tool that was not granted is called.

use lazaret_security::Stage;

fn stage() -> Stage {
    Stage::of("calls_a_tool")
}

#[test]
fn a_tool_that_was_not_granted_is_refused() {
    let played = stage().play();
    played.refused_by("not-granted:tracker.pay");
    assert_eq!(played.answer(), "not-granted:tracker.pay");
    assert_eq!(played.effects(), []);
}

#[test]
fn granted_the_same_call_pays() {
    let played = stage()
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .play();
    played.nothing_refused();
    assert_eq!(played.file("desk/pay.json").unwrap(), r#"{"amount":666}"#);
}

#[test]
fn a_tool_that_does_not_exist_is_refused_in_the_same_words() {
    let played = stage()
        .line("[tool.tracker.fn.pay]", "[tool.tracker.fn.refund]")
        .play();
    played.refused_by("not-granted:tracker.pay");
    let ours = stage().play();
    assert_eq!(played.report.denials, ours.report.denials);
}
