//! A call whose labels are in order, and whose amount, text or number is not.

use lazaret_security::{Played, Stage};
use serde_json::json;

const PAY: &str = "[tool.tracker.fn.pay]";

/// What the tool says of its own arguments is nothing: the policy says what they are.
const SCHEMA: &str =
    r#"'{"properties": {"amount": {"type": "integer"}, "note": {"type": "string"}}}'"#;

/// A payment under a rule.
fn pays(subject: &str, rule: &str) -> Stage {
    Stage::of(subject)
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .rule(PAY, "schema", SCHEMA)
        .rule(PAY, "rule", &format!("'{rule}'"))
}

const AT_MOST_100: &str =
    "permit(principal, action, resource) when { context has amount && context.amount <= 100 };";

fn paid(played: &Played) -> Option<String> {
    played.file("desk/pay.json")
}

#[test]
fn an_amount_over_the_limit_is_refused_and_its_caller_told() {
    let stage = || pays("calls_by_name", AT_MOST_100);
    let played = stage().order(r#"tracker.pay {"amount": 101}"#).play();
    played.refused_by("rule-forbids:tracker.pay");
    assert_eq!(played.answer(), "rule-forbids:tracker.pay");
    assert_eq!(played.effects(), []);
    let twin = stage().order(r#"tracker.pay {"amount": 100}"#).play();
    twin.nothing_refused();
    assert_eq!(paid(&twin).unwrap(), r#"{"amount":100}"#);
}

#[test]
fn without_the_rule_any_amount_is_paid() {
    let played = Stage::of("calls_by_name")
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .order(r#"tracker.pay {"amount": 101}"#)
        .play();
    played.nothing_refused();
    assert_eq!(paid(&played).unwrap(), r#"{"amount":101}"#);
}

#[test]
fn an_amount_that_is_none_is_refused_and_not_skipped() {
    let forbids =
        "forbid(principal, action, resource) when { context has amount && context.amount > 100 };";
    for amount in [
        "\"101\"",
        "101.5",
        "[101]",
        "1e30",
        "null",
        r#"{"__extn": {"fn": "decimal", "arg": "101.0"}}"#,
    ] {
        let order = format!("tracker.pay {{\"amount\": {amount}}}");
        let played = pays("calls_by_name", forbids).order(order).play();
        played.refused_by("rule-forbids:tracker.pay");
        assert_eq!(paid(&played), None, "{amount}");
    }
}

#[test]
fn an_unread_amount_decides_whether_it_is_paid_and_tells_its_caller_nothing() {
    let stage = |amount: u64| {
        pays("passes_what_it_holds", AT_MOST_100)
            .rule(PAY, "args", r#"{ amount = ["mail"], note = ["mail"] }"#)
            .input("mail", json!(amount))
            .order("amount")
    };
    let (refused, twin) = (stage(101).play(), stage(100).play());
    refused.refused_by("rule-forbids:tracker.pay");
    assert_eq!(paid(&refused), None);
    assert_eq!(paid(&twin).unwrap(), r#"{"amount":100}"#);
    // The caller holds an answer in either case, and only that it ended so is paid for.
    assert_eq!(refused.answer(), twin.answer());
    assert_eq!((refused.millibits(), twin.millibits()), (2_000, 2_000));
}

#[test]
fn an_unread_note_that_the_rule_does_not_look_at_seals_no_refusal() {
    let played = pays(
        "passes_what_it_holds",
        "forbid(principal, action, resource) unless { context has amount };",
    )
    .order("note")
    .play();
    played.refused_by("rule-forbids:tracker.pay");
    assert_eq!(played.answer(), "rule-forbids:tracker.pay");
}

const AT_MOST_TWO: &str = "forbid(principal, action, resource) when { context.calls >= 2 };";

/// The calls that were made; the tool writes each of them down, which is another effect.
fn payments(played: &Played) -> usize {
    let effects = played.effects();
    let made = effects.iter().filter(|(name, _)| *name == "tracker.pay");
    made.count()
}

#[test]
fn of_calls_made_at_the_same_time_no_more_are_let_through_than_the_rule_says() {
    let played = pays("calls_many", AT_MOST_TWO).order("40").play();
    played.refused_by("rule-forbids:tracker.pay");
    assert_eq!(payments(&played), 2, "{:?}", played.effects());
    assert_eq!(played.report.denials.len(), 38);
    let twin = pays(
        "calls_many",
        "forbid(principal, action, resource) when { context.calls >= 40 };",
    )
    .order("40")
    .play();
    twin.nothing_refused();
    assert_eq!(payments(&twin), 40);
}

#[test]
fn a_rule_can_be_for_one_profile() {
    let rule =
        |profile: &str| format!("forbid(principal == Profile::\"{profile}\", action, resource);");
    let order = r#"tracker.pay {"amount": 1}"#;
    let played = pays("calls_by_name", &rule("subject")).order(order).play();
    played.refused_by("rule-forbids:tracker.pay");
    let unknown = pays("calls_by_name", &rule("other"))
        .order(order)
        .try_play();
    assert!(unknown.is_err(), "a profile that is not there is a mistake");
}

#[test]
fn a_tool_that_says_nothing_of_its_arguments_has_no_rule_over_them() {
    let played = Stage::of("calls_by_name")
        .rule("[profile.subject]", "use", r#"["tracker.pay"]"#)
        .rule(PAY, "rule", &format!("'{AT_MOST_100}'"))
        .order(r#"tracker.pay {"amount": 1}"#)
        .try_play();
    let Err(error) = played else {
        panic!("the run does not start");
    };
    assert_eq!(error.code(), "rule");
}
