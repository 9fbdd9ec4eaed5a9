//! Checks an answer against the part of JSON Schema that workflows use, and says what is wrong.

use serde_json::Value;

/// The deepest value that is looked at.
const MAX_DEPTH: usize = 64;

/// Finds the JSON value in an answer and checks it.
pub(crate) fn parse_answer(text: &str, schema: &Value) -> Result<Value, String> {
    let value: Value = serde_json::from_str(unfenced(text))
        .map_err(|error| format!("it is no JSON value ({error})"))?;
    check(&value, schema, "", 0)?;
    Ok(value)
}

/// Models like to put JSON into a fenced block.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let Some(rest) = text.strip_prefix("```") else {
        return text;
    };
    let rest = rest.strip_prefix("json").unwrap_or(rest);
    rest.strip_suffix("```").unwrap_or(rest).trim()
}

fn check(value: &Value, schema: &Value, place: &str, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("{} is nested too deep", named(place)));
    }
    check_type(value, schema, place)?;
    check_choice(value, schema, place)?;
    match value {
        Value::Number(number) => check_number(number.as_f64().unwrap_or(0.0), schema, place),
        Value::String(text) => check_text(text, schema, place),
        Value::Array(items) => check_list(items, schema, place, depth),
        Value::Object(_) => check_object(value, schema, place, depth),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn named(place: &str) -> String {
    if place.is_empty() {
        "the value".to_owned()
    } else {
        format!("`{place}`")
    }
}

fn check_type(value: &Value, schema: &Value, place: &str) -> Result<(), String> {
    let fits = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    let (ok, wanted) = match schema.get("type") {
        Some(Value::String(name)) => (fits(name), name.clone()),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            (names.iter().any(|name| fits(name)), names.join(" or "))
        }
        _ => (true, String::new()),
    };
    if ok {
        Ok(())
    } else {
        Err(format!("{} must be of type {wanted}", named(place)))
    }
}

fn check_choice(value: &Value, schema: &Value, place: &str) -> Result<(), String> {
    if let Some(choices) = schema.get("enum").and_then(Value::as_array)
        && !choices.contains(value)
    {
        let list: Vec<String> = choices.iter().map(Value::to_string).collect();
        return Err(format!(
            "{} must be one of {}",
            named(place),
            list.join(", ")
        ));
    }
    if let Some(only) = schema.get("const")
        && only != value
    {
        return Err(format!("{} must be {only}", named(place)));
    }
    Ok(())
}

fn check_number(number: f64, schema: &Value, place: &str) -> Result<(), String> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    if let Some(least) = bound("minimum").filter(|least| number < *least) {
        return Err(format!("{} must be at least {least}", named(place)));
    }
    if let Some(most) = bound("maximum").filter(|most| number > *most) {
        return Err(format!("{} must be at most {most}", named(place)));
    }
    Ok(())
}

fn check_text(text: &str, schema: &Value, place: &str) -> Result<(), String> {
    let length = text.chars().count();
    check_length(
        length,
        "characters",
        ["minLength", "maxLength"],
        schema,
        place,
    )?;
    let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else {
        return Ok(());
    };
    match regex_lite::Regex::new(pattern) {
        Ok(regex) if !regex.is_match(text) => {
            Err(format!("{} must match `{pattern}`", named(place)))
        }
        _ => Ok(()),
    }
}

fn check_list(items: &[Value], schema: &Value, place: &str, depth: usize) -> Result<(), String> {
    check_length(
        items.len(),
        "items",
        ["minItems", "maxItems"],
        schema,
        place,
    )?;
    let Some(of_item) = schema.get("items") else {
        return Ok(());
    };
    items
        .iter()
        .enumerate()
        .try_for_each(|(index, item)| check(item, of_item, &format!("{place}/{index}"), depth + 1))
}

fn check_length(
    length: usize,
    unit: &str,
    keys: [&str; 2],
    schema: &Value,
    place: &str,
) -> Result<(), String> {
    let [least, most] = keys.map(|key| schema.get(key).and_then(Value::as_u64));
    if least.is_some_and(|least| (length as u64) < least) {
        return Err(format!(
            "{} must have at least {} {unit}",
            named(place),
            least.unwrap_or(0)
        ));
    }
    if most.is_some_and(|most| (length as u64) > most) {
        return Err(format!(
            "{} must have at most {} {unit}",
            named(place),
            most.unwrap_or(0)
        ));
    }
    Ok(())
}

fn check_object(value: &Value, schema: &Value, place: &str, depth: usize) -> Result<(), String> {
    for required in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(key) = required.as_str().filter(|key| value.get(key).is_none()) {
            return Err(format!("`{place}/{key}` is missing"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, item) in value.as_object().into_iter().flatten() {
        let below = format!("{place}/{key}");
        match properties.and_then(|properties| properties.get(key)) {
            Some(of_item) => check(item, of_item, &below, depth + 1)?,
            None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                return Err(format!("`{below}` is not a field of the schema"));
            }
            None => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let schema = json!({
            "type": "object",
            "properties": {
                "kind": {"enum": ["a", "b"]},
                "list": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 2},
                "name": {"type": ["string", "null"], "pattern": "^[a-z]+$", "maxLength": 3},
            },
            "required": ["kind"],
            "additionalProperties": false,
        });
        let cases = [
            ("no", "it is no JSON value"),
            ("{}", "`/kind` is missing"),
            (r#"{"kind":"c"}"#, "`/kind` must be one of \"a\", \"b\""),
            (
                r#"{"kind":"a","list":[1,0]}"#,
                "`/list/1` must be at least 1",
            ),
            (
                r#"{"kind":"a","list":[1,2,3]}"#,
                "`/list` must have at most 2 items",
            ),
            (
                r#"{"kind":"a","list":["x"]}"#,
                "`/list/0` must be of type integer",
            ),
            (r#"{"kind":"a","name":"A"}"#, "`/name` must match"),
            (
                r#"{"kind":"a","name":"abcd"}"#,
                "`/name` must have at most 3 characters",
            ),
            (r#"{"kind":"a","more":1}"#, "`/more` is not a field"),
            ("[]", "the value must be of type object"),
        ];
        for (answer, expected) in cases {
            let problem = parse_answer(answer, &schema).unwrap_err();
            assert!(problem.starts_with(expected), "{answer}: {problem}");
        }
        let fenced = "```json\n{\"kind\": \"a\", \"name\": null}\n```";
        assert_eq!(parse_answer(fenced, &schema).unwrap()["kind"], "a");
    }
}
