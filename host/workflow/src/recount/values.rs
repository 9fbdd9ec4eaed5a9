//! How many values has a type? Counted from the schema's own text.

use serde_json::{Map, Value};

use super::letters;
use super::price::real;

/// A number of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Values {
    /// So many.
    Exactly(u128),
    /// More than 128 bits can count.
    Beyond(Beyond),
}

/// log₂ of a number of values that is not counted one by one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beyond {
    /// What it is.
    pub(super) least: f64,
    /// What a gate may take for it, which rounds up at every step: a sum is at most twice its
    /// larger part, and of the lists of each length there are at most as many as of the longest.
    pub(super) most: f64,
}

/// How far a gate may round a logarithm up: a thousandth of a bit, and what it does not compute.
const GRAIN: f64 = 0.001_002;

/// Counts the values of a JSON Schema; nothing where they cannot be counted.
pub(super) fn of(schema: &Value) -> Option<Values> {
    let schema = schema.as_object()?;
    if let Some(listed) = schema.get("enum") {
        let listed = u128::try_from(listed.as_array()?.len()).ok()?;
        return Some(Values::Exactly(listed));
    }
    if schema.contains_key("const") {
        return Some(Values::Exactly(1));
    }
    if let Some(types) = schema.get("anyOf") {
        return sum(types.as_array()?.iter().map(of));
    }
    match schema.get("type")? {
        Value::Array(names) => sum(names.iter().map(|name| of_type(name.as_str()?, schema))),
        name => of_type(name.as_str()?, schema),
    }
}

fn of_type(name: &str, schema: &Map<String, Value>) -> Option<Values> {
    match name {
        "null" => Some(Values::Exactly(1)),
        "boolean" => Some(Values::Exactly(2)),
        "integer" => integers(schema),
        "string" => texts(schema),
        "array" => lists(schema),
        "object" => records(schema),
        _ => None,
    }
}

fn integers(schema: &Map<String, Value>) -> Option<Values> {
    let lower = [
        whole(schema, "minimum"),
        after(schema, "exclusiveMinimum", 1),
    ];
    let upper = [
        whole(schema, "maximum"),
        after(schema, "exclusiveMaximum", -1),
    ];
    let lower = lower.into_iter().flatten().max()?;
    let upper = upper.into_iter().flatten().min()?;
    Some(Values::Exactly(u128::try_from(upper - lower + 1).ok()?))
}

fn texts(schema: &Map<String, Value>) -> Option<Values> {
    let letters = letters::read(schema.get("pattern")?.as_str()?)?;
    let shortest = length(schema, "minLength").unwrap_or(0);
    let longest = [letters.longest, length(schema, "maxLength")];
    let longest = longest.into_iter().flatten().min()?;
    let shortest = shortest.max(letters.shortest);
    Some(Values::Exactly(letters.alphabet).in_a_row(shortest, longest))
}

fn lists(schema: &Map<String, Value>) -> Option<Values> {
    let shortest = length(schema, "minItems").unwrap_or(0);
    let longest = length(schema, "maxItems")?;
    Some(of(schema.get("items")?)?.in_a_row(shortest, longest))
}

/// A field that need not be there has one value more.
fn records(schema: &Map<String, Value>) -> Option<Values> {
    let required = schema.get("required").and_then(Value::as_array);
    let required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
    let mut all = Values::Exactly(1);
    for (name, field) in schema.get("properties")?.as_object()? {
        let missing = Values::Exactly(u128::from(!required(name)));
        all = all.times(of(field)?.plus(missing));
    }
    Some(all)
}

fn sum(all: impl Iterator<Item = Option<Values>>) -> Option<Values> {
    all.into_iter()
        .try_fold(Values::Exactly(0), |sum, one| Some(sum.plus(one?)))
}

/// Reads a whole number, which may be written with decimals: `3.0` is one.
fn whole(schema: &Map<String, Value>, key: &str) -> Option<i128> {
    let number = schema.get(key)?.as_number()?;
    let written = || format!("{:.0}", number.as_f64().unwrap_or_default());
    let exact = number.as_i64().map(i128::from);
    exact.or_else(|| written().parse().ok())
}

fn after(schema: &Map<String, Value>, key: &str, step: i128) -> Option<i128> {
    Some(whole(schema, key)? + step)
}

fn length(schema: &Map<String, Value>, key: &str) -> Option<u32> {
    u32::try_from(whole(schema, key)?).ok()
}

impl Values {
    /// Counts the values of either.
    pub(super) fn plus(self, other: Self) -> Self {
        match (self, other) {
            (any, Self::Exactly(0)) | (Self::Exactly(0), any) => any,
            (Self::Exactly(one), Self::Exactly(two)) => one.checked_add(two).map_or_else(
                || {
                    let least = (real(one) + real(two)).log2();
                    Self::Beyond(Beyond { least, most: 129.0 })
                },
                Self::Exactly,
            ),
            _ => {
                let (one, two) = (self.logarithm(), other.logarithm());
                let larger = one.least.max(two.least);
                let smaller = one.least.min(two.least);
                Self::Beyond(Beyond {
                    least: larger + (smaller - larger).exp2().ln_1p() / 2f64.ln(),
                    most: one.most.max(two.most) + 1.0,
                })
            }
        }
    }

    /// Counts the pairs.
    fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exactly(0), _) | (_, Self::Exactly(0)) => return Self::Exactly(0),
            (Self::Exactly(one), Self::Exactly(two)) => {
                if let Some(exact) = one.checked_mul(two) {
                    return Self::Exactly(exact);
                }
            }
            (Self::Beyond(_), _) | (_, Self::Beyond(_)) => {}
        }
        let (one, two) = (self.logarithm(), other.logarithm());
        Self::Beyond(Beyond {
            least: one.least + two.least,
            most: one.most + two.most,
        })
    }

    /// Counts the lists of `shortest..=longest` of these.
    fn in_a_row(self, shortest: u32, longest: u32) -> Self {
        if let Some(exact) = self.exactly_in_a_row(shortest, longest) {
            return Self::Exactly(exact);
        }
        let one = self.logarithm();
        let lengths = longest - shortest + 1;
        // How many lists there are for each of the longest, all lengths together.
        let shares = (0..lengths).map(|fewer| (-one.least * f64::from(fewer)).exp2());
        let shares: f64 = shares.sum();
        let (longest, lengths) = (f64::from(longest), f64::from(lengths));
        Self::Beyond(Beyond {
            least: one.least * longest + shares.log2(),
            most: one.most * longest + lengths.log2() + GRAIN,
        })
    }

    fn exactly_in_a_row(self, shortest: u32, longest: u32) -> Option<u128> {
        let one = match self {
            Self::Exactly(one) => one,
            Self::Beyond(_) if shortest > longest => 0,
            Self::Beyond(_) => return None,
        };
        let mut lengths = shortest..=longest;
        lengths.try_fold(0u128, |sum, length| {
            sum.checked_add(one.checked_pow(length)?)
        })
    }

    fn logarithm(self) -> Beyond {
        match self {
            Self::Exactly(values) => {
                let least = real(values).log2();
                let most = least + GRAIN;
                Beyond { least, most }
            }
            Self::Beyond(beyond) => beyond,
        }
    }
}
