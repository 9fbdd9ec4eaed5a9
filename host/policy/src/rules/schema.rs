//! The Cedar schema of one function: who may call it, and what its arguments are.

use serde_json::{Map, Value, json};

use super::CALLS;
use crate::compiled::Function;

/// Returns the schema in Cedar's JSON form. Arguments of which the JSON Schema says nothing that
/// Cedar knows have no attribute, so that a rule cannot mention them.
pub(super) fn of(
    function: &Function,
    json_schema: &Value,
    (profiles, workflow): (&[&str], Option<&str>),
) -> Value {
    let name = function.name.as_str();
    let tool = name.split_once('.').map_or(name, |(tool, _)| tool);
    let mut attributes = Map::new();
    let properties = json_schema.get("properties");
    for argument in &function.arguments {
        let property = properties.and_then(|all| all.get(argument));
        if let Some(mut kind) = property.and_then(kind_of) {
            let needed = is_required(json_schema, argument);
            if let Some(kind) = kind.as_object_mut() {
                kind.insert("required".to_owned(), json!(needed));
            }
            attributes.insert(argument.clone(), kind);
        }
    }
    attributes.insert(CALLS.to_owned(), json!({ "type": "Long" }));
    let mut types = Map::new();
    types.insert("Tool".to_owned(), json!({ "enum": [tool] }));
    let mut principals = Vec::new();
    if !profiles.is_empty() {
        types.insert("Profile".to_owned(), json!({ "enum": profiles }));
        principals.push("Profile");
    }
    let workflow = workflow.unwrap_or("script");
    types.insert("Workflow".to_owned(), json!({ "enum": [workflow] }));
    principals.push("Workflow");
    let mut actions = Map::new();
    actions.insert(
        name.to_owned(),
        json!({ "appliesTo": {
            "principalTypes": principals,
            "resourceTypes": ["Tool"],
            "context": { "type": "Record", "attributes": attributes },
        }}),
    );
    json!({ "": { "entityTypes": types, "actions": actions } })
}

/// Whether an object without that field is none of the schema's.
pub(super) fn is_required(schema: &Value, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|one| one == name))
}

/// Returns the Cedar type of a JSON Schema, where there is one: Cedar has whole numbers only.
fn kind_of(schema: &Value) -> Option<Value> {
    let named = schema.get("type").and_then(Value::as_str);
    let choices = schema.get("enum").and_then(Value::as_array);
    let only_texts = choices.is_some_and(|all| all.iter().all(Value::is_string));
    Some(match named {
        Some("integer") => json!({ "type": "Long" }),
        Some("boolean") => json!({ "type": "Boolean" }),
        Some("string") => json!({ "type": "String" }),
        None if only_texts => json!({ "type": "String" }),
        Some("array") => json!({ "type": "Set", "element": kind_of(schema.get("items")?)? }),
        Some("object") => record(schema)?,
        _ => return None,
    })
}

fn record(schema: &Value) -> Option<Value> {
    let mut attributes = Map::new();
    for (name, property) in schema.get("properties")?.as_object()? {
        let Some(mut kind) = kind_of(property) else {
            continue;
        };
        if let Some(kind) = kind.as_object_mut() {
            kind.insert("required".to_owned(), json!(is_required(schema, name)));
        }
        attributes.insert(name.clone(), kind);
    }
    Some(json!({ "type": "Record", "attributes": attributes }))
}
