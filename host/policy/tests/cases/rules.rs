//! Do rules over arguments forbid what they say, and is every mistake in one shown at its line?

use std::collections::BTreeMap;

use lazaret_policy::Diagnostic;
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::Compiled;
use lazaret_policy::manifest::Manifest;
use lazaret_policy::policy::Policy;
use lazaret_policy::rules::{
    CALLS, Call, CallRule, MAX_LOOKED_AT, MAX_RULE_BYTES, Principal, Ruling,
};
use serde_json::{Value, json};

#[path = "rules/exact.rs"]
mod exact;
#[path = "rules/never.rs"]
mod never;

/// A bank whose transfers have this rule; its text begins on line 9.
fn policy(rule: &str, schema: &str) -> String {
    format!(
        "version = 1\n[plugin.bank]\nfile = \"b\"\n[plugin.clerk]\nfile = \"c\"\n[tool.bank]\nplugin = \"bank\"\n\
         [tool.bank.fn.transfer]\nrule = '''\n{rule}'''\nargs = {{ amount = [], to = [], lines = [], about = [] }}\n\
         schema = '''{schema}'''\n[profile.clerk]\nplugin = \"clerk\"\nuse = [\"bank.transfer\"]\n"
    )
}

const SCHEMA: &str = r#"{"type": "object", "required": ["amount"], "properties": {
    "amount": {"type": "integer"}, "to": {"enum": ["a", "b"]},
    "lines": {"type": "array", "items": {"type": "string"}},
    "about": {"type": "object", "properties": {"urgent": {"type": "boolean"}, "rate": {"type": "number"}}}}}"#;

fn compiled_of(text: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let manifest = |world: &str, rest: &str| {
        let text = format!("name = \"a\"\nversion = \"0.1.0\"\nworld = \"{world}\"\n{rest}");
        Manifest::parse("plugin.toml", &text).unwrap()
    };
    let manifests = BTreeMap::from([
        ("bank".to_owned(), manifest("tool", "")),
        (
            "clerk".to_owned(),
            manifest("agent", "[requests]\nuse = [\"*\"]"),
        ),
    ]);
    compile(&Policy::parse("lazaret.toml", text)?, &manifests)
}

fn rule(text: &str) -> CallRule {
    let compiled = compiled_of(&policy(text, SCHEMA)).unwrap();
    compiled.call_rules.into_values().next().unwrap()
}

fn decide(rule: &CallRule, arguments: &Value, calls: u64) -> Ruling {
    let arguments: Vec<(&str, &Value)> = arguments
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value))
        .filter(|(name, _)| rule.looks_at(name))
        .collect();
    rule.decide(Call {
        function: "bank.transfer",
        principal: Principal::Profile("clerk"),
        arguments: &arguments,
        calls,
        told: &Value::Null,
    })
}

fn permits(text: &str, arguments: &Value, calls: u64) -> bool {
    decide(&rule(text), arguments, calls) == Ruling::Permitted
}

fn mistakes(text: &str) -> Vec<String> {
    let problems = compiled_of(&policy(text, SCHEMA)).unwrap_err();
    let said = problems.iter();
    said.map(|one| format!("{}:{} {}: {}", one.line, one.column, one.code, one.message))
        .collect()
}

const LIMIT: &str = "forbid(principal, action, resource) when { context.amount > 100 };";

#[test]
fn what_a_rule_forbids_is_refused_and_the_rest_is_not() {
    assert!(permits(LIMIT, &json!({"amount": 100}), 0));
    assert!(!permits(LIMIT, &json!({"amount": 101}), 0));
    let only = "permit(principal, action, resource) when { context.amount <= 100 };";
    assert!(permits(only, &json!({"amount": 100}), 0));
    assert!(!permits(only, &json!({"amount": 101}), 0));
    let both = format!("permit(principal, action, resource);\n{LIMIT}");
    assert!(!permits(&both, &json!({"amount": 101}), 0));
    assert!(permits(&both, &json!({"amount": 1}), 0));
}

#[test]
fn callers_texts_lists_and_records_can_be_told_apart() {
    let clerk = "forbid(principal == Profile::\"clerk\", action == Action::\"bank.transfer\", resource == Tool::\"bank\") when { context.amount > 1 };";
    assert!(!permits(clerk, &json!({"amount": 2}), 0));
    let other = rule(clerk).decide(Call {
        function: "bank.transfer",
        principal: Principal::Workflow("script"),
        arguments: &[("amount", &json!(2))],
        calls: 0,
        told: &Value::Null,
    });
    assert_eq!(other, Ruling::Permitted);
    let to =
        "forbid(principal, action, resource) unless { context has to && context.to == \"a\" };";
    assert!(permits(to, &json!({"to": "a"}), 0));
    assert!(!permits(to, &json!({"to": "b"}), 0));
    assert!(!permits(to, &json!({}), 0));
    let lines = "forbid(principal, action, resource) when { context has lines && context.lines.contains(\"x\") };";
    assert!(!permits(lines, &json!({"lines": ["y", "x"]}), 0));
    assert!(permits(lines, &json!({"lines": ["y"]}), 0));
    let about = "forbid(principal, action, resource) when { context has about && context.about has urgent && context.about.urgent };";
    assert!(!permits(about, &json!({"about": {"urgent": true}}), 0));
    assert!(permits(about, &json!({"about": {"urgent": false}}), 0));
}

#[test]
fn at_most_so_many_calls_are_let_through() {
    let three = "forbid(principal, action, resource) when { context.calls >= 3 };";
    assert!(rule(three).counts() && !rule(LIMIT).counts());
    assert!(permits(three, &json!({}), 2));
    assert!(!permits(three, &json!({}), 3));
    assert!(!permits(three, &json!({}), u64::MAX));
}

#[test]
fn what_cannot_be_evaluated_is_forbidden() {
    for hostile in [
        json!({}),
        json!({"amount": "1"}),
        json!({"amount": 1.5}),
        json!({"amount": null}),
        json!({"amount": 18_446_744_073_709_551_615_u64}),
        json!({"amount": [1]}),
        json!({"amount": {"__extn": {"fn": "decimal", "arg": "1.0"}}}),
        json!({"amount": {"__entity": {"type": "Profile", "id": "clerk"}}}),
    ] {
        assert!(!permits(LIMIT, &hostile, 0), "{hostile}");
    }
    // A policy that cannot be evaluated does not give way to one that can.
    let both = format!(
        "permit(principal, action, resource) when {{ 1 == 1 || context.calls > 0 }};\n{LIMIT}"
    );
    assert!(!permits(&both, &json!({"amount": "1"}), 0));
}

#[test]
fn one_byte_more_than_a_rule_looks_at_is_forbidden() {
    let lines = "forbid(principal, action, resource) when { context has lines && context.lines.contains(\"a\") };";
    let text = |bytes: usize| json!({"lines": ["x".repeat(bytes)]});
    assert!(permits(lines, &text(MAX_LOOKED_AT - 16), 0));
    assert!(!permits(lines, &text(MAX_LOOKED_AT - 15), 0));
}

#[test]
fn a_refusal_names_the_policies_that_forbid() {
    let named = format!(
        "@id(\"limit\")\n{LIMIT}\nforbid(principal, action, resource) when {{ context.amount > 200 }};"
    );
    let ruling = decide(&rule(&named), &json!({"amount": 300}), 0);
    assert_eq!(ruling, Ruling::Forbidden("limit, policy 2".to_owned()));
    let none = "permit(principal, action, resource) when { context.amount < 1 };";
    let ruling = decide(&rule(none), &json!({"amount": 300}), 0);
    assert_eq!(ruling, Ruling::Forbidden("nothing permits it".to_owned()));
}

#[test]
fn only_what_a_rule_mentions_is_looked_at() {
    let rule = rule(LIMIT);
    assert!(rule.looks_at("amount") && !rule.looks_at("to") && !rule.looks_at(CALLS));
    let has = self::rule("forbid(principal, action, resource) when { context has to };");
    assert!(has.looks_at("to") && !has.looks_at("amount"));
}

#[test]
fn every_mistake_is_shown_at_its_line() {
    let cases = [
        (
            "forbid(principal, action, resource) when { context.amont > 100 };",
            "10:44 rule: ",
        ),
        (
            "forbid(principal, action, resource)\n  when { context.amount > \"x\" };",
            "11:",
        ),
        (
            "forbid(principal == Profile::\"clark\", action, resource);",
            "10:",
        ),
        (
            "forbid(principal, action == Action::\"bank.pay\", resource);",
            "10:",
        ),
        (
            "forbid(principal, action, resource) when { context.about.rate > 1 };",
            "10:",
        ),
        (
            "forbid(principal, action, resource) when { context.to == \"a\" };",
            "10:",
        ),
        ("forbid(principal, action", "10:"),
        ("", "9:"),
        ("permit(principal == ?principal, action, resource);", "9:"),
    ];
    for (text, expected) in cases {
        let said = mistakes(text);
        assert!(
            said.iter()
                .any(|one| one.starts_with(expected) && one.contains(" rule: ")),
            "{text}: {said:?}"
        );
    }
}

#[test]
fn a_rule_that_can_never_match_is_a_mistake() {
    let said = mistakes(
        "forbid(principal, action, resource) when { context.amount > 1 };\nforbid(principal, action, resource) when { context.calls == 1 && false };",
    );
    assert_eq!(said, ["11:1 rule: the rule can never match"]);
}

#[test]
fn a_rule_that_is_too_long_and_an_argument_called_as_the_count_are_refused() {
    let long = format!("{LIMIT}\n//{}", "x".repeat(MAX_RULE_BYTES));
    assert!(
        mistakes(&long)[0].contains("too-large"),
        "{:?}",
        mistakes(&long)
    );
    let text = policy(LIMIT, SCHEMA).replace("lines = []", "calls = []");
    let problems = compiled_of(&text).unwrap_err();
    assert!(
        problems.iter().any(|one| one.message.contains("`calls`")),
        "{problems:?}"
    );
}

/// What the check of a rule takes for granted: a policy that it lets stand is meant for no other
/// values, and one that it finds impossible would match them.
#[test]
fn a_call_whose_arguments_are_not_what_the_schema_says_is_forbidden() {
    const RULE: &str = "forbid(principal, action, resource) when { context.amount == 3 \
        || (context has to && context.to == \"b\") || (context has lines && context.lines.contains(\"z\")) \
        || (context has about && context.about has urgent && context.about.urgent) };";
    const BOUNDS: &str = r#"{"required": ["amount"], "properties": {
        "amount": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10}, "to": {"enum": ["a", "b"]},
        "lines": {"type": "array", "items": {"type": "string", "enum": ["x", "z"]}},
        "about": {"type": "object", "required": ["urgent"], "properties": {"urgent": {"type": "boolean"}}}}}"#;
    let compiled = compiled_of(&policy(RULE, BOUNDS)).unwrap();
    let rule = compiled.call_rules.values().next().unwrap();
    for fits in [
        json!({"amount": 1}),
        json!({"amount": 9, "to": "a"}),
        json!({"amount": 1, "lines": []}),
        json!({"amount": 1, "lines": ["x", "x"]}),
        json!({"amount": 1, "about": {"urgent": false, "other": 1}}),
    ] {
        assert_eq!(decide(rule, &fits, 0), Ruling::Permitted, "{fits}");
    }
    for (other, name) in [
        (json!({}), "amount"),
        (json!({"amount": 0}), "amount"),
        (json!({"amount": 10}), "amount"),
        (json!({"amount": "1"}), "amount"),
        (json!({"amount": 1, "to": "c"}), "to"),
        (json!({"amount": 1, "to": 1}), "to"),
        (json!({"amount": 1, "lines": "x"}), "lines"),
        (json!({"amount": 1, "lines": ["x", "y"]}), "lines"),
        (json!({"amount": 1, "about": []}), "about"),
        (json!({"amount": 1, "about": {}}), "about"),
        (json!({"amount": 1, "about": {"urgent": "no"}}), "about"),
    ] {
        let why = format!("the argument `{name}` is not what its schema says");
        assert_eq!(decide(rule, &other, 0), Ruling::Forbidden(why), "{other}");
    }
    // Of what the rule does not look at, nothing is told.
    assert!(permits(LIMIT, &json!({"amount": 1, "to": "c"}), 0));
}

#[test]
fn without_a_schema_in_the_policy_what_the_tool_says_decides() {
    let text = policy(LIMIT, SCHEMA).replace(&format!("schema = '''{SCHEMA}'''\n"), "");
    let compiled = compiled_of(&text).unwrap();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(compiled.check_told_rules(|_| schema.clone()), []);
    let rule = compiled.call_rules.values().next().unwrap();
    let permits = |amount: Value, told: &Value| {
        let call = Call {
            function: "bank.transfer",
            principal: Principal::Profile("clerk"),
            arguments: &[("amount", &amount)],
            calls: 0,
            told,
        };
        rule.decide(call) == Ruling::Permitted
    };
    assert!(permits(json!(7), &schema));
    let least = json!({"properties": {"amount": {"type": "integer", "minimum": 8}}});
    assert!(!permits(json!(7), &least));
    assert!(permits(json!(8), &least));
    for told in [Value::Null, json!({"properties": {"amount": {}}})] {
        let problems = compiled.check_told_rules(|_| told.clone());
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(
            problems[0].hint.as_deref(),
            Some("the tool says no more of its arguments: write `schema` beside the rule")
        );
    }
}
