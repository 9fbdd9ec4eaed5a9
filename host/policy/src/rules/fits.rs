//! Whether a call's arguments are what the rule was checked against. What the check took for
//! granted holds for every call: another value would meet a policy that was never meant for it.

use serde_json::Value;

use super::schema::is_required;
use super::values::Values;

/// Names an argument that is not what the schema says, if there is one. Only those are looked at
/// that the rule looks at.
pub(super) fn misfit(
    schema: &Value,
    looks_at: impl Fn(&str) -> bool,
    arguments: &[(&str, &Value)],
) -> Option<String> {
    let properties = schema.get("properties").and_then(Value::as_object)?;
    let given = |name: &str| arguments.iter().find(|(other, _)| *other == name);
    let looked_at = properties.iter().filter(|(name, _)| looks_at(name));
    let mut wrong = looked_at.filter(|(name, property)| match given(name) {
        Some((_, value)) => !fits(property, value),
        None => is_required(schema, name),
    });
    wrong.next().map(|(name, _)| name.clone())
}

/// Whether a value is of the type, among the values and within the bounds of a schema.
fn fits(schema: &Value, value: &Value) -> bool {
    let named = schema.get("type").and_then(Value::as_str);
    // A boolean needs no line: both of its values are listed.
    let is_of_type = match named {
        Some("integer") => value.as_i64().is_some(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    is_of_type && Values::of(schema).allows(value) && parts_fit(schema, value)
}

fn parts_fit(schema: &Value, value: &Value) -> bool {
    if let (Some(of), Value::Array(items)) = (schema.get("items"), value) {
        return items.iter().all(|item| fits(of, item));
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let (Some(properties), Value::Object(fields)) = (properties, value) else {
        return true;
    };
    let mut all = properties.iter();
    all.all(|(name, property)| match fields.get(name) {
        Some(field) => fits(property, field),
        None => !is_required(schema, name),
    })
}
