//! Is a rule refused that no call can match which the schema of the arguments allows?

use super::{LIMIT, compiled_of, mistakes, policy};

/// Arguments with choices and bounds. The largest amount is 999.
const BOUNDED: &str = r#"{"type": "object", "required": ["amount", "to", "lines", "about"], "properties": {
    "amount": {"type": "integer", "minimum": 0.5, "exclusiveMaximum": 1000}, "to": {"enum": ["EUR", "USD"]},
    "lines": {"type": "array", "items": {"enum": ["x", "y"]}},
    "about": {"type": "object", "required": ["urgent", "version"], "properties": {
        "urgent": {"type": "boolean"}, "version": {"type": "integer", "const": 3}}}}}"#;

/// A condition that no arguments meet, and its twin that some do.
const NEVER: &[(&str, &str)] = &[
    // Choices.
    ("context.to == \"UER\"", "context.to == \"EUR\""),
    ("\"UER\" == context.to", "\"USD\" == context.to"),
    (
        "context.to != \"EUR\" && context.to != \"USD\"",
        "context.to != \"EUR\" && context.to != \"UER\"",
    ),
    (
        "!(context.to == \"EUR\" || context.to == \"USD\")",
        "!(context.to == \"EUR\" || context.to == \"UER\")",
    ),
    (
        "[\"UER\", \"DM\"].contains(context.to)",
        "[\"UER\", \"EUR\"].contains(context.to)",
    ),
    (
        "![\"EUR\", \"USD\"].contains(context.to)",
        "![\"EUR\", \"UER\"].contains(context.to)",
    ),
    (
        "context.lines.contains(\"z\")",
        "context.lines.contains(\"x\")",
    ),
    (
        "context.lines.containsAny([\"z\", \"w\"])",
        "context.lines.containsAny([\"z\", \"x\"])",
    ),
    (
        "context.lines.containsAll([\"z\", \"x\"])",
        "!context.lines.containsAll([\"z\", \"x\"])",
    ),
    ("context.about.version == 4", "context.about.version == 3"),
    (
        "false || context.to == \"UER\"",
        "true || context.to == \"UER\"",
    ),
    // Bounds.
    ("context.amount > 999", "context.amount > 998"),
    ("context.amount >= 1000", "context.amount >= 999"),
    ("context.amount < 1", "context.amount <= 1"),
    ("1000 <= context.amount", "999 <= context.amount"),
    ("context.amount == -3", "context.amount == 3"),
    ("context.calls < 0", "context.calls < 1"),
    // Conditions that exclude each other.
    (
        "context.amount > 100 && context.amount < 50",
        "context.amount > 50 && context.amount < 100",
    ),
    (
        "context.amount > 100 && context.amount < 102 && context.amount != 101",
        "context.amount > 100 && context.amount < 103 && context.amount != 101",
    ),
    (
        "context.amount == 7 && context.amount == 8",
        "context.amount == 7 || context.amount == 8",
    ),
    (
        "context.about.urgent && !context.about.urgent",
        "context.about.urgent || !context.about.urgent",
    ),
    (
        "context.amount > 10 && (context.amount < 5 || context.to == \"UER\")",
        "context.amount > 10 && (context.amount < 5 || context.to == \"EUR\")",
    ),
    (
        "if context.calls > 3 then context.to == \"UER\" else context.amount == 0",
        "if context.calls > 3 then context.to == \"UER\" else context.amount == 1",
    ),
];

#[test]
fn a_rule_that_no_choice_and_no_number_of_the_schema_meets_is_a_mistake() {
    let compiled = |rule: &str| compiled_of(&policy(rule, BOUNDED));
    let never = |rule: &str| {
        let problems = compiled(rule).unwrap_err();
        assert_eq!(problems.len(), 1, "{rule}: {problems:?}");
        assert_eq!(problems[0].message, "the rule can never match", "{rule}");
    };
    let head = "forbid(principal, action, resource)";
    for (condition, twin) in NEVER {
        never(&format!("{head} when {{ {condition} }};"));
        let rule = format!("{head} when {{ {twin} }};");
        assert!(compiled(&rule).is_ok(), "{rule}: {:?}", compiled(&rule));
    }
    never(&format!("{head} unless {{ context.amount > 0 }};"));
    assert!(compiled(&format!("{head} unless {{ context.amount > 1 }};")).is_ok());
    never(&format!(
        "{head} when {{ context.amount > 9 }} when {{ context.amount < 9 }};"
    ));
}

#[test]
fn a_rule_that_can_never_match_is_shown_where_it_stands() {
    let rules = format!(
        "{LIMIT}\n{LIMIT}\nforbid(principal, action, resource)\n  when {{ context.to == \"c\" }};\n// the last\nforbid(principal, action, resource) when {{ context.to == \"d\" && context.calls > 1 }};"
    );
    let rules = rules.replace("context.to", "context has to && context.to");
    assert_eq!(
        mistakes(&rules),
        [
            "12:1 rule: the rule can never match",
            "15:1 rule: the rule can never match"
        ]
    );
}

#[test]
fn what_is_not_understood_of_a_condition_excludes_nothing() {
    for condition in [
        "context.amount + context.calls > 5000",
        "context.to like \"*R\"",
        "context.amount > context.calls",
        "{ amount: 5000 }.amount == 5000",
    ] {
        let rule = format!("forbid(principal, action, resource) when {{ {condition} }};");
        let compiled = compiled_of(&policy(&rule, BOUNDED));
        assert!(compiled.is_ok(), "{condition}: {compiled:?}");
    }
}
