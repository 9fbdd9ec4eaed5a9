//! A call names in its own arguments whom it reaches.

use lazaret_security::Stage;

/// A function that tells whom `to` names; what the subject knows is the operator's and Alice's.
fn stage(to: &str) -> Stage {
    Stage::of("calls_by_name")
        .rule("[readers]", "team", r#"["alice"]"#)
        .rule("[source.args]", "readers", r#""team""#)
        .rule("[profile.subject]", "readers", r#""team""#)
        .rule("[profile.subject]", "use", r#"["tracker.publish"]"#)
        .rule(
            "[tool.tracker.fn.publish]",
            "args",
            "{ text = [], to = [] }",
        )
        .rule("[tool.tracker.fn.publish]", "recipients", r#""/to""#)
        .rule("[files.desk]", "readers", r#""team""#)
        .order(format!(
            r#"tracker.publish {{"text": "the plan", "to": {to}}}"#
        ))
}

#[test]
fn whom_the_call_names_has_to_be_one_who_may_read() {
    stage(r#"["alice"]"#).play().nothing_refused();
    stage(r#""alice""#).play().nothing_refused();
    for to in [
        r#"["bob"]"#,
        r#"["alice", "bob"]"#,
        "7",
        "{}",
        r#"[["alice"]]"#,
    ] {
        let played = stage(to).play();
        played.refused_by("readers:tracker.publish");
        assert_eq!(played.effects(), [], "{to}");
    }
}

#[test]
fn a_rule_that_does_not_look_at_the_names_tells_bob() {
    let played = stage(r#"["bob"]"#)
        .rule("[tool.tracker.fn.publish]", "recipients", r#"["operator"]"#)
        .play();
    played.nothing_refused();
    assert!(played.file("desk/publish.json").unwrap().contains("bob"));
}
