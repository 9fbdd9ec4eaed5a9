//! What an argument may be: what its JSON Schema allows, less what a rule's conditions exclude.

use std::slice;

use serde_json::Value;

/// The values that are left.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    /// No others than these, where they are listed.
    listed: Option<Vec<Value>>,
    /// None of these.
    excluded: Vec<Value>,
    /// No number below.
    least: Option<i64>,
    /// No number above.
    most: Option<i64>,
}

impl Values {
    /// Returns what a schema allows, as far as it lists values or bounds numbers.
    pub(super) fn of(schema: &Value) -> Self {
        let mut values = Self::default();
        if schema.get("type").and_then(Value::as_str) == Some("boolean") {
            values = values.among(&[Value::Bool(false), Value::Bool(true)]);
        }
        let choices = schema.get("enum").and_then(Value::as_array);
        if let Some(choices) = choices.filter(|all| all.iter().all(is_plain)) {
            values = values.among(choices);
        }
        if let Some(one) = schema.get("const").filter(|one| is_plain(one)) {
            values = values.among(slice::from_ref(one));
        }
        let bound = |key: &str, round: fn(f64) -> f64| whole(schema.get(key)?, round);
        if let Some(least) = bound("minimum", f64::ceil) {
            values = values.at_least(least);
        }
        if let Some(below) = bound("exclusiveMinimum", f64::floor) {
            values = values.at_least(below.saturating_add(1));
        }
        if let Some(most) = bound("maximum", f64::floor) {
            values = values.at_most(most);
        }
        if let Some(above) = bound("exclusiveMaximum", f64::ceil) {
            values = values.at_most(above.saturating_sub(1));
        }
        values
    }

    /// Keeps only these.
    pub(super) fn among(mut self, choices: &[Value]) -> Self {
        self.listed = Some(match self.listed {
            None => choices.to_vec(),
            Some(mut all) => {
                all.retain(|one| choices.contains(one));
                all
            }
        });
        self
    }

    /// Takes these away.
    pub(super) fn without(mut self, choices: &[Value]) -> Self {
        self.excluded.extend_from_slice(choices);
        self
    }

    pub(super) fn at_least(mut self, least: i64) -> Self {
        self.least = self.least.max(Some(least));
        self
    }

    pub(super) fn at_most(mut self, most: i64) -> Self {
        self.most = Some(self.most.map_or(most, |other| other.min(most)));
        self
    }

    pub(super) fn allows(&self, value: &Value) -> bool {
        let listed = self.listed.as_ref().is_none_or(|all| all.contains(value));
        let bounded = value.as_i64().is_none_or(|number| {
            let above = self.least.is_none_or(|least| least <= number);
            above && self.most.is_none_or(|most| number <= most)
        });
        listed && bounded && !self.excluded.contains(value)
    }

    pub(super) fn is_empty(&self) -> bool {
        if let Some(all) = &self.listed {
            return !all.iter().any(|one| self.allows(one));
        }
        // Of more numbers than are excluded one is left. Texts that are not listed are never all
        // excluded: no number is among them.
        let numbers = self.least.unwrap_or(i64::MIN)..=self.most.unwrap_or(i64::MAX);
        let mut first = numbers.take(self.excluded.len() + 1);
        first.all(|number| self.excluded.contains(&Value::from(number)))
    }
}

/// Whether it is a value that can be compared with a literal of a rule.
pub(super) fn is_plain(value: &Value) -> bool {
    value.is_string() || value.is_boolean() || value.as_i64().is_some()
}

/// Returns a bound as the next whole number inside of it. One that is beyond all numbers of
/// Cedar's is none.
fn whole(number: &Value, round: fn(f64) -> f64) -> Option<i64> {
    number
        .as_i64()
        .or_else(|| format!("{:.0}", round(number.as_f64()?)).parse().ok())
}
