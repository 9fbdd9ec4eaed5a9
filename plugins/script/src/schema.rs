//! Finds the contradiction in a JSON Schema that no answer could satisfy, before an agent is
//! paid to try.
//!
//! It looks at the words that scripts use; whatever it does not know it lets pass. The agent's
//! answers are validated elsewhere.

use serde_json::{Map, Value};

/// Returns what makes a schema for `agent` unsatisfiable or unusable, naming the place.
pub fn contradiction(schema: &Value) -> Option<String> {
    let Value::Object(root) = schema else {
        return Some("a schema is an object".to_owned());
    };
    let object = match root.get("type") {
        None => true,
        Some(Value::String(name)) => name == "object",
        Some(_) => false,
    };
    if !object {
        return Some(
            "the root of a schema has type `object`; put the value into a field".to_owned(),
        );
    }
    inside(schema).map(|Fault { path, message }| {
        if path.is_empty() {
            message
        } else {
            format!("at `{path}`: {message}")
        }
    })
}

struct Fault {
    path: String,
    message: String,
}

type Checked = Option<Fault>;

#[expect(clippy::unnecessary_wraps, reason = "every caller answers with it")]
fn fault(message: impl Into<String>) -> Checked {
    Some(Fault {
        path: String::new(),
        message: message.into(),
    })
}

fn inside(schema: &Value) -> Checked {
    match schema {
        Value::Bool(_) => None,
        Value::Object(schema) => types(schema)
            .or_else(|| values(schema))
            .or_else(|| ranges(schema))
            .or_else(|| required(schema))
            .or_else(|| children(schema)),
        _ => fault("a schema is an object"),
    }
}

const TYPES: [&str; 7] = [
    "object", "array", "string", "number", "integer", "boolean", "null",
];

/// Returns the names in `type`, or nothing where any type is allowed.
pub fn type_names(schema: &Map<String, Value>) -> Option<Vec<&str>> {
    match schema.get("type")? {
        Value::String(name) => Some(vec![name]),
        Value::Array(names) => Some(names.iter().filter_map(Value::as_str).collect()),
        _ => Some(Vec::new()),
    }
}

/// Tells whether a value is of a type's name.
pub fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn types(schema: &Map<String, Value>) -> Checked {
    let names = type_names(schema)?;
    if names.is_empty() {
        return fault("`type` names no type");
    }
    let unknown = names.iter().find(|name| !TYPES.contains(name))?;
    fault(format!("`{unknown}` is no type"))
}

fn values(schema: &Map<String, Value>) -> Checked {
    let names = type_names(schema);
    let fits = |value: &Value| {
        names
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| is_of_type(value, name)))
    };
    match schema.get("enum") {
        None => {}
        Some(Value::Array(values)) if values.is_empty() => return fault("`enum` is empty"),
        Some(Value::Array(values)) if !values.iter().any(fits) => {
            return fault("no value of `enum` is of the `type`");
        }
        Some(Value::Array(_)) => {}
        Some(_) => return fault("`enum` is a list"),
    }
    match schema.get("const") {
        Some(value) if !fits(value) => fault("`const` is not of the `type`"),
        _ => None,
    }
}

fn ranges(schema: &Map<String, Value>) -> Checked {
    for (low, high) in [
        ("minimum", "maximum"),
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
    ] {
        if let (Some(least), Some(most)) = (bound(schema, low), bound(schema, high))
            && least > most
        {
            return fault(format!("`{low}` {least} is over `{high}` {most}"));
        }
        if low != "minimum" && bound(schema, high).is_some_and(|most| most < 0.0) {
            return fault(format!("`{high}` is negative"));
        }
    }
    open_ranges(schema)
}

/// An exclusive bound leaves nothing where the other bound meets it.
fn open_ranges(schema: &Map<String, Value>) -> Checked {
    let pairs = [
        ("exclusiveMinimum", "maximum"),
        ("minimum", "exclusiveMaximum"),
        ("exclusiveMinimum", "exclusiveMaximum"),
    ];
    let (low, high) =
        pairs.into_iter().find(
            |(low, high)| match (bound(schema, low), bound(schema, high)) {
                (Some(least), Some(most)) => least >= most,
                _ => false,
            },
        )?;
    fault(format!("`{low}` leaves nothing below `{high}`"))
}

fn bound(schema: &Map<String, Value>, name: &str) -> Option<f64> {
    schema.get(name)?.as_f64()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a schema lists far fewer than 2^53 names"
)]
fn required(schema: &Map<String, Value>) -> Checked {
    let names = match schema.get("required") {
        None => return None,
        Some(Value::Array(names)) => names,
        Some(_) => return fault("`required` is a list of names"),
    };
    if bound(schema, "maxProperties").is_some_and(|most| names.len() as f64 > most) {
        return fault("`required` names more fields than `maxProperties` allows");
    }
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false))
        && !schema.contains_key("patternProperties");
    let properties = schema.get("properties");
    for name in names.iter().filter_map(Value::as_str) {
        match properties.and_then(|properties| properties.get(name)) {
            None if closed => {
                return fault(format!(
                    "`{name}` is required, but not among the properties, and `additionalProperties` is false"
                ));
            }
            Some(Value::Bool(false)) => {
                return fault(format!("`{name}` is required and forbidden"));
            }
            _ => {}
        }
    }
    None
}

fn children(schema: &Map<String, Value>) -> Checked {
    for word in ["properties", "patternProperties"] {
        match schema.get(word) {
            None => {}
            Some(Value::Object(properties)) => {
                for (name, property) in properties {
                    if let Some(found) = inside(property) {
                        return Some(found.under(name));
                    }
                }
            }
            Some(_) => return fault(format!("`{word}` is an object of schemas")),
        }
    }
    for word in ["items", "additionalProperties"] {
        if let Some(found) = schema
            .get(word)
            .filter(|child| !child.is_array())
            .and_then(inside)
        {
            return Some(found.under(word));
        }
    }
    None
}

impl Fault {
    fn under(self, name: &str) -> Self {
        let path = if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{name}.{}", self.path)
        };
        Self { path, ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn contradictions_are_named_with_their_place() {
        for (schema, part) in [
            (json!(3), "is an object"),
            (json!({"type": "array", "items": {}}), "root"),
            (json!({"type": "strnig"}), "root"),
            (
                json!({"properties": {"a": {"type": "strnig"}}}),
                "at `a`: `strnig` is no type",
            ),
            (
                json!({"properties": {"a": {"enum": []}}}),
                "at `a`: `enum` is empty",
            ),
            (
                json!({"properties": {"a": {"type": "integer", "enum": ["x"]}}}),
                "no value of `enum`",
            ),
            (
                json!({"properties": {"a": {"type": "string", "const": 1}}}),
                "`const`",
            ),
            (
                json!({"properties": {"a": {"items": {"minimum": 3, "maximum": 2}}}}),
                "at `a.items`: `minimum` 3 is over `maximum` 2",
            ),
            (
                json!({"properties": {"a": {"exclusiveMinimum": 2, "maximum": 2}}}),
                "leaves nothing",
            ),
            (
                json!({"properties": {"a": {"minItems": 2, "maxItems": 1}}}),
                "`minItems`",
            ),
            (json!({"properties": {"a": {"maxLength": -1}}}), "negative"),
            (
                json!({"type": "object", "properties": {"a": {}}, "required": ["b"], "additionalProperties": false}),
                "`b` is required",
            ),
            (
                json!({"properties": {"a": false}, "required": ["a"]}),
                "forbidden",
            ),
            (
                json!({"required": ["a", "b"], "maxProperties": 1}),
                "more fields",
            ),
            (json!({"properties": []}), "object of schemas"),
        ] {
            let found = contradiction(&schema).unwrap_or_default();
            assert!(found.contains(part), "{schema}: {found}");
        }
    }

    #[test]
    fn satisfiable_schemas_pass() {
        for schema in [
            json!({}),
            json!({"type": "object", "properties": {"a": {"enum": ["x", 1]}}, "required": ["a"], "additionalProperties": false}),
            json!({"properties": {"a": {"type": ["string", "null"], "minLength": 1, "maxLength": 1}}}),
            json!({"properties": {"a": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 1}}}}),
            json!({"type": "object", "required": ["b"]}),
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
        ] {
            assert_eq!(contradiction(&schema), None, "{schema}");
        }
    }
}
