//! Arguments that the function does not have, or the same one twice.

use lazaret_security::Stage;

fn stage(names: &str) -> Stage {
    Stage::of("names_arguments")
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .order(names)
}

#[test]
fn an_argument_that_the_policy_does_not_name_is_refused() {
    let played = stage(r#"["amount", "iban"]"#).play();
    played.refused_by("unknown-argument:tracker.pay");
    assert_eq!(played.effects(), []);
}

#[test]
fn named_by_the_policy_the_same_argument_arrives() {
    let played = stage(r#"["amount", "iban"]"#)
        .rule(
            "[tool.tracker.fn.pay]",
            "args",
            "{ amount = [], iban = [] }",
        )
        .play();
    played.nothing_refused();
    assert_eq!(
        played.file("desk/pay.json").unwrap(),
        r#"{"amount":1,"iban":1}"#
    );
}

#[test]
fn an_argument_that_is_given_twice_is_no_call() {
    let played = stage(r#"["amount", "amount"]"#).play();
    let answer = played.answer().as_str().unwrap();
    assert_eq!(answer, "invalid: the argument `amount` is given twice");
    assert_eq!(played.effects(), []);
}

#[test]
fn given_once_it_is_one() {
    let played = stage(r#"["amount"]"#).play();
    played.nothing_refused();
    assert_eq!(played.effects()[0], ("tracker.pay", true));
}
