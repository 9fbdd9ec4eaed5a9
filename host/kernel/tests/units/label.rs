//! Is the order of labels a lattice, and do the sets fold safely past their maximum?

use proptest::prelude::*;

use crate::support::{label, readers, tags};
use lazaret_kernel::label::{Label, MAX_READERS, MAX_TAGS, Readers, TagSet};

proptest! {
    #[test]
    fn join_is_commutative_associative_and_idempotent(a in label(), b in label(), c in label()) {
        prop_assert_eq!(a.join(b), b.join(a));
        prop_assert_eq!(a.join(b).join(c), a.join(b.join(c)));
        prop_assert_eq!(a.join(a), a);
    }

    #[test]
    fn the_order_is_partial(a in label(), b in label(), c in label()) {
        prop_assert!(a.flows_to(a));
        prop_assert_eq!(a.flows_to(b) && b.flows_to(a), a == b);
        prop_assert!(!(a.flows_to(b) && b.flows_to(c)) || a.flows_to(c));
    }

    #[test]
    fn what_is_beyond_another_label_covers_it_together_with_that_one(
        a in label(),
        b in label(),
    ) {
        prop_assert_eq!(a.beyond(b) == Label::BOTTOM, a.flows_to(b));
        prop_assert!(a.flows_to(a.beyond(b).join(b)));
        prop_assert!(a.beyond(b).flows_to(a));
    }

    #[test]
    fn join_is_the_least_upper_bound(a in label(), b in label(), c in label()) {
        prop_assert!(a.flows_to(a.join(b)) && b.flows_to(a.join(b)));
        prop_assert_eq!(a.flows_to(b), a.join(b) == b);
        prop_assert_eq!(a.flows_to(c) && b.flows_to(c), a.join(b).flows_to(c));
    }

    #[test]
    fn bottom_and_top_bound_every_label(a in label()) {
        prop_assert!(Label::BOTTOM.flows_to(a) && a.flows_to(Label::TOP));
        prop_assert_eq!(a.join(Label::BOTTOM), a);
        prop_assert_eq!(a.join(Label::TOP), Label::TOP);
    }

    #[test]
    fn sets_of_tags_behave_as_sets(a in tags(), b in tags()) {
        let (left, right): (Vec<u8>, Vec<u8>) = (a.iter().collect(), b.iter().collect());
        prop_assert_eq!(a.is_subset(b), left.iter().all(|tag| right.contains(tag)));
        prop_assert_eq!(a.intersects(b), left.iter().any(|tag| right.contains(tag)));
        let without: Vec<u8> = left.iter().copied().filter(|tag| !right.contains(tag)).collect();
        prop_assert_eq!(a.without(b).iter().collect::<Vec<_>>(), without);
        prop_assert_eq!(a.is_empty(), left.is_empty());
        prop_assert_eq!((a & b) | a.without(b), a);
    }

    #[test]
    fn sets_of_readers_behave_as_sets(a in readers(), b in readers()) {
        let (left, right): (Vec<u8>, Vec<u8>) = (a.iter().collect(), b.iter().collect());
        prop_assert_eq!(a.is_subset(b), left.iter().all(|one| right.contains(one)));
        let without: Vec<u8> = left.iter().copied().filter(|one| !right.contains(one)).collect();
        prop_assert_eq!(a.without(b).iter().collect::<Vec<_>>(), without);
        prop_assert_eq!(a.is_nobody(), left.is_empty());
        prop_assert_eq!(a.is_public(), left.len() == 128);
        prop_assert_eq!((a & b) | a.without(b), a);
    }
}

#[test]
fn every_index_is_a_set_of_its_own_up_to_the_maximum() {
    for index in 0..MAX_TAGS {
        assert_eq!(TagSet::of(index).iter().collect::<Vec<_>>(), [index]);
        assert!(!TagSet::of(index).intersects(TagSet::UNKNOWN));
    }
    for index in 0..MAX_READERS {
        assert_eq!(Readers::of(index).iter().collect::<Vec<_>>(), [index]);
    }
}

#[test]
fn one_past_the_maximum_a_tag_is_unknown_and_a_reader_is_nobody() {
    for index in [MAX_TAGS, MAX_TAGS + 1, u8::MAX] {
        assert_eq!(TagSet::of(index), TagSet::UNKNOWN);
    }
    for index in [MAX_READERS, MAX_READERS + 1, u8::MAX] {
        assert_eq!(Readers::of(index), Readers::NOBODY);
    }
}

#[test]
fn only_public_content_may_go_to_a_stranger() {
    assert!(Readers::STRANGER.is_subset(Readers::PUBLIC));
    let named = (0..MAX_READERS).fold(Readers::NOBODY, |all, index| all | Readers::of(index));
    assert!(!Readers::STRANGER.is_subset(named));
    assert!(!named.is_public());
}

#[test]
fn a_reader_of_both_sets_is_in_their_union() {
    let (one, other) = (Readers::of(1), Readers::of(2));
    assert_eq!(one | one, one);
    assert_eq!((one | other) | other, one | other);
}
