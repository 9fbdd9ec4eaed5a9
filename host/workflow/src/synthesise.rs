//! Answers made up from JSON Schemas, for a run that only shows what a workflow would ask for.
//!
//! An answer satisfies its schema as far as scripts' schemas go. Where several values would
//! do, `turn` chooses, so that a loop that waits for another verdict sees one.

use serde_json::{Map, Value, json};

/// How many items a list gets where its schema leaves it open.
pub const ITEMS: usize = 3;

/// The deepest value that is made up; below it stands `null`.
const MAX_DEPTH: usize = 32;

/// The most items of a list that is made up, whatever its schema asks.
const MAX_ITEMS: usize = 1_000;

/// Returns an answer for a schema, or a text where there is none.
pub fn answer(schema: Option<&Value>, name: &str, turn: u64) -> Value {
    match schema.filter(|schema| !schema.is_null()) {
        None => Value::String(format!("(made up: the answer of {name})")),
        Some(schema) => value(schema, name, turn, 0),
    }
}

/// Returns the places of a schema whose lists have no fixed length: how many items an agent
/// gives there decides what a script asks next.
pub fn open_lists(schema: &Value) -> Vec<String> {
    let mut places = Vec::new();
    collect(schema, "", 0, &mut places);
    places
}

fn collect(schema: &Value, at: &str, depth: usize, places: &mut Vec<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    if let Some(items) = schema.get("items") {
        let bound = |word| schema.get(word).and_then(Value::as_u64);
        if bound("minItems").is_none() || bound("minItems") != bound("maxItems") {
            places.push(if at.is_empty() {
                "/".to_owned()
            } else {
                at.to_owned()
            });
        }
        collect(items, &format!("{at}/*"), depth + 1, places);
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        collect(property, &format!("{at}/{name}"), depth + 1, places);
    }
}

fn value(schema: &Value, name: &str, turn: u64, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(fixed) = schema.get("const").or_else(|| schema.get("default")) {
        return fixed.clone();
    }
    if let Some(one) = schema
        .get("enum")
        .and_then(Value::as_array)
        .and_then(|all| pick(all, turn))
    {
        return one.clone();
    }
    match type_of(schema, turn) {
        "object" => object(schema, name, turn, depth),
        "array" => array(schema, name, turn, depth),
        "boolean" => Value::Bool(turn.is_multiple_of(2)),
        "integer" => number(schema, turn, true),
        "number" => number(schema, turn, false),
        "null" => Value::Null,
        _ => text(schema, name),
    }
}

/// The type, or what the other words of the schema are for.
fn type_of(schema: &Value, turn: u64) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => pick(names, turn)
            .and_then(Value::as_str)
            .unwrap_or("string"),
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ if schema.get("minimum").is_some() || schema.get("maximum").is_some() => "number",
        _ => "string",
    }
}

fn pick(all: &[Value], turn: u64) -> Option<&Value> {
    let count = u64::try_from(all.len()).ok().filter(|count| *count > 0)?;
    all.get(usize::try_from(turn % count).unwrap_or(0))
}

/// All properties: a script may look at one that is not required.
fn object(schema: &Value, name: &str, turn: u64, depth: usize) -> Value {
    let mut made = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, property) in properties.into_iter().flatten() {
        made.insert(
            key.clone(),
            value(property, &format!("{name}.{key}"), turn, depth + 1),
        );
    }
    let required = schema.get("required").and_then(Value::as_array);
    for key in required.into_iter().flatten().filter_map(Value::as_str) {
        made.entry(key.to_owned())
            .or_insert_with(|| json!(format!("(made up: {key})")));
    }
    Value::Object(made)
}

fn array(schema: &Value, name: &str, turn: u64, depth: usize) -> Value {
    let bound = |word, otherwise| {
        let bound = schema.get(word).and_then(Value::as_u64);
        bound.map_or(otherwise, |bound| {
            usize::try_from(bound).unwrap_or(MAX_ITEMS)
        })
    };
    let least = bound("minItems", 0);
    let count = ITEMS
        .max(least)
        .min(bound("maxItems", MAX_ITEMS))
        .min(MAX_ITEMS);
    let anything = json!({});
    let items = schema.get("items").unwrap_or(&anything);
    (0..count)
        .map(|index| {
            let own = turn.wrapping_add(u64::try_from(index).unwrap_or(0));
            value(items, &format!("{name}.{index}"), own, depth + 1)
        })
        .collect()
}

fn number(schema: &Value, turn: u64, is_whole: bool) -> Value {
    let bound = |word: &str| schema.get(word).and_then(Value::as_f64);
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|over| over + 1.0));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|under| under - 1.0));
    let made = match (least, most) {
        (Some(least), Some(most)) if turn % 2 == 1 => f64::midpoint(least, most),
        (Some(least), _) => least,
        (None, Some(most)) => most.min(1.0),
        (None, None) => 1.0,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float that is too large becomes the largest integer, which is a number too"
    )]
    if is_whole {
        return json!(made.ceil() as i64);
    }
    json!(made)
}

fn text(schema: &Value, name: &str) -> Value {
    let bound = |word: &str| {
        let bound = schema.get(word).and_then(Value::as_u64);
        bound.and_then(|bound| usize::try_from(bound).ok())
    };
    let mut text = format!("(made up: {name})");
    while text.len() < bound("minLength").unwrap_or(0).min(10_000) {
        text.push('.');
    }
    if let Some(most) = bound("maxLength") {
        text = text.chars().take(most).collect();
    }
    Value::String(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_schema_an_answer_is_text() {
        assert_eq!(
            answer(None, "scan", 0),
            json!("(made up: the answer of scan)")
        );
        assert!(answer(Some(&Value::Null), "scan", 0).is_string());
    }

    #[test]
    fn answers_are_of_the_shape_that_the_schema_asks() {
        let schema = json!({
            "type": "object",
            "properties": {
                "verdict": {"enum": ["again", "done"]},
                "count": {"type": "integer", "minimum": 2, "maximum": 5},
                "ratio": {"type": "number", "minimum": 0.5},
                "files": {"type": "array", "items": {"type": "string", "maxLength": 4}, "minItems": 4},
                "two": {"type": "array", "items": {"type": "boolean"}, "maxItems": 2},
                "note": {"type": ["string", "null"]},
            },
            "required": ["verdict", "other"],
        });
        let made = answer(Some(&schema), "a", 0);
        assert_eq!(made["verdict"], "again");
        assert_eq!(made["count"], 2);
        assert_eq!(made["ratio"], 0.5);
        assert_eq!(made["files"].as_array().unwrap().len(), 4);
        assert_eq!(made["files"][0].as_str().unwrap().len(), 4);
        assert_eq!(made["two"], json!([true, false]));
        assert!(made["other"].is_string());
        assert_eq!(answer(Some(&schema), "a", 1)["verdict"], "done");
    }

    #[test]
    fn schemas_that_ask_for_too_much_end() {
        let many = json!({"type": "array", "minItems": 1_000_000_000, "items": {"type": "null"}});
        assert_eq!(
            answer(Some(&many), "a", 0).as_array().unwrap().len(),
            MAX_ITEMS
        );
        let mut deep = json!({"type": "string"});
        for _ in 0..100 {
            deep = json!({"type": "object", "properties": {"x": deep}});
        }
        assert!(answer(Some(&deep), "a", 0).is_object());
    }

    #[test]
    fn lists_whose_length_is_open_are_named() {
        let schema = json!({"properties": {
            "open": {"type": "array", "items": {"properties": {"inner": {"items": {}}}}},
            "fixed": {"type": "array", "items": {}, "minItems": 2, "maxItems": 2},
        }});
        assert_eq!(open_lists(&schema), ["/open", "/open/*/inner"]);
    }
}
