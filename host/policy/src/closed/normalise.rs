//! The one form of a value of a closed type.

use serde_json::{Map, Number, Value};

use super::{Node, Property};

/// Returns the value's one form, or nothing if it is not of the type.
pub(super) fn normalise(node: &Node, value: &Value) -> Option<Value> {
    match node {
        Node::Null => value.is_null().then_some(Value::Null),
        Node::Boolean => value.as_bool().map(Value::Bool),
        Node::Choice(values) => values.iter().find(|one| same(one, value)).cloned(),
        Node::Integer { minimum, maximum } => {
            let number = whole(value)?;
            (*minimum..=*maximum)
                .contains(&number)
                .then(|| Value::from(number))
        }
        Node::Text(pattern) => {
            let text = value.as_str()?;
            pattern.accepts(text).then(|| Value::from(text))
        }
        Node::Record(properties) => record(properties, value.as_object()?),
        Node::List {
            item,
            minimum,
            maximum,
        } => {
            let items = value.as_array()?;
            let length = u32::try_from(items.len()).ok()?;
            if !(*minimum..=*maximum).contains(&length) {
                return None;
            }
            let items: Option<Vec<Value>> = items.iter().map(|one| normalise(item, one)).collect();
            items.map(Value::Array)
        }
        Node::Union(types) => types.iter().find_map(|one| normalise(one, value)),
    }
}

fn record(properties: &[Property], fields: &Map<String, Value>) -> Option<Value> {
    let mut out = Map::new();
    for property in properties {
        match fields.get(&property.name) {
            Some(value) => {
                let value = normalise(&property.node, value)?;
                out.insert(property.name.clone(), value);
            }
            None if property.optional => {}
            None => return None,
        }
    }
    Some(Value::Object(out))
}

/// Returns whether two JSON scalars are the same value: `1` and `1.0` are.
pub(super) fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => same_number(one, two),
        _ => one == two,
    }
}

fn same_number(one: &Number, two: &Number) -> bool {
    if one == two {
        return true;
    }
    let decimal = |number: &Number| number.is_f64();
    (decimal(one) || decimal(two)) && one.as_f64() == two.as_f64()
}

/// The greatest whole number up to which a decimal number is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns a JSON number without a fraction as an integer: `3.0` is `3`.
pub(super) fn whole(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let decimal = number.as_f64().filter(|_| number.is_f64())?;
    if decimal.fract() != 0.0 || decimal.abs() > EXACT {
        return None;
    }
    // A whole number of at most 16 digits prints without point or exponent.
    format!("{decimal:.0}").parse().ok()
}
