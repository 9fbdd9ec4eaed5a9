//! Decides from a schema alone, before an agent starts, what an opaque script will see of its
//! answer: fields of closed type as plain values, lists by count, all else as opaque objects.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::schema::{is_of_type, type_names};

/// How one value of the answer is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum View {
    /// By reference only.
    Opaque,
    /// As a plain value, through one gate of this type.
    Closed {
        /// JSON Schema of closed type.
        schema: Value,
    },
    /// As an object: one gate for all closed fields together, a view for each other field.
    Record {
        /// The type of the closed fields; absent where there are none.
        #[serde(skip_serializing_if = "Option::is_none")]
        gate: Option<Value>,
        /// All fields in the schema's order; the closed ones have no view of their own.
        fields: Vec<Field>,
    },
    /// As a list whose count is gated, each item seen by itself.
    List {
        /// The most items.
        max: u32,
        /// How each item is shown.
        item: Box<Self>,
    },
}

/// A field of a [`View::Record`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// How it is shown; absent where the record's gate brings it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
}

impl View {
    /// Plans the view of a value of this schema. Lists without `maxItems` are cut to `list`.
    pub fn of(schema: &Value, list: u32) -> Self {
        if let Some(schema) = closed(schema) {
            return Self::Closed { schema };
        }
        let Value::Object(words) = schema else {
            return Self::Opaque;
        };
        match (
            type_names(words).as_deref(),
            words.get("properties"),
            words.get("items"),
        ) {
            (None | Some(["object"]), Some(Value::Object(properties)), _)
                if !properties.is_empty() =>
            {
                Self::record(words, properties, list)
            }
            (Some(["array"]), _, Some(items)) => Self::List {
                max: whole(words.get("maxItems"))
                    .and_then(|max| u32::try_from(max).ok())
                    .unwrap_or(list),
                item: Box::new(Self::of(items, list)),
            },
            _ => Self::Opaque,
        }
    }

    fn record(words: &Map<String, Value>, properties: &Map<String, Value>, list: u32) -> Self {
        let views = properties
            .iter()
            .map(|(name, schema)| (name, Self::of(schema, list)));
        let mut gated = Map::new();
        let mut fields = Vec::new();
        for (name, view) in views {
            let own = match view {
                Self::Closed { schema } => {
                    gated.insert(name.clone(), schema);
                    None
                }
                other => Some(other),
            };
            fields.push(Field {
                name: name.clone(),
                view: own,
            });
        }
        let gate = (!gated.is_empty()).then(|| record_type(words, &gated));
        Self::Record { gate, fields }
    }
}

/// Returns the closed type that a schema describes, in few words, or nothing if it is not closed.
fn closed(schema: &Value) -> Option<Value> {
    let Value::Object(words) = schema else {
        return None;
    };
    let names = type_names(words);
    if let Some(values) = words.get("enum").and_then(Value::as_array) {
        return enumeration(values, names.as_deref());
    }
    if let Some(value) = words.get("const") {
        return enumeration(std::slice::from_ref(value), None);
    }
    match names?.as_slice() {
        [name] => closed_type(name, words),
        names => union(names, words),
    }
}

fn enumeration(values: &[Value], names: Option<&[&str]>) -> Option<Value> {
    let fits =
        |value: &&Value| names.is_none_or(|names| names.iter().any(|name| is_of_type(value, name)));
    let values: Vec<&Value> = values.iter().filter(fits).collect();
    let scalar = values
        .iter()
        .all(|value| !value.is_array() && !value.is_object());
    (scalar && !values.is_empty()).then(|| json!({ "enum": values }))
}

fn closed_type(name: &str, words: &Map<String, Value>) -> Option<Value> {
    match name {
        "boolean" | "null" => Some(json!({ "type": name })),
        "integer" => {
            let (minimum, maximum) = integer_range(words)?;
            Some(json!({ "type": "integer", "minimum": minimum, "maximum": maximum }))
        }
        "array" => {
            let most = whole(words.get("maxItems"))?;
            let least = whole(words.get("minItems")).unwrap_or(0);
            let item = closed(words.get("items")?)?;
            Some(json!({ "type": "array", "items": item, "minItems": least, "maxItems": most }))
        }
        "object" => {
            let properties = words
                .get("properties")?
                .as_object()
                .filter(|properties| !properties.is_empty())?;
            let fields = properties
                .iter()
                .map(|(name, schema)| Some((name.clone(), closed(schema)?)));
            Some(record_type(words, &fields.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// `type: [..]` is closed where each alternative is a scalar of closed type.
fn union(names: &[&str], words: &Map<String, Value>) -> Option<Value> {
    let mut reduced = Map::new();
    for name in names
        .iter()
        .filter(|name| !matches!(**name, "object" | "array"))
    {
        reduced.extend(closed_type(name, words)?.as_object()?.clone());
    }
    let scalars = names
        .iter()
        .all(|name| !matches!(*name, "object" | "array"));
    reduced.insert("type".to_owned(), json!(names));
    (scalars && !names.is_empty()).then_some(Value::Object(reduced))
}

fn record_type(words: &Map<String, Value>, properties: &Map<String, Value>) -> Value {
    let names = words.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let required: Vec<&str> = names
        .filter(|name| properties.contains_key(*name))
        .collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The least and the greatest whole number that the bounds allow, if there are both.
fn integer_range(words: &Map<String, Value>) -> Option<(i64, i64)> {
    let least = match (
        whole(words.get("minimum")),
        whole(words.get("exclusiveMinimum")),
    ) {
        (Some(least), Some(over)) => least.max(over.checked_add(1)?),
        (Some(least), None) => least,
        (None, over) => over?.checked_add(1)?,
    };
    let most = match (
        whole(words.get("maximum")),
        whole(words.get("exclusiveMaximum")),
    ) {
        (Some(most), Some(under)) => most.min(under.checked_sub(1)?),
        (Some(most), None) => most,
        (None, under) => under?.checked_sub(1)?,
    };
    (least <= most).then_some((least, most))
}

fn whole(value: Option<&Value>) -> Option<i64> {
    value?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_types_are_boolean_enum_bounded_integer_and_what_is_made_of_them() {
        for (schema, expected) in [
            (
                json!({"type": "boolean", "description": "x"}),
                json!({"type": "boolean"}),
            ),
            (json!({"enum": ["a", "b"]}), json!({"enum": ["a", "b"]})),
            (
                json!({"type": "string", "enum": ["a", 1]}),
                json!({"enum": ["a"]}),
            ),
            (json!({"const": 5}), json!({"enum": [5]})),
            (
                json!({"type": "integer", "minimum": 1, "exclusiveMaximum": 5}),
                json!({"type": "integer", "minimum": 1, "maximum": 4}),
            ),
            (
                json!({"type": ["boolean", "null"]}),
                json!({"type": ["boolean", "null"]}),
            ),
            (
                json!({"type": "array", "items": {"enum": [1]}, "maxItems": 3}),
                json!({"type": "array", "items": {"enum": [1]}, "minItems": 0, "maxItems": 3}),
            ),
        ] {
            assert_eq!(
                View::of(&schema, 64),
                View::Closed { schema: expected },
                "{schema}"
            );
        }
    }

    #[test]
    fn everything_else_is_opaque() {
        for schema in [
            json!({"type": "string"}),
            json!({"type": "string", "pattern": "^a$", "maxLength": 1}),
            json!({"type": "integer"}),
            json!({"type": "integer", "minimum": 0}),
            json!({"type": "number", "minimum": 0, "maximum": 1}),
            json!({"type": ["string", "null"]}),
            json!({"type": ["boolean", "array"]}),
            json!({"enum": [["a"]]}),
            json!({"type": "object"}),
            json!({"type": "array"}),
            json!({}),
            json!(true),
        ] {
            assert_eq!(View::of(&schema, 64), View::Opaque, "{schema}");
        }
    }

    #[test]
    fn a_record_has_one_gate_for_its_closed_fields_and_a_view_for_each_other() {
        let schema = json!({
            "type": "object",
            "properties": {
                "verdict": {"enum": ["ok", "bad"]},
                "text": {"type": "string"},
                "urgent": {"type": "boolean"},
                "notes": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["verdict", "text"],
        });
        assert_eq!(
            serde_json::to_value(View::of(&schema, 64)).unwrap(),
            json!({
                "kind": "record",
                "gate": {
                    "type": "object",
                    "properties": {"verdict": {"enum": ["ok", "bad"]}, "urgent": {"type": "boolean"}},
                    "required": ["verdict"],
                    "additionalProperties": false,
                },
                "fields": [
                    {"name": "verdict"},
                    {"name": "text", "view": {"kind": "opaque"}},
                    {"name": "urgent"},
                    {"name": "notes", "view": {"kind": "list", "max": 64, "item": {"kind": "opaque"}}},
                ],
            })
        );
    }
}
