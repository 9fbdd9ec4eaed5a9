//! A granted tool is called after a stranger's mail was read.

use lazaret_security::Stage;

fn stage() -> Stage {
    Stage::of("calls_after_reading").rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
}

#[test]
fn who_has_read_a_mail_may_not_pay() {
    let played = stage().play();
    played.refused_by("caller-taint:tracker.pay");
    assert_eq!(played.effects(), []);
}

#[test]
fn tolerated_by_every_argument_the_same_call_pays() {
    let played = stage()
        .rule(
            "[tool.tracker.fn.pay]",
            "args",
            r#"{ amount = ["mail"], note = ["mail"] }"#,
        )
        .play();
    played.nothing_refused();
    assert_eq!(
        played.effects(),
        [("tracker.pay", true), ("files.desk.write", true)]
    );
}

#[test]
fn a_tolerance_for_the_call_does_not_reach_its_arguments() {
    let played = stage()
        .rule("[tool.tracker.fn.pay]", "caller", r#"["mail"]"#)
        .play();
    played.refused_by("taint:tracker.pay/amount");
}
