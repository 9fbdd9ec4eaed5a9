//! A mail is composed and projected until it should look clean.

use lazaret_security::Stage;
use serde_json::json;

fn stage() -> Stage {
    Stage::of("launders").rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
}

#[test]
fn neither_composing_nor_projecting_takes_a_label_off() {
    let played = stage().play();
    played.refused_by("taint:tracker.pay/amount");
    let each = json!(vec!["taint:tracker.pay/amount"; 6]);
    assert_eq!(played.answer(), &each);
    assert_eq!(played.effects(), []);
}

#[test]
fn tolerated_every_one_of_them_pays() {
    let played = stage()
        .rule(
            "[tool.tracker.fn.pay]",
            "args",
            r#"{ amount = ["mail"], note = ["mail"] }"#,
        )
        .play();
    played.nothing_refused();
    assert_eq!(played.answer(), &json!(vec!["done"; 6]));
}
