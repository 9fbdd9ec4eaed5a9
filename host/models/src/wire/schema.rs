//! How a JSON schema is fitted to what a provider takes.

use serde_json::{Map, Value};

/// How deep a schema is followed; deeper parts are passed on as they are.
const MAX_DEPTH: usize = 64;

/// The formats of texts that Anthropic's structured outputs know.
const FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Keywords that take schemas by name, in a list, or one.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];
const LISTED: [&str; 3] = ["anyOf", "oneOf", "allOf"];
const SINGLE: [&str; 4] = ["items", "additionalProperties", "not", "contains"];

/// Keywords that Anthropic's structured outputs refuse; the caller checks them on the answer.
const REFUSED: [&str; 16] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "contains",
    "not",
    "$schema",
    "default",
];

/// Fits a schema to Anthropic's structured outputs: objects are closed, and what it refuses is
/// told in the description instead. An answer that satisfies the original may be refused by the
/// fitted one only for a property that the original does not name.
pub(crate) fn closed(schema: &Value) -> Value {
    close(schema, 0)
}

/// Says whether a schema has the form that OpenAI's `strict` demands: each object is closed and
/// requires all of its properties.
pub(crate) fn is_strict(schema: &Value) -> bool {
    strict(schema, 0)
}

fn close(schema: &Value, depth: usize) -> Value {
    let Value::Object(fields) = schema else {
        return schema.clone();
    };
    if depth >= MAX_DEPTH {
        return schema.clone();
    }
    let mut out = Map::new();
    let mut told = Vec::new();
    for (key, value) in fields {
        if is_refused(key, value) {
            told.push(format!("{key}: {value}"));
            continue;
        }
        // What may be one of several is not distinguished.
        let key = if key == "oneOf" { "anyOf" } else { key };
        out.insert(
            key.to_owned(),
            descend(key, value, |inner| close(inner, depth + 1)),
        );
    }
    if is_object(fields) {
        out.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    told.retain(|text| !text.starts_with('$'));
    if !told.is_empty() {
        let note = format!("{{{}}}", told.join(", "));
        let description = match fields.get("description").and_then(Value::as_str) {
            Some(text) => format!("{text}\n\n{note}"),
            None => note,
        };
        out.insert("description".to_owned(), Value::String(description));
    }
    Value::Object(out)
}

fn is_refused(key: &str, value: &Value) -> bool {
    match key {
        "format" => !value
            .as_str()
            .is_some_and(|format| FORMATS.contains(&format)),
        "minItems" => value.as_u64().is_none_or(|least| least > 1),
        _ => REFUSED.contains(&key),
    }
}

/// Applies `each` to the schemas under a keyword.
fn descend(key: &str, value: &Value, each: impl Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(named) if NAMED.contains(&key) => Value::Object(
            named
                .iter()
                .map(|(name, inner)| (name.clone(), each(inner)))
                .collect(),
        ),
        Value::Array(list) if LISTED.contains(&key) => list.iter().map(each).collect(),
        Value::Object(_) if SINGLE.contains(&key) => each(value),
        _ => value.clone(),
    }
}

fn strict(schema: &Value, depth: usize) -> bool {
    let Value::Object(fields) = schema else {
        return true;
    };
    if depth >= MAX_DEPTH {
        return false;
    }
    let closed = !is_object(fields) || is_closed(fields);
    closed
        && fields.iter().all(|(key, value)| match value {
            Value::Object(named) if NAMED.contains(&key.as_str()) => {
                named.values().all(|inner| strict(inner, depth + 1))
            }
            Value::Array(list) if LISTED.contains(&key.as_str()) => {
                list.iter().all(|inner| strict(inner, depth + 1))
            }
            Value::Object(_) if SINGLE.contains(&key.as_str()) => strict(value, depth + 1),
            _ => true,
        })
}

fn is_object(fields: &Map<String, Value>) -> bool {
    fields.contains_key("properties") || fields.get("type").is_some_and(|kind| kind == "object")
}

fn is_closed(fields: &Map<String, Value>) -> bool {
    let required = fields.get("required").and_then(Value::as_array);
    let requires = |name: &String| required.is_some_and(|list| list.iter().any(|r| r == name));
    let properties = fields.get("properties").and_then(Value::as_object);
    fields.get("additionalProperties") == Some(&Value::Bool(false))
        && properties.is_none_or(|properties| properties.keys().all(requires))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_closed_at_every_depth() {
        let schema = json!({"type": "object", "properties": {
            "a": {"type": "array", "items": {"type": "object", "properties": {}}},
            "b": {"oneOf": [{"type": "object", "additionalProperties": true}, {"type": "null"}]},
        }});
        assert_eq!(
            closed(&schema),
            json!({"type": "object", "properties": {
            "a": {"type": "array", "items": {"type": "object", "properties": {}, "additionalProperties": false}},
            "b": {"anyOf": [{"type": "object", "additionalProperties": false}, {"type": "null"}]},
        }, "additionalProperties": false})
        );
    }

    #[test]
    fn what_is_refused_is_told_in_the_description() {
        let schema = json!({"type": "integer", "minimum": 1, "description": "how many"});
        let want = json!({"type": "integer", "description": "how many\n\n{minimum: 1}"});
        assert_eq!(closed(&schema), want);
        let schema = json!({"type": "string", "format": "uuid", "pattern": "x"});
        let want = json!({"type": "string", "format": "uuid", "description": "{pattern: \"x\"}"});
        assert_eq!(closed(&schema), want);
    }

    #[test]
    fn a_property_named_like_a_keyword_is_kept() {
        let schema = json!({"type": "object", "properties": {"minimum": {"type": "integer"}}});
        assert!(closed(&schema).pointer("/properties/minimum").is_some());
    }

    #[test]
    fn only_closed_schemas_that_require_all_are_strict() {
        let object = |required: Value, more: Value| {
            json!({"type": "object", "properties": {"a": {"type": "string"}},
                   "required": required, "additionalProperties": more})
        };
        assert!(is_strict(&object(json!(["a"]), json!(false))));
        assert!(!is_strict(&object(json!([]), json!(false))));
        assert!(!is_strict(&object(json!(["a"]), json!(true))));
        assert!(!is_strict(
            &json!({"type": "array", "items": {"type": "object"}})
        ));
        assert!(is_strict(&json!({"type": "string"})));
    }

    #[test]
    fn a_schema_one_past_the_depth_is_passed_on_and_not_strict() {
        let deep =
            |depth: usize| (0..depth).fold(json!({"type": "null"}), |s, _| json!({"items": s}));
        assert!(is_strict(&deep(MAX_DEPTH - 1)));
        assert!(!is_strict(&deep(MAX_DEPTH)));
        assert_eq!(closed(&deep(MAX_DEPTH + 10)), deep(MAX_DEPTH + 10));
    }
}
