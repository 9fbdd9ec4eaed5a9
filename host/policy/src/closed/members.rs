//! Types that depend on what the caller holds: one of a child's parts, one of a list's members.

use serde_json::{Map, Value, json};

use super::{ClosedError, MAX_MEMBERS, MAX_SCHEMA_BYTES};
use crate::closed::keywords::step;

/// The keyword of the type whose values are the parts that a child was given.
pub const PART: &str = "x-lazaret-part";

/// The keyword of the type whose values are the members of a list, by the list's handle.
pub const MEMBER_OF: &str = "x-lazaret-member-of";

/// Keywords below which no schema stands.
const VALUES: [&str; 4] = ["const", "default", "enum", "examples"];

/// Returns whether a schema asks which of its parts a child handed back.
pub fn is_part(schema: &Value) -> bool {
    *schema == json!({ PART: true })
}

/// Puts the members in the place of each list that a schema names. `members` gives what a
/// handle stands for, or refuses.
pub fn resolve<E: From<ClosedError>>(
    schema: &Value,
    mut members: impl FnMut(u64) -> Result<Value, E>,
) -> Result<Value, E> {
    let mut room = MAX_SCHEMA_BYTES;
    walk(schema, "", &mut room, &mut members)
}

fn walk<E: From<ClosedError>>(
    schema: &Value,
    pointer: &str,
    room: &mut usize,
    members: &mut impl FnMut(u64) -> Result<Value, E>,
) -> Result<Value, E> {
    match schema {
        Value::Object(map) => match map.get(MEMBER_OF) {
            Some(handle) if map.len() == 1 => {
                let error = |reason: String| ClosedError {
                    pointer: step(pointer, MEMBER_OF),
                    reason,
                };
                let Some(number) = number(handle) else {
                    let reason = "it is no handle; write its number as a text".to_owned();
                    return Err(error(reason).into());
                };
                let listed = different(&members(number)?).map_err(&error)?;
                let bytes = Value::from(listed.clone()).to_string().len();
                let Some(left) = room.checked_sub(bytes) else {
                    let reason = format!("its lists have more than {MAX_SCHEMA_BYTES} bytes");
                    return Err(error(reason).into());
                };
                *room = left;
                Ok(json!({ "enum": listed }))
            }
            _ => {
                let mut all = Map::new();
                for (key, value) in map {
                    let value = if VALUES.contains(&key.as_str()) {
                        value.clone()
                    } else {
                        walk(value, &step(pointer, key), room, members)?
                    };
                    all.insert(key.clone(), value);
                }
                Ok(Value::Object(all))
            }
        },
        Value::Array(items) => {
            let mut all = Vec::new();
            for (item, at) in items.iter().zip(0..) {
                let at: usize = at;
                all.push(walk(item, &step(pointer, &at.to_string()), room, members)?);
            }
            Ok(Value::Array(all))
        }
        other => Ok(other.clone()),
    }
}

/// A handle has more digits than a number of JavaScript's, so that it may be a text.
fn number(handle: &Value) -> Option<u64> {
    match handle {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// Each member once, in the list's order.
fn different(list: &Value) -> Result<Vec<Value>, String> {
    let Some(items) = list.as_array() else {
        return Err("the content is no list".to_owned());
    };
    let mut all: Vec<Value> = Vec::new();
    for item in items {
        if item.is_array() || item.is_object() {
            return Err(
                "the list has members that are no texts, numbers or truth values".to_owned(),
            );
        }
        if !all.iter().any(|other| super::normalise::same(other, item)) {
            all.push(item.clone());
        }
        if all.len() > MAX_MEMBERS {
            return Err(format!("the list has more than {MAX_MEMBERS} members"));
        }
    }
    if all.is_empty() {
        return Err("the list has no member".to_owned());
    }
    Ok(all)
}
