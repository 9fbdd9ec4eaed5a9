//! Closed types: those with a known, finite number of values, which alone may pass a gate.

use crate::capacity::Bits;

/// The most levels of a closed type.
pub const MAX_TYPE_DEPTH: usize = 8;

/// A type whose values can be counted before any value is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClosedType {
    /// The value `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// One of so many given values.
    Enum {
        /// How many different values are listed.
        values: u64,
    },
    /// A whole number in a closed range.
    Integer {
        /// The least value.
        minimum: i64,
        /// The greatest value.
        maximum: i64,
    },
    /// A text of `minimum..=maximum` characters from an alphabet of so many.
    Pattern {
        /// How many characters there are to choose from.
        alphabet: u32,
        /// The least length in characters.
        minimum: u32,
        /// The greatest length in characters.
        maximum: u32,
    },
    /// Fields in the schema's order; an optional one counts its absence as a value.
    Record(Vec<Field>),
    /// A list of at most so many items.
    List {
        /// The type of each item.
        item: Box<Self>,
        /// The least number of items.
        minimum: u32,
        /// The greatest number of items.
        maximum: u32,
    },
    /// One of several types. Counted as if their values were all different.
    Union(Vec<Self>),
}

/// A field of a closed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Whether the field may be missing.
    pub optional: bool,
    /// The type of its value.
    pub value: ClosedType,
}

/// A number of values: exact while it fits 128 bits, a logarithm rounded up past that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    Exact(u128),
    Log(Bits),
}

impl ClosedType {
    /// Returns how many bits a gate of this type can let through: log₂ of the number
    /// of its values and `invalid`.
    pub fn capacity(&self) -> Bits {
        self.count(0).plus(Count::Exact(1)).bits()
    }

    fn count(&self, depth: usize) -> Count {
        if depth > MAX_TYPE_DEPTH {
            return Count::Log(Bits::UNBOUNDED);
        }
        match self {
            Self::Null => Count::Exact(1),
            Self::Boolean => Count::Exact(2),
            Self::Enum { values } => Count::Exact(u128::from(*values)),
            Self::Integer { minimum, maximum } => Count::Exact(range(*minimum, *maximum)),
            Self::Pattern {
                alphabet,
                minimum,
                maximum,
            } => sequences(Count::Exact(u128::from(*alphabet)), *minimum, *maximum),
            Self::Record(fields) => fields.iter().fold(Count::Exact(1), |all, field| {
                let absent = Count::Exact(u128::from(field.optional));
                all.times(field.value.count(depth + 1).plus(absent))
            }),
            Self::List {
                item,
                minimum,
                maximum,
            } => sequences(item.count(depth + 1), *minimum, *maximum),
            Self::Union(types) => types
                .iter()
                .fold(Count::Exact(0), |all, one| all.plus(one.count(depth + 1))),
        }
    }
}

impl Count {
    fn bits(self) -> Bits {
        match self {
            Self::Exact(values) => Bits::of_choices(values),
            Self::Log(bits) => bits,
        }
    }

    fn times(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact(0), _) | (_, Self::Exact(0)) => Self::Exact(0),
            (Self::Exact(a), Self::Exact(b)) => a
                .checked_mul(b)
                .map_or_else(|| Self::Log(self.bits() + other.bits()), Self::Exact),
            (a, b) => Self::Log(a.bits() + b.bits()),
        }
    }

    /// Past 128 bits a sum is bounded by twice the larger part.
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (any, Self::Exact(0)) | (Self::Exact(0), any) => any,
            (Self::Exact(a), Self::Exact(b)) => a
                .checked_add(b)
                .map_or(Self::Log(Bits::whole(129)), Self::Exact),
            (a, b) => Self::Log(a.bits().max(b.bits()) + Bits::whole(1)),
        }
    }
}

fn range(minimum: i64, maximum: i64) -> u128 {
    u128::try_from(i128::from(maximum) - i128::from(minimum) + 1).unwrap_or(0)
}

/// Counts the sequences of `minimum..=maximum` items. Where the exact sum does not fit,
/// each length has at most as many as the longest, and there are so many lengths.
fn sequences(item: Count, minimum: u32, maximum: u32) -> Count {
    if minimum > maximum {
        return Count::Exact(0);
    }
    exact_sequences(item, minimum, maximum).unwrap_or_else(|| {
        let lengths = u128::from(maximum - minimum) + 1;
        Count::Log(item.bits().times(u64::from(maximum)) + Bits::of_choices(lengths))
    })
}

fn exact_sequences(item: Count, minimum: u32, maximum: u32) -> Option<Count> {
    let Count::Exact(item) = item else {
        return None;
    };
    if item <= 1 {
        let empty = u128::from(minimum == 0);
        let others = (u128::from(maximum) + 1).saturating_sub(u128::from(minimum.max(1)));
        return Some(Count::Exact(empty + item * others));
    }
    let mut sum = 0u128;
    // At most 128 rounds: two to the power of more does not fit.
    for length in minimum..=maximum {
        sum = sum.checked_add(item.checked_pow(length)?)?;
    }
    Some(Count::Exact(sum))
}
