//! Random labels: few names, so that sets meet often, and the extremes of each dimension.

use proptest::prelude::*;

use lazaret_kernel::label::{Label, MAX_READERS, MAX_TAGS, Readers, TagSet};

/// Any set of tags, the empty and the full one included.
pub(crate) fn tags() -> impl Strategy<Value = TagSet> {
    prop_oneof![
        1 => Just(TagSet::EMPTY),
        1 => Just(TagSet::ALL),
        6 => prop::collection::vec(prop_oneof![0u8..4, Just(MAX_TAGS - 1), Just(MAX_TAGS)], 0..4)
            .prop_map(|all| all.into_iter().map(TagSet::of).fold(TagSet::EMPTY, |a, b| a | b)),
    ]
}

/// Any set of readers, everybody and nobody included.
pub(crate) fn readers() -> impl Strategy<Value = Readers> {
    prop_oneof![
        2 => Just(Readers::PUBLIC),
        1 => Just(Readers::NOBODY),
        1 => Just(Readers::STRANGER),
        6 => prop::collection::vec(prop_oneof![0u8..4, Just(MAX_READERS - 1)], 0..4)
            .prop_map(|all| all.into_iter().map(Readers::of).fold(Readers::NOBODY, |a, b| a | b)),
    ]
}

/// Any label.
pub(crate) fn label() -> impl Strategy<Value = Label> {
    (tags(), readers()).prop_map(|(taint, readers)| Label { taint, readers })
}
