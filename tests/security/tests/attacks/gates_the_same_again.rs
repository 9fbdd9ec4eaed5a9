//! A gate is asked again and again, to learn more than its rule allows.

use lazaret_security::Stage;
use serde_json::json;

fn stage() -> Stage {
    Stage::of("gates_the_same_again")
        .rule("[profile.subject]", "gates", r#"["verdict"]"#)
        .input("mail", json!(2))
}

#[test]
fn the_same_question_is_paid_for_once_and_others_until_the_bits_are_spent() {
    let played = stage().play();
    played.refused_by("gate-item-budget:verdict");
    assert_eq!(
        played.answer(),
        &json!(["done", "gate-item-budget:verdict"])
    );
    // A boolean: 1.585 bits. 0 to 2: 2 bits. 0 to 3 would be 2.322 more.
    assert_eq!(played.millibits(), 3_585);
}

#[test]
fn with_more_bits_for_an_item_every_question_is_answered() {
    let played = stage().rule("[gate.verdict]", "bits_per_item", "32").play();
    played.nothing_refused();
    assert_eq!(played.answer(), &json!(["done"]));
}
