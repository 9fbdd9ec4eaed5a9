//! Are closed schemas recognised, open ones refused, and never more answers given than counted?

use std::collections::BTreeSet;

use lazaret_kernel::capacity::Bits;
use lazaret_policy::closed::{ClosedSchema, from_schema, from_text, normalise};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Closed schemas, with the number of their values.
fn closed_schemas() -> Vec<(Value, u128)> {
    vec![
        (json!({ "type": "boolean" }), 2),
        (
            json!({ "type": "null", "title": "nothing", "default": null }),
            1,
        ),
        (json!({ "const": "yes" }), 1),
        (json!({ "enum": ["a", "b", 1, 0.5, null, true] }), 6),
        (json!({ "type": "string", "enum": ["a", "b"] }), 2),
        (json!({ "type": "integer", "minimum": -2, "maximum": 3 }), 6),
        (
            json!({ "type": "integer", "minimum": 0.0, "exclusiveMaximum": 5 }),
            5,
        ),
        (
            json!({ "type": "integer", "exclusiveMinimum": 0, "minimum": -9, "maximum": 9, "exclusiveMaximum": 3 }),
            2,
        ),
        (json!({ "type": "string", "pattern": "^[ab]{0,2}$" }), 7),
        (
            json!({ "type": "string", "pattern": "^[ab]*$", "minLength": 1, "maxLength": 2 }),
            6,
        ),
        (
            json!({ "type": "string", "pattern": "^[ab]{1,9}$", "maxLength": 1 }),
            2,
        ),
        (
            json!({ "type": "array", "items": { "type": "boolean" }, "maxItems": 2 }),
            7,
        ),
        (
            json!({ "type": "array", "items": { "const": 1 }, "minItems": 1, "maxItems": 3 }),
            3,
        ),
        (json!({ "type": ["boolean", "null"] }), 3),
        (
            json!({ "type": ["integer", "string"], "minimum": 0, "maximum": 1, "pattern": "^[ab]$" }),
            4,
        ),
        (
            json!({ "anyOf": [{ "const": 1 }, { "type": "boolean" }] }),
            3,
        ),
        (json!({ "type": "object", "properties": {} }), 1),
        (
            json!({ "type": "object", "properties": { "b": { "type": "boolean" }, "a": { "enum": [1, 2, 3] } }, "required": ["b"], "additionalProperties": false }),
            8,
        ),
        (
            json!({ "type": "object", "properties": { "x": { "type": "object", "properties": { "y": { "type": "null" } } } }, "required": ["x"] }),
            2,
        ),
    ]
}

/// Values of every kind, near and far from what the schemas above ask for.
fn values() -> Vec<Value> {
    let scalars = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(4),
        json!(5),
        json!(6),
        json!(-1),
        json!(-2),
        json!(-3),
        json!(1.0),
        json!(0.5),
        json!(1.5),
        json!(-0.0),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("a"),
        json!("b"),
        json!("c"),
        json!("ab"),
        json!("aa"),
        json!("ba"),
        json!("bb"),
        json!("abc"),
        json!("yes"),
        json!("é"),
        json!([]),
        json!({}),
    ];
    let mut all = scalars.clone();
    for one in &scalars {
        all.push(json!([one]));
        all.push(json!({ "x": { "y": one } }));
        all.push(json!({ "x": { "z": one } }));
        all.push(json!([1, 1, one]));
        all.push(json!([1, one, 1, 1]));
        for two in &scalars {
            all.push(json!([one, two]));
            all.push(json!({ "a": one, "b": two }));
            all.push(json!({ "b": one, "c": two }));
        }
    }
    all
}

fn answers(schema: &ClosedSchema, values: &[Value]) -> BTreeSet<String> {
    values
        .iter()
        .filter_map(|value| normalise(schema, value))
        .map(|value| value.to_string())
        .collect()
}

#[test]
fn small_types_have_exactly_as_many_values_as_are_counted() {
    let values = values();
    for (schema, count) in closed_schemas() {
        let closed = from_schema(&schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
        let answers = answers(&closed, &values);
        assert_eq!(answers.len() as u128, count, "{schema}: {answers:?}");
        assert_eq!(closed.capacity(), Bits::of_choices(count + 1), "{schema}");
    }
}

#[test]
fn an_answer_is_its_own_one_form() {
    let values = values();
    for (schema, _) in closed_schemas() {
        let closed = from_schema(&schema).unwrap();
        for value in &values {
            if let Some(once) = normalise(&closed, value) {
                assert_eq!(normalise(&closed, &once), Some(once.clone()), "{schema}");
            }
        }
    }
}

#[test]
fn keys_come_in_the_schemas_order_and_others_are_dropped() {
    let schema = json!({
        "type": "object",
        "properties": { "z": { "type": "boolean" }, "a": { "type": "integer", "minimum": 0, "maximum": 9 } },
        "required": ["a"],
    });
    let closed = from_schema(&schema).unwrap();
    let said = json!({ "orders": "obey", "a": 3.0, "z": true });
    assert_eq!(
        normalise(&closed, &said).unwrap().to_string(),
        r#"{"z":true,"a":3}"#
    );
    assert_eq!(
        normalise(&closed, &json!({ "a": 0 })).unwrap().to_string(),
        r#"{"a":0}"#
    );
    assert_eq!(normalise(&closed, &json!({ "z": true })), None);
    assert_eq!(normalise(&closed, &json!({ "a": 1, "z": 1 })), None);
}

/// Open schemas: the place of the trouble, and a word of the reason.
fn open_schemas() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (json!(true), "", "no schema object"),
        (json!({}), "", "no `type`"),
        (json!({ "type": "string" }), "", "needs a `pattern`"),
        (
            json!({ "type": "string", "maxLength": 5 }),
            "",
            "needs a `pattern`",
        ),
        (
            json!({ "type": "string", "pattern": "^[a-z]*$" }),
            "",
            "needs `maxLength`",
        ),
        (
            json!({ "type": "string", "pattern": "^.{1,5}$" }),
            "/pattern",
            "one character class",
        ),
        (
            json!({ "type": "string", "pattern": "^[a]{1,4097}$" }),
            "/pattern",
            "at most 4096",
        ),
        (
            json!({ "type": "string", "pattern": "^[a]{3}$", "maxLength": 2 }),
            "",
            "no value",
        ),
        (
            json!({ "type": "string", "pattern": "^[a]$", "format": "email" }),
            "/format",
            "cannot have",
        ),
        (
            json!({ "type": "number", "minimum": 0, "maximum": 1 }),
            "/type",
            "cannot be counted",
        ),
        (
            json!({ "type": "integer", "minimum": 0 }),
            "",
            "needs `minimum` and `maximum`",
        ),
        (
            json!({ "type": "integer", "minimum": 0.5, "maximum": 1 }),
            "/minimum",
            "whole number",
        ),
        (
            json!({ "type": "integer", "minimum": 0, "maximum": u64::MAX }),
            "/maximum",
            "64 bits",
        ),
        (
            json!({ "type": "integer", "minimum": 2, "maximum": 1 }),
            "",
            "no value",
        ),
        (
            json!({ "type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 2 }),
            "/multipleOf",
            "cannot have",
        ),
        (
            json!({ "type": "array", "items": { "type": "boolean" } }),
            "",
            "needs `maxItems`",
        ),
        (
            json!({ "type": "array", "maxItems": 3 }),
            "",
            "needs `items`",
        ),
        (
            json!({ "type": "array", "items": { "type": "boolean" }, "maxItems": 1025 }),
            "/maxItems",
            "between 0 and 1024",
        ),
        (
            json!({ "type": "array", "items": { "type": "boolean" }, "maxItems": 1, "minItems": 2 }),
            "",
            "no value",
        ),
        (
            json!({ "type": "array", "items": { "type": "string" }, "maxItems": 3 }),
            "/items",
            "needs a `pattern`",
        ),
        (
            json!({ "type": "array", "items": { "type": "null" }, "maxItems": 3, "uniqueItems": true }),
            "/uniqueItems",
            "cannot have",
        ),
        (json!({ "type": "object" }), "", "needs `properties`"),
        (
            json!({ "type": "object", "properties": { "a/b~": { "type": "string" } } }),
            "/properties/a~1b~0",
            "needs a `pattern`",
        ),
        (
            json!({ "type": "object", "properties": {}, "required": ["a"] }),
            "/required",
            "not declared",
        ),
        (
            json!({ "type": "object", "properties": {}, "required": "a" }),
            "/required",
            "no list",
        ),
        (
            json!({ "type": "object", "properties": {}, "additionalProperties": { "type": "null" } }),
            "/additionalProperties",
            "dropped",
        ),
        (
            json!({ "type": "object", "properties": {}, "patternProperties": {} }),
            "/patternProperties",
            "cannot have",
        ),
        (json!({ "properties": {} }), "", "no `type`"),
        (json!({ "enum": [] }), "/enum", "1 to 256"),
        (json!({ "enum": [1, [2]] }), "/enum", "scalars"),
        (json!({ "enum": [1, 1.0] }), "/enum", "twice"),
        (
            json!({ "type": "string", "enum": ["a", 1] }),
            "/enum",
            "not of the type",
        ),
        (
            json!({ "enum": ["a"], "pattern": "x" }),
            "/pattern",
            "cannot have",
        ),
        (json!({ "const": {} }), "/const", "scalars"),
        (json!({ "anyOf": [] }), "/anyOf", "1 to 256"),
        (
            json!({ "anyOf": [{ "type": "null" }, { "type": "string" }] }),
            "/anyOf/1",
            "needs a `pattern`",
        ),
        (
            json!({ "anyOf": [{ "type": "null" }], "type": "null" }),
            "/type",
            "cannot have",
        ),
        (json!({ "oneOf": [{ "type": "null" }] }), "", "no `type`"),
        (json!({ "$ref": "#" }), "", "no `type`"),
        (json!({ "type": [] }), "/type", "names no type"),
        (json!({ "type": ["null", "null"] }), "/type", "twice"),
        (json!({ "type": "any" }), "/type", "no type `any`"),
        (json!({ "type": 3 }), "/type", "a string"),
    ]
}

#[test]
fn an_open_schema_is_refused_with_the_place_and_the_reason() {
    for (schema, pointer, reason) in open_schemas() {
        let error = from_schema(&schema).expect_err(&schema.to_string());
        assert_eq!(error.pointer(), pointer, "{schema}: {error}");
        assert!(error.reason().contains(reason), "{schema}: {error}");
        assert_eq!(error.code(), "not-closed");
    }
    assert_eq!(from_text("{").unwrap_err().pointer(), "");
    assert!(from_text(&" ".repeat(70_000)).is_err());
    assert!(from_text("{\"type\":\"null\"}").is_ok());
}

#[test]
fn one_past_each_maximum_is_refused() {
    let null = "{\"type\":\"null\"}";
    let long = |bytes: usize| null.to_owned() + &" ".repeat(bytes - null.len());
    assert!(from_text(&long(65_536)).is_ok());
    assert!(from_text(&long(65_537)).is_err());
    let wide = |count: usize| json!({ "enum": (0..count).collect::<Vec<_>>() });
    assert!(from_schema(&wide(256)).is_ok());
    assert!(from_schema(&wide(257)).is_err());
    let union = |count: usize| json!({ "anyOf": vec![json!({ "type": "null" }); count] });
    assert!(from_schema(&union(256)).is_ok());
    assert!(from_schema(&union(257)).is_err());
    let record = |count: usize| {
        let properties = (0..count).map(|n| (n.to_string(), json!({ "type": "null" })));
        let properties: serde_json::Map<String, Value> = properties.collect();
        json!({ "type": "object", "properties": properties })
    };
    assert!(from_schema(&record(256)).is_ok());
    assert!(from_schema(&record(257)).is_err());
    for long in ["^[a]{1,4096}$", "^[a]{4096}$", "^[a]*$"] {
        let text = |most: u32| json!({ "type": "string", "pattern": long, "maxLength": most });
        assert!(from_schema(&text(4_096)).is_ok(), "{long}");
        assert!(from_schema(&text(4_097)).is_err(), "{long}");
    }
    let many = |count: usize| {
        let one =
            json!({ "anyOf": (0..count).map(|_| json!({ "type": "null" })).collect::<Vec<_>>() });
        json!({ "type": "array", "maxItems": 1, "items": { "anyOf": [one.clone(), one] } })
    };
    assert!(from_schema(&many(254)).is_ok());
    assert!(from_schema(&many(255)).is_err());
}

#[test]
fn a_type_is_eight_levels_deep_and_no_deeper_whatever_it_is_made_of() {
    let list = |inner: Value| json!({ "type": "array", "maxItems": 1, "items": inner });
    let union = |inner: Value| json!({ "anyOf": [inner] });
    let record = |inner: Value| json!({ "type": "object", "properties": { "a": inner } });
    // One of two types is a level of its own.
    let choice = |inner: Value| json!({ "type": ["array", "null"], "maxItems": 1, "items": inner });
    let ways: [(&dyn Fn(Value) -> Value, usize); 4] =
        [(&list, 8), (&union, 8), (&record, 8), (&choice, 4)];
    for (way, most) in ways {
        let deep = |times: usize| (0..times).fold(json!({ "type": "null" }), |inner, _| way(inner));
        let deepest = from_schema(&deep(most)).unwrap_or_else(|error| panic!("{error}"));
        assert!(deepest.capacity() < Bits::UNBOUNDED);
        let deeper = deep(most + 1);
        let error = from_schema(&deeper).expect_err(&deeper.to_string());
        assert!(error.reason().contains("8 levels"), "{error}");
    }
}

#[test]
fn a_choice_may_say_of_which_types_its_values_are() {
    for (value, of, not) in [
        (json!(null), "null", "string"),
        (json!(true), "boolean", "null"),
        (json!("a"), "string", "boolean"),
        (json!(1), "integer", "string"),
        (json!(1.0), "integer", "null"),
        (json!(0.5), "number", "integer"),
        (json!(1), "number", "array"),
    ] {
        let choice = |types: Value| json!({ "type": types, "enum": [value] });
        assert!(from_schema(&choice(json!(of))).is_ok(), "{value} {of}");
        assert!(from_schema(&choice(json!([not, of]))).is_ok(), "{value}");
        let error = from_schema(&choice(json!(not))).unwrap_err();
        assert!(error.reason().contains("not of the type"), "{error}");
    }
}

#[test]
fn a_pattern_is_counted_by_its_characters_and_lengths() {
    for (pattern, texts) in [
        ("^[ab]$", 2),
        ("^[a-z0-9-]$", 37),
        ("^[-a]$", 2),
        ("^[a-fc-z]$", 26),
        ("^[a-bd-e]$", 4),
        ("^[abab]{2}$", 4),
        ("^[ab]?$", 3),
        ("^[ab]+$", 6),
        ("^[ab]{2,}$", 4),
        ("^\\d$", 10),
        ("^\\w$", 63),
        ("^[\\w.\\-\\]]$", 66),
        ("^[\\n\\t]$", 2),
        ("^[а-я]$", 32),
        // Surrogates are no characters.
        ("^[\u{d7ff}-\u{e000}]$", 2),
        ("^[\u{d7fe}-\u{d7ff}]$", 2),
        ("^[\u{e000}-\u{e001}]$", 2),
    ] {
        let schema = json!({ "type": "string", "pattern": pattern, "maxLength": 2 });
        let closed = from_schema(&schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
        assert_eq!(closed.capacity(), Bits::of_choices(texts + 1), "{pattern}");
    }
    for pattern in [
        "^[z-a]$",
        "^[^a]$",
        "^a$",
        "^[]$",
        "^\\q$",
        "^[\\d-z]$",
        "^[a]{,2}$",
        "[a]",
    ] {
        let schema = json!({ "type": "string", "pattern": pattern, "maxLength": 2 });
        assert_eq!(
            from_schema(&schema).unwrap_err().pointer(),
            "/pattern",
            "{pattern}"
        );
    }
}

#[test]
fn a_decimal_number_is_whole_as_far_as_decimals_are_exact() {
    let all = json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX });
    let closed = from_schema(&all).unwrap();
    for (written, expected) in [
        (json!(3.0), Some(3)),
        (json!(9_007_199_254_740_992.0), Some(9_007_199_254_740_992)),
        (
            json!(-9_007_199_254_740_992.0),
            Some(-9_007_199_254_740_992),
        ),
        (json!(9_007_199_254_740_994.0), None),
        (json!(-9_007_199_254_740_994.0), None),
        (json!(0.5), None),
        (json!(i64::MAX), Some(i64::MAX)),
        (json!(u64::MAX), None),
    ] {
        assert_eq!(
            normalise(&closed, &written),
            expected.map(Value::from),
            "{written}"
        );
    }
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({ "type": "null" })),
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": ["boolean", "null"] })),
        (-3i64..3, 0i64..4).prop_map(|(low, more)| json!({ "type": "integer", "minimum": low, "maximum": low + more })),
        prop::sample::subsequence(vec![json!("a"), json!(1), json!(0.5), json!(null), json!(true)], 1..4)
            .prop_map(|values| json!({ "enum": values })),
        (0u32..2, 0u32..3).prop_map(|(low, more)| json!({ "type": "string", "pattern": format!("^[ab]{{{low},{}}}$", low + more) })),
    ];
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            (inner.clone(), 0u32..2, 0u32..2).prop_map(|(item, low, more)| {
                json!({ "type": "array", "items": item, "minItems": low, "maxItems": low + more })
            }),
            prop::collection::vec((inner.clone(), any::<bool>()), 0..3).prop_map(|fields| {
                let names = ["x", "a", "m"];
                let required: Vec<&str> = names
                    .iter()
                    .zip(&fields)
                    .filter(|(_, (_, needed))| *needed)
                    .map(|(name, _)| *name)
                    .collect();
                let properties: serde_json::Map<String, Value> = names
                    .iter()
                    .zip(&fields)
                    .map(|(name, (schema, _))| ((*name).to_owned(), schema.clone()))
                    .collect();
                json!({ "type": "object", "properties": properties, "required": required })
            }),
            prop::collection::vec(inner, 1..3).prop_map(|types| json!({ "anyOf": types })),
        ]
    })
}

/// Values that may be of the type, made from the schema itself, at most so many.
fn candidates(schema: &Value) -> Vec<Value> {
    const MOST: usize = 300;
    let mut all = vec![
        json!(null),
        json!("a"),
        json!(1),
        json!(1.0),
        json!(false),
        json!({}),
        json!([]),
    ];
    if let Some(values) = schema["enum"].as_array() {
        all.extend(values.clone());
    }
    if let Some(types) = schema["anyOf"].as_array() {
        all.extend(types.iter().flat_map(candidates));
    }
    match schema["type"].as_str() {
        Some("boolean") => all.push(json!(true)),
        Some("integer") => all.extend((-4..8).map(Value::from)),
        Some("string") => {
            for one in ["", "a", "b"] {
                for two in ["", "a", "b"] {
                    all.extend(["", "a", "b"].map(|three| json!(format!("{one}{two}{three}"))));
                }
            }
        }
        Some("array") => {
            let items = candidates(&schema["items"]);
            all.extend(items.iter().map(|item| json!([item])));
            for one in items.iter().take(17) {
                all.extend(items.iter().take(17).map(|two| json!([one, two])));
            }
        }
        Some("object") => {
            let mut objects = vec![serde_json::Map::new()];
            for (name, inner) in schema["properties"].as_object().unwrap() {
                let more: Vec<_> = objects
                    .iter()
                    .take(MOST / 10)
                    .flat_map(|object| {
                        candidates(inner).into_iter().map(|value| {
                            let mut object = object.clone();
                            object.insert(name.clone(), value);
                            object
                        })
                    })
                    .collect();
                objects.extend(more.into_iter().take(MOST));
            }
            all.extend(objects.into_iter().map(Value::Object));
        }
        _ => {}
    }
    all
}

proptest! {
    #[test]
    fn there_are_never_more_answers_than_the_capacity_counts(schema in schema()) {
        let closed = from_schema(&schema).unwrap();
        let found = answers(&closed, &candidates(&schema)).len() as u128;
        prop_assert!(Bits::of_choices(found + 1) <= closed.capacity(), "{schema}: {found}");
    }

    #[test]
    fn no_schema_makes_the_reader_panic(text in "[\\[\\]{}:,\"a-z^$0-9\\\\ ]{0,60}") {
        let _closed = from_text(&text);
        let _closed = from_schema(&json!({ "type": "string", "pattern": text, "maxLength": 9 }));
    }
}
