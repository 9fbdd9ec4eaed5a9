//! Are the limits of a rule, the place of a mistake and the types of arguments exact?

use lazaret_policy::rules::{MAX_LOOKED_AT, MAX_RULE_BYTES, Ruling};
use serde_json::json;

use super::{LIMIT, SCHEMA, compiled_of, decide, permits, policy, rule};

#[test]
fn one_byte_and_one_policy_more_than_a_rule_has_is_refused() {
    assert_eq!((MAX_RULE_BYTES, MAX_LOOKED_AT), (16_384, 262_144));
    let codes = |rule: &str| {
        let problems = compiled_of(&policy(rule, SCHEMA)).err();
        let problems = problems.unwrap_or_default();
        problems.iter().map(|one| one.code).collect::<Vec<_>>()
    };
    let long = |bytes: usize| format!("{LIMIT}//{}", "x".repeat(bytes - LIMIT.len() - 2));
    assert_eq!(codes(&long(16_384)), [""; 0]);
    assert_eq!(codes(&long(16_385)), ["too-large"]);
    assert_eq!(codes(&LIMIT.repeat(64)), [""; 0]);
    assert_eq!(codes(&LIMIT.repeat(65)), ["rule"]);
}

#[test]
fn one_byte_more_than_a_rule_looks_at_is_forbidden_in_a_record_too() {
    let about = "forbid(principal, action, resource) when { context has about && context.about has urgent };";
    // The name of the field, and eight bytes each for its text and for the record.
    let text = |bytes: usize| json!({ "about": { "other": "x".repeat(bytes - 5 - 16) } });
    assert!(permits(about, &text(262_144), 0));
    assert!(!permits(about, &text(262_145), 0));
}

#[test]
fn a_mistake_is_shown_at_its_bytes_and_in_one_line() {
    let shown = |rule: &str| {
        let text = policy(rule, SCHEMA);
        let problems = compiled_of(&text).unwrap_err();
        let shown = problems.iter();
        let shown = shown.map(|one| format!("{} | {}", &text[one.span.clone()], one.message));
        shown.collect::<Vec<_>>().join("\n")
    };
    let amont = "forbid(principal, action, resource)\n  when { context.amont > 100 };";
    assert_eq!(
        shown(amont),
        "context.amont | for policy `policy0`, attribute `amont` in context for Action::\"bank.transfer\" not found"
    );
    let never = "forbid(principal, action, resource)\n  when { context.calls < 0 };";
    assert_eq!(
        shown(&format!("{LIMIT}\n{never}\n// the end")),
        format!("{never} | the rule can never match")
    );
}

#[test]
fn a_policy_without_a_name_is_called_by_its_number() {
    let unnamed = format!("@id(\"\")\n{LIMIT}");
    let ruling = decide(&rule(&unnamed), &json!({ "amount": 300 }), 0);
    assert_eq!(ruling, Ruling::Forbidden("policy 1".to_owned()));
    assert_eq!(rule(&unnamed).written(), unnamed);
}

#[test]
fn a_text_is_a_text_and_nothing_else_where_the_schema_says_so() {
    let lines = "forbid(principal, action, resource) when { context has lines && context.lines.contains(\"x\") };";
    let why = "the argument `lines` is not what its schema says".to_owned();
    for other in [json!([1]), json!([["x"]]), json!([null])] {
        let ruling = decide(&rule(lines), &json!({ "lines": other }), 0);
        assert_eq!(ruling, Ruling::Forbidden(why.clone()), "{other}");
    }
}

#[test]
fn where_the_policy_has_a_schema_nothing_that_a_tool_says_counts() {
    assert!(rule(LIMIT).has_schema());
    let compiled = compiled_of(&policy(LIMIT, SCHEMA)).unwrap();
    assert_eq!(compiled.check_told_rules(|_| json!({})), []);
}

#[test]
fn choices_of_several_types_have_no_type_of_cedars() {
    let to = "forbid(principal, action, resource) when { context has to && context.to == \"a\" };";
    let with = |choices: &str| compiled_of(&policy(to, &SCHEMA.replace("[\"a\", \"b\"]", choices)));
    assert!(with("[\"a\", \"c\"]").is_ok());
    for mixed in ["[\"a\", 1]", "[1]", "[\"a\", null]"] {
        assert!(with(mixed).is_err(), "{mixed}");
    }
}

/// In a schema 1.0 is the same number as 1, and in a rule it is none.
#[test]
fn choices_that_no_rule_can_name_exclude_none() {
    let amount = "forbid(principal, action, resource) when { context.amount == 1 };";
    let with = |choices: &str| {
        let integer = "\"integer\"";
        let schema = SCHEMA.replacen(integer, &format!("{integer}, \"enum\": {choices}"), 1);
        compiled_of(&policy(amount, &schema))
    };
    assert!(with("[1.0, 3]").is_ok());
    assert!(with("[1, 3]").is_ok());
    assert!(with("[2, 3]").is_err());
}
