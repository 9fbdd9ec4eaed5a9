//! Do origins remember up to sixteen items, and then say that there are many?

use std::collections::BTreeSet;

use proptest::prelude::*;

use lazaret_kernel::content::{Facts, ItemOrigins, Media};
use lazaret_kernel::label::Label;
use lazaret_kernel::origins::{MAX_ORIGINS, Origin, Origins};
use lazaret_kernel::pointer::Pointer;

fn of(items: impl IntoIterator<Item = u32>) -> Origins {
    (items.into_iter()).fold(Origins::NONE, |all, item| {
        all.union(&Origins::of(Origin(item)))
    })
}

proptest! {
    #[test]
    fn a_union_holds_the_items_of_both_until_there_are_many(
        left in prop::collection::vec(0u32..24, 0..20),
        right in prop::collection::vec(0u32..24, 0..20),
    ) {
        let both: BTreeSet<u32> = left.iter().chain(&right).copied().collect();
        let union = of(left.clone()).union(&of(right.clone()));
        prop_assert_eq!(union.is_many(), both.len() > MAX_ORIGINS);
        if !union.is_many() {
            let items: Vec<u32> = union.items().iter().map(|item| item.0).collect();
            prop_assert_eq!(items, both.into_iter().collect::<Vec<_>>());
        }
        prop_assert_eq!(union, of(right).union(&of(left)));
        prop_assert_eq!(union.union(&union), union);
    }
}

#[test]
fn sixteen_items_are_listed_and_one_more_makes_many_for_ever() {
    let full = of((0..16).rev());
    assert_eq!(full.items().len(), MAX_ORIGINS);
    assert!(!full.is_many());
    assert_eq!(full.union(&of([3])), full);
    let many = full.union(&of([16]));
    assert!(many.is_many() && many.items().is_empty());
    assert!(many.union(&of([1])).is_many() && of([1]).union(&many).is_many());
}

/// A list of two items under `/issues`, the first of which is origin 7.
fn issues() -> Facts {
    let list = Pointer::parse("/issues").unwrap();
    Facts {
        items: Some(ItemOrigins {
            vouched: None,
            list,
            first: Origin(7),
        }),
        ..Facts::flat(Label::BOTTOM, of([1]), Media::Json)
    }
}

#[test]
fn a_part_of_an_item_is_made_of_that_item_alone() {
    // (pointer, the origins of what stands there)
    let cases: [(&str, &[u32]); 8] = [
        ("", &[1]),
        ("/issues", &[1]),
        ("/issues/0", &[7]),
        ("/issues/1/title", &[8]),
        ("/issues/x", &[1]),
        ("/issues/4294967295", &[1]),
        ("/other/1", &[1]),
        ("/*/1", &[1]),
    ];
    for (pointer, expected) in cases {
        let facts = issues().project(&Pointer::parse(pointer).unwrap());
        assert_eq!(facts.origins, of(expected.iter().copied()), "{pointer}");
    }
    let list = issues().project(&Pointer::parse("/issues").unwrap());
    assert_eq!(list.item(1).origins, of([8]));
}
