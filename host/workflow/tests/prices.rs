//! Does the second count price a type as the gates do, and as many answers as there are?
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says with which case"
)]

use std::collections::BTreeSet;

use lazaret_kernel::capacity::Bits;
use lazaret_policy::closed::from_schema;
use lazaret_workflow::event::{Basis, Event};
use lazaret_workflow::recount::{Types, recount};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Whether so many thousandths are what a gate of the type costs.
fn is_price(schema: &Value, bits: u64) -> bool {
    let types = Types::from([("type".to_owned(), schema.to_string())]);
    let event = Event::Gated {
        step: 0,
        channel: "verdict".to_owned(),
        payers: vec!["run".to_owned()],
        bits,
        reserved: false,
        subject: String::new(),
        question: "type".to_owned(),
        phase: String::new(),
        basis: Some(Basis::Type),
    };
    recount([&event], &types).is_ok()
}

/// Past so many bits the gates do not count one by one, but round up.
const COUNTABLE: u64 = 128_000;

fn agrees(schema: &Value) {
    let Ok(closed) = from_schema(schema) else {
        return;
    };
    let bits = closed.capacity().thousandths();
    assert!(is_price(schema, bits), "{bits} of {schema}");
    assert!(
        !is_price(schema, bits + 2 + bits / 10) || bits > COUNTABLE,
        "{bits} of {schema}"
    );
    assert!(
        !is_price(schema, 3 * bits + 1_000_000),
        "{bits} of {schema}"
    );
    let less = if bits > COUNTABLE { bits / 4 } else { bits - 1 };
    assert!(!is_price(schema, less), "{less} for {bits} of {schema}");
}

fn scalars() -> impl Strategy<Value = Value> {
    let bound = prop_oneof![-3i64..3, any::<i64>()];
    let class = prop::sample::select(vec![
        "[ab]",
        "[a]",
        "[a-c-]",
        "[-x]",
        "\\d",
        "[\\w.\\-\\]]",
        "[c-fa-da-b]",
        "[\u{d7ff}-\u{e000}]",
        "[\u{0}-\u{10ffff}]",
        "[x\u{10ffff}]",
    ]);
    let often = prop::sample::select(vec!["", "?", "*", "+", "{2}", "{1,}", "{0,3}", "{2,90}"]);
    let length = || prop::option::of(0..12u32);
    prop_oneof![
        Just(json!({ "type": "null" })),
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": ["boolean", "null"] })),
        Just(json!({ "const": "yes" })),
        (1..7usize).prop_map(|count| json!({ "enum": (0..count).collect::<Vec<_>>() })),
        (bound.clone(), bound, any::<bool>()).prop_map(|(one, two, open)| {
            let (key, other) = if open {
                ("exclusiveMinimum", "maximum")
            } else {
                ("minimum", "exclusiveMaximum")
            };
            json!({ "type": "integer", key: one.min(two), other: one.max(two) })
        }),
        Just(json!({ "type": "integer", "minimum": -1.0, "maximum": 7.0 })),
        (class, often, length(), length()).prop_map(|(class, often, least, most)| {
            let mut schema = json!({ "type": "string", "pattern": format!("^{class}{often}$") });
            if let Some(least) = least {
                schema["minLength"] = json!(least);
            }
            if let Some(most) = most {
                schema["maxLength"] = json!(most);
            }
            schema
        }),
    ]
}

fn schemas() -> impl Strategy<Value = Value> {
    scalars().prop_recursive(4, 24, 4, |inner| {
        let field = (inner.clone(), any::<bool>());
        prop_oneof![
            (inner.clone(), 0..4u32, 1..40u32).prop_map(|(items, least, more)| {
                json!({ "type": "array", "items": items, "minItems": least, "maxItems": least + more })
            }),
            prop::collection::vec(inner, 1..4).prop_map(|types| json!({ "anyOf": types })),
            prop::collection::vec(field, 0..4).prop_map(|fields| {
                let names = ["d", "a", "c", "b"];
                let mut properties = Map::new();
                let mut required = Vec::new();
                for ((schema, needed), name) in fields.into_iter().zip(names) {
                    properties.insert(name.to_owned(), schema);
                    required.extend(needed.then_some(name));
                }
                json!({ "type": "object", "properties": properties, "required": required })
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_type_has_one_price(schema in schemas()) {
        agrees(&schema);
    }
}

#[test]
fn types_at_the_edges_have_one_price() {
    let wide = json!({ "type": "string", "pattern": "^[\u{0}-\u{10ffff}]*$", "maxLength": 4096 });
    let full = json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX });
    let list =
        |items: &Value, most: u32| json!({ "type": "array", "items": items, "maxItems": most });
    let pair = json!({ "type": "array", "items": full, "minItems": 2, "maxItems": 2 });
    for schema in [
        wide.clone(),
        list(&wide, 1024),
        list(&list(&wide, 3), 1024),
        full.clone(),
        // 128 bits and `invalid`: one more than can be counted.
        pair.clone(),
        json!({ "anyOf": [pair, pair] }),
        json!({ "anyOf": [wide, full, { "type": "null" }] }),
        json!({ "type": "object", "properties": { "a": wide, "b": full, "c": pair } }),
        json!({ "type": "object", "properties": {} }),
    ] {
        agrees(&schema);
    }
    // Lists of the empty list alone, which the gates do not count one by one.
    let rounded = list(&list(&wide, 0), 5);
    let bits = from_schema(&rounded).unwrap().capacity().thousandths();
    assert!(is_price(&rounded, bits), "{bits}");
    assert!(!is_price(&rounded, bits + 1_000) && !is_price(&rounded, 2_806));
}

/// All values of a small type, each written out.
fn enumerate(schema: &Value) -> BTreeSet<String> {
    if let Some(values) = schema.get("enum") {
        return values
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect();
    }
    if let Some(types) = schema.get("anyOf") {
        return types
            .as_array()
            .unwrap()
            .iter()
            .flat_map(enumerate)
            .collect();
    }
    let number = |key: &str| schema[key].as_i64().unwrap();
    match schema["type"].as_str().unwrap() {
        "boolean" => ["true", "false"].map(str::to_owned).into(),
        "integer" => (number("minimum")..=number("maximum"))
            .map(|one| one.to_string())
            .collect(),
        "array" => {
            let items = enumerate(&schema["items"]);
            let mut of_a_length = BTreeSet::from([String::new()]);
            let mut all = BTreeSet::new();
            for length in 0..=number("maxItems") {
                if length >= number("minItems") {
                    all.extend(of_a_length.iter().cloned());
                }
                let longer = of_a_length
                    .iter()
                    .flat_map(|list| items.iter().map(move |item| format!("{list}[{item}]")));
                of_a_length = longer.collect();
            }
            all
        }
        _object => {
            let mut all = BTreeSet::from([String::new()]);
            let required = schema["required"].as_array().unwrap();
            for (name, field) in schema["properties"].as_object().unwrap() {
                let mut values: BTreeSet<String> = enumerate(field)
                    .iter()
                    .map(|value| format!("{{{name}:{value}}}"))
                    .collect();
                values.extend((!required.contains(&json!(name))).then(String::new));
                all = all
                    .iter()
                    .flat_map(|record| values.iter().map(move |value| format!("{record}{value}")))
                    .collect();
            }
            all
        }
    }
}

#[test]
fn the_price_is_that_of_the_values_written_out_and_invalid() {
    let kind = json!({ "enum": ["bug", "question", "noise"] });
    let weight = json!({ "type": "integer", "minimum": -2, "maximum": 4 });
    let list = json!({ "type": "array", "items": kind, "minItems": 1, "maxItems": 4 });
    let record = json!({
        "type": "object",
        "properties": { "kind": kind, "weight": weight, "sure": { "type": "boolean" } },
        "required": ["kind"],
    });
    let records = json!({ "type": "array", "items": record, "minItems": 0, "maxItems": 2 });
    let either = json!({ "anyOf": [list, record, weight] });
    for (schema, values) in [
        (kind, 3),
        (weight, 7),
        (list, 120),
        (record, 72),
        (records, 5_257),
        (either, 199),
    ] {
        let written = enumerate(&schema);
        assert_eq!(written.len(), values, "{schema}");
        let bits = Bits::of_choices(written.len() as u128 + 1).thousandths();
        assert!(is_price(&schema, bits), "{schema}");
        assert!(!is_price(&schema, bits - 1), "{schema}");
        assert!(!is_price(&schema, bits + 2), "{schema}");
    }
}
