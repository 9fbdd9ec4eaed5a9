//! From a JSON Schema to a closed type, or to the place where it is open.

use lazaret_kernel::closed::MAX_TYPE_DEPTH;
use serde_json::Value;

use super::keywords::{Place, step};
use super::normalise::same;
use super::pattern::{FORM, Written};
use super::{ClosedError, MAX_ITEMS, MAX_LENGTH, MAX_MEMBERS, MAX_TYPES, Node, PART, Property};
use lazaret_manifest::diagnostic::quote;

const INTEGER: [&str; 4] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const TEXT: [&str; 3] = ["minLength", "maxLength", "pattern"];
const LIST: [&str; 3] = ["items", "minItems", "maxItems"];
const RECORD: [&str; 3] = ["properties", "required", "additionalProperties"];

/// Reads a whole schema.
pub(super) fn parse(schema: &Value) -> Result<Node, ClosedError> {
    Walk { types: 0 }.node(schema, "", 0)
}

/// Counts the types read so far.
struct Walk {
    types: usize,
}

impl Walk {
    fn node(&mut self, schema: &Value, pointer: &str, depth: usize) -> Result<Node, ClosedError> {
        let error = |reason: String| ClosedError {
            pointer: pointer.to_owned(),
            reason,
        };
        self.types += 1;
        if self.types > MAX_TYPES {
            return Err(error(format!("it has more than {MAX_TYPES} types")));
        }
        if depth > MAX_TYPE_DEPTH {
            let reason = format!("it is more than {MAX_TYPE_DEPTH} levels deep");
            return Err(error(reason));
        }
        let Some(map) = schema.as_object() else {
            return Err(error("it is no schema object".to_owned()));
        };
        let place = Place { map, pointer };
        if map.contains_key(PART) {
            let reason = "a part is asked for as the whole type, by who gave it to a child";
            return Err(error(reason.to_owned()));
        }
        if map.contains_key("enum") {
            return choice(&place, "enum", place.list("enum")?);
        }
        if let Some(only) = map.get("const") {
            return choice(&place, "const", std::slice::from_ref(only));
        }
        if map.contains_key("anyOf") {
            return self.union(&place, depth);
        }
        self.typed(&place, depth)
    }

    fn union(&mut self, place: &Place<'_>, depth: usize) -> Result<Node, ClosedError> {
        place.only(&["anyOf"], "a union")?;
        let list = place.list("anyOf")?;
        if list.is_empty() || list.len() > MAX_MEMBERS {
            let reason = format!("a union has 1 to {MAX_MEMBERS} types");
            return Err(place.below("anyOf", reason));
        }
        let at = step(place.pointer, "anyOf");
        let types: Result<Vec<Node>, ClosedError> = list
            .iter()
            .zip(0..)
            .map(|(one, index): (_, usize)| {
                self.node(one, &step(&at, &index.to_string()), depth + 1)
            })
            .collect();
        types.map(Node::Union)
    }

    /// A type, or a list of types: the keywords that may stand there are those of each.
    fn typed(&mut self, place: &Place<'_>, depth: usize) -> Result<Node, ClosedError> {
        let names = type_names(place)?;
        let mut allowed = vec!["type"];
        for name in &names {
            allowed.extend(keywords_of(name));
        }
        let what = format!("a value of type `{}`", names.join("`, `"));
        if let [name] = names.as_slice() {
            let node = self.of_type(name, place, depth)?;
            place.only(&allowed, &what)?;
            return Ok(node);
        }
        let types: Result<Vec<Node>, ClosedError> = names
            .iter()
            .map(|name| self.of_type(name, place, depth + 1))
            .collect();
        place.only(&allowed, &what)?;
        types.map(Node::Union)
    }

    fn of_type(
        &mut self,
        name: &str,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Node, ClosedError> {
        match name {
            "null" => Ok(Node::Null),
            "boolean" => Ok(Node::Boolean),
            "integer" => integer(place),
            "string" => text(place),
            "array" => self.list(place, depth),
            "object" => self.record(place, depth),
            "number" => Err(place.below(
                "type",
                "numbers with decimals cannot be counted; use `integer`, or an `enum`".to_owned(),
            )),
            other => Err(place.below("type", format!("there is no type {}", quote(other)))),
        }
    }

    fn list(&mut self, place: &Place<'_>, depth: usize) -> Result<Node, ClosedError> {
        let Some(items) = place.map.get("items") else {
            return Err(place.error("a list needs `items`"));
        };
        let minimum = place.count("minItems", MAX_ITEMS)?.unwrap_or(0);
        let Some(maximum) = place.count("maxItems", MAX_ITEMS)? else {
            return Err(place.error("a list needs `maxItems`"));
        };
        if minimum > maximum {
            return Err(place.error("it has no value: `minItems` is above `maxItems`"));
        }
        let item = self.node(items, &step(place.pointer, "items"), depth + 1)?;
        Ok(Node::List {
            item: Box::new(item),
            minimum,
            maximum,
        })
    }

    /// Keys that are not declared are dropped, so that `additionalProperties` may be said
    /// either way; what may stand in them cannot.
    fn record(&mut self, place: &Place<'_>, depth: usize) -> Result<Node, ClosedError> {
        let Some(declared) = place.map.get("properties").and_then(Value::as_object) else {
            return Err(place.error("an object needs `properties`"));
        };
        if declared.len() > MAX_MEMBERS {
            let reason = format!("an object has at most {MAX_MEMBERS} properties");
            return Err(place.below("properties", reason));
        }
        if let Some(false) = place.map.get("additionalProperties").map(Value::is_boolean) {
            let reason = "properties that are not declared are dropped; say `false`".to_owned();
            return Err(place.below("additionalProperties", reason));
        }
        let required = required(place, declared)?;
        let at = step(place.pointer, "properties");
        let mut properties = Vec::with_capacity(declared.len());
        for (name, schema) in declared {
            properties.push(Property {
                name: name.clone(),
                optional: !required.contains(&name.as_str()),
                node: self.node(schema, &step(&at, name), depth + 1)?,
            });
        }
        Ok(Node::Record(properties))
    }
}

fn keywords_of(name: &str) -> &'static [&'static str] {
    match name {
        "integer" => &INTEGER,
        "string" => &TEXT,
        "array" => &LIST,
        "object" => &RECORD,
        _ => &[],
    }
}

fn type_names<'a>(place: &Place<'a>) -> Result<Vec<&'a str>, ClosedError> {
    let names: Vec<Option<&str>> = match place.map.get("type") {
        None => return Err(place.error("it says no `type`, `enum`, `const` or `anyOf`")),
        Some(Value::Array(list)) => list.iter().map(Value::as_str).collect(),
        Some(one) => vec![one.as_str()],
    };
    let mut known: Vec<&str> = Vec::with_capacity(names.len());
    for name in names {
        match name {
            Some(name) if !known.contains(&name) => known.push(name),
            Some(name) => {
                return Err(place.below("type", format!("{} stands there twice", quote(name))));
            }
            None => return Err(place.below("type", "a type is a string".to_owned())),
        }
    }
    if known.is_empty() {
        return Err(place.below("type", "it names no type".to_owned()));
    }
    Ok(known)
}

fn choice(place: &Place<'_>, key: &str, values: &[Value]) -> Result<Node, ClosedError> {
    place.only(&[key, "type"], "a choice of values")?;
    if values.is_empty() || values.len() > MAX_MEMBERS {
        let reason = format!("a choice has 1 to {MAX_MEMBERS} values");
        return Err(place.below(key, reason));
    }
    let types = match place.map.get("type") {
        Some(_) => Some(type_names(place)?),
        None => None,
    };
    let mut known: Vec<Value> = Vec::with_capacity(values.len());
    for value in values {
        if value.is_array() || value.is_object() {
            return Err(place.below(key, "its values are not all scalars".to_owned()));
        }
        if known.iter().any(|other| same(other, value)) {
            return Err(place.below(
                key,
                format!("{} stands there twice", quote(&value.to_string())),
            ));
        }
        if types
            .as_ref()
            .is_some_and(|types| !types.iter().any(|name| is_of(value, name)))
        {
            let value = quote(&value.to_string());
            return Err(place.below(key, format!("{value} is not of the type")));
        }
        known.push(value.clone());
    }
    Ok(Node::Choice(known))
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => super::normalise::whole(value).is_some(),
        _ => false,
    }
}

fn integer(place: &Place<'_>) -> Result<Node, ClosedError> {
    let above = place.integer("exclusiveMinimum")?;
    let below = place.integer("exclusiveMaximum")?;
    let minimum = place
        .integer("minimum")?
        .max(above.map(|bound| bound.saturating_add(1)));
    let maximum = [
        place.integer("maximum")?,
        below.map(|bound| bound.saturating_sub(1)),
    ]
    .into_iter()
    .flatten()
    .min();
    let (Some(minimum), Some(maximum)) = (minimum, maximum) else {
        return Err(place.error("an integer needs `minimum` and `maximum`"));
    };
    if minimum > maximum {
        return Err(place.error("it has no value: `minimum` is above `maximum`"));
    }
    Ok(Node::Integer { minimum, maximum })
}

fn text(place: &Place<'_>) -> Result<Node, ClosedError> {
    let shortest = place.count("minLength", MAX_LENGTH)?.unwrap_or(0);
    let longest = place.count("maxLength", MAX_LENGTH)?;
    let Some(expression) = place.map.get("pattern").and_then(Value::as_str) else {
        return Err(place.error(format!("a string needs a `pattern` that is {FORM}")));
    };
    let Some(written) = Written::parse(expression) else {
        return Err(place.below("pattern", format!("it is not {FORM}")));
    };
    let Some(maximum) = written.maximum.or(longest) else {
        return Err(place.error("a string needs `maxLength`, or a bounded pattern"));
    };
    if maximum > MAX_LENGTH {
        let reason = format!("a text has at most {MAX_LENGTH} characters");
        return Err(place.below("pattern", reason));
    }
    let pattern = written.bounded(shortest, longest.unwrap_or(MAX_LENGTH));
    if pattern.minimum > pattern.maximum {
        return Err(place.error("it has no value: the least length is above the greatest"));
    }
    Ok(Node::Text(pattern))
}

fn required<'a>(
    place: &Place<'a>,
    declared: &serde_json::Map<String, Value>,
) -> Result<Vec<&'a str>, ClosedError> {
    if !place.map.contains_key("required") {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for name in place.list("required")? {
        match name.as_str() {
            Some(name) if declared.contains_key(name) => names.push(name),
            Some(name) => {
                let reason = format!("{} is required and not declared", quote(name));
                return Err(place.below("required", reason));
            }
            None => return Err(place.below("required", "a name is a string".to_owned())),
        }
    }
    Ok(names)
}
