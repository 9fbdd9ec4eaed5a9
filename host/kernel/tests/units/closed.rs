//! Does the capacity of a type cover every value that it has?

use proptest::prelude::*;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::closed::{ClosedType, Field, MAX_TYPE_DEPTH};

/// The most values that a test writes down one by one.
const ENUMERATED: usize = 20_000;

/// A random type with few values.
fn small() -> impl Strategy<Value = ClosedType> {
    let leaf = prop_oneof![
        Just(ClosedType::Null),
        Just(ClosedType::Boolean),
        (0u64..4).prop_map(|values| ClosedType::Enum { values }),
        (-3i64..3, -3i64..3)
            .prop_map(|(minimum, maximum)| ClosedType::Integer { minimum, maximum }),
        (0u32..4, 0u32..4, 0u32..4).prop_map(|(alphabet, minimum, maximum)| {
            ClosedType::Pattern {
                alphabet,
                minimum,
                maximum,
            }
        }),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec((any::<bool>(), inner.clone()), 0..3).prop_map(|fields| {
                let field = |(optional, value)| Field { optional, value };
                ClosedType::Record(fields.into_iter().map(field).collect())
            }),
            (inner.clone(), 0u32..3, 0u32..4).prop_map(|(item, minimum, maximum)| {
                ClosedType::List {
                    item: Box::new(item),
                    minimum,
                    maximum,
                }
            }),
            prop::collection::vec(inner, 0..3).prop_map(ClosedType::Union),
        ]
    })
}

/// Writes down every value of a type, as a text of its own; `None` where there are too many.
fn values(of: &ClosedType) -> Option<Vec<String>> {
    let all: Vec<String> = match of {
        ClosedType::Null => vec!["n".to_owned()],
        ClosedType::Boolean => vec!["t".to_owned(), "f".to_owned()],
        ClosedType::Enum { values } => (0..*values).map(|value| format!("e{value}")).collect(),
        ClosedType::Integer { minimum, maximum } => (*minimum..=*maximum)
            .map(|value| value.to_string())
            .collect(),
        ClosedType::Pattern {
            alphabet,
            minimum,
            maximum,
        } => {
            let letters: Vec<String> = (0..*alphabet).map(|letter| format!("<{letter}>")).collect();
            lists(&letters, *minimum, *maximum)?
        }
        ClosedType::Record(fields) => {
            let mut all = vec![String::new()];
            for field in fields {
                let mut choices = values(&field.value)?;
                choices.extend(field.optional.then(|| "-".to_owned()));
                all = pairs(&all, &choices)?;
            }
            all
        }
        ClosedType::List {
            item,
            minimum,
            maximum,
        } => lists(&values(item)?, *minimum, *maximum)?,
        ClosedType::Union(types) => {
            let mut all = Vec::new();
            for (number, one) in types.iter().enumerate() {
                all.extend(
                    values(one)?
                        .into_iter()
                        .map(|value| format!("{number}:{value}")),
                );
            }
            all
        }
    };
    (all.len() <= ENUMERATED).then_some(all)
}

fn pairs(left: &[String], right: &[String]) -> Option<Vec<String>> {
    (left.len() * right.len() <= ENUMERATED).then(|| {
        left.iter()
            .flat_map(|a| right.iter().map(move |b| format!("{a},{b}")))
            .collect()
    })
}

fn lists(items: &[String], minimum: u32, maximum: u32) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut of_length = vec![String::new()];
    for length in 0..=maximum {
        if length >= minimum {
            all.extend(of_length.iter().map(|list| format!("[{list}]")));
        }
        of_length = pairs(&of_length, items)?;
    }
    Some(all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn capacity_is_the_logarithm_of_the_enumerated_values_and_invalid(of in small()) {
        let Some(mut all) = values(&of) else { return Ok(()) };
        let written = all.len();
        all.sort();
        all.dedup();
        prop_assert_eq!(all.len(), written, "the enumeration repeats itself");
        let choices = u128::try_from(written).unwrap() + 1;
        prop_assert_eq!(of.capacity(), Bits::of_choices(choices), "{} values", written);
    }
}

#[test]
fn types_with_more_values_than_fit_are_bounded_from_above() {
    let byte = || ClosedType::Enum { values: 256 };
    let record = |fields: usize| {
        let field = || Field {
            optional: false,
            value: byte(),
        };
        ClosedType::Record((0..fields).map(|_| field()).collect())
    };
    let text = |length| ClosedType::Pattern {
        alphabet: 256,
        minimum: length,
        maximum: length,
    };
    // (type, the true number of bits but for `invalid`)
    let cases = [
        (record(15), 120),
        (record(16), 128),
        (record(40), 320),
        (text(15), 120),
        (text(17), 136),
        (text(10_000), 80_000),
        (ClosedType::Union(vec![record(16), record(16)]), 129),
        (ClosedType::Union(vec![record(17), record(17)]), 137),
        (ClosedType::Union(vec![text(16); 4]), 130),
        (
            ClosedType::Integer {
                minimum: i64::MIN,
                maximum: i64::MAX,
            },
            64,
        ),
    ];
    for (of, bits) in cases {
        let capacity = of.capacity();
        assert!(capacity >= Bits::whole(bits), "{of:?} has {capacity}");
        assert!(capacity <= Bits::whole(bits + 3), "{of:?} has {capacity}");
    }
}

/// Each length has at most as many sequences as the longest.
#[test]
fn sequences_past_what_fits_are_counted_by_the_longest_and_the_lengths() {
    for (minimum, maximum) in [(0, 200), (3, 200), (200, 200)] {
        let of = ClosedType::List {
            item: Box::new(ClosedType::Boolean),
            minimum,
            maximum,
        };
        let lengths = u128::from(maximum - minimum + 1);
        let capacity = Bits::whole(maximum) + Bits::of_choices(lengths);
        assert_eq!(
            of.capacity(),
            capacity + Bits::whole(1),
            "{minimum}..={maximum}"
        );
    }
}

#[test]
fn a_list_that_can_only_be_empty_has_one_value() {
    for item in [
        ClosedType::Null,
        ClosedType::Boolean,
        ClosedType::Enum { values: 0 },
    ] {
        let list = ClosedType::List {
            item: Box::new(item),
            minimum: 0,
            maximum: 0,
        };
        assert_eq!(list.capacity(), Bits::whole(1));
    }
    let text = ClosedType::Pattern {
        alphabet: 1,
        minimum: 0,
        maximum: 0,
    };
    assert_eq!(text.capacity(), Bits::whole(1));
}

#[test]
fn lengths_alone_are_counted_up_to_the_greatest() {
    let nulls = |minimum, maximum| ClosedType::List {
        item: Box::new(ClosedType::Null),
        minimum,
        maximum,
    };
    assert_eq!(
        nulls(0, u32::MAX).capacity(),
        Bits::of_choices((1 << 32) + 1)
    );
    assert_eq!(nulls(1, u32::MAX).capacity(), Bits::whole(32));
    assert_eq!(nulls(3, 2).capacity(), Bits::ZERO);
}

#[test]
fn a_type_one_level_too_deep_is_over_every_budget() {
    let wrappers: [fn(ClosedType) -> ClosedType; 3] = [
        |inner| ClosedType::Union(vec![inner]),
        |inner| {
            ClosedType::Record(vec![Field {
                optional: false,
                value: inner,
            }])
        },
        |inner| ClosedType::List {
            item: Box::new(inner),
            minimum: 1,
            maximum: 1,
        },
    ];
    for wrap in wrappers {
        let nested = |levels: usize| (0..levels).fold(ClosedType::Boolean, |inner, _| wrap(inner));
        assert_eq!(nested(MAX_TYPE_DEPTH).capacity(), Bits::of_choices(3));
        assert_eq!(nested(MAX_TYPE_DEPTH + 1).capacity(), Bits::UNBOUNDED);
    }
}
