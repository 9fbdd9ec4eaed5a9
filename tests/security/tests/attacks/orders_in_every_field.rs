//! A subject puts orders into every field of its answer.

use lazaret_security::Stage;
use serde_json::Value;

/// An orchestrator that obeys: it reveals the answer and pays the amount in it.
fn obeyed() -> Stage {
    Stage::of("orders_in_every_field")
        .orchestrated_by("obeys")
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
}

#[test]
fn an_order_is_no_value_of_a_closed_type() {
    let played = Stage::of("orders_in_every_field")
        .orchestrated_by("gates_one")
        .play();
    played.nothing_refused();
    assert_eq!(played.result(), &Value::Null);
    assert_eq!(played.effects(), []);
}

#[test]
fn an_opaque_orchestrator_does_not_see_the_orders() {
    let played = obeyed().play();
    played.refused_by("clearance");
    assert_eq!(played.effects(), []);
}

#[test]
fn one_that_floats_sees_them_and_may_no_longer_pay() {
    let played = obeyed()
        .rule("[workflow]", "untrusted", r#""float""#)
        .play();
    played.refused_by("caller-taint:tracker.pay");
    assert_eq!(played.effects(), []);
}

#[test]
fn one_that_floats_obeys_where_paying_tolerates_mail() {
    let played = obeyed()
        .rule("[workflow]", "untrusted", r#""float""#)
        .rule(
            "[tool.tracker.fn.pay]",
            "args",
            r#"{ amount = ["mail"], note = ["mail"] }"#,
        )
        .play();
    played.nothing_refused();
    assert_eq!(played.file("desk/pay.json").unwrap(), r#"{"amount":666}"#);
    assert_eq!(played.report.taint, ["mail"]);
}
