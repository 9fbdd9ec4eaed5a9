//! Does a projection carry every label that its bytes have, whatever way it was reached?

use proptest::prelude::*;

use crate::doc::Doc;
use crate::support::label;
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::pointer::{MAX_DEPTH, Pointer};
use lazaret_kernel::tree::{LabelTree, MAX_LABELLED_FIELDS};

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn pattern() -> impl Strategy<Value = Pointer> {
    "(/[ab*0]){0,3}".prop_map(|text| pointer(&text))
}

/// Patterns that are all different, as the keys of a policy's table are.
fn fields() -> impl Strategy<Value = Vec<(Pointer, Label)>> {
    prop::collection::btree_map(pattern(), label(), 0..7).prop_map(|map| map.into_iter().collect())
}

/// The rule in words: the deepest pattern decides; among equals, the one that is literal
/// where the other has a `*`, from the end; and a `*` adds the label of its list.
fn naive(root: Label, fields: &[(Pointer, Label)], at: &Pointer) -> Label {
    let whole = fields
        .iter()
        .filter(|(pattern, _)| *pattern == Pointer::ROOT);
    let root = whole.fold(root, |sum, (_, label)| sum.join(*label));
    let deciding = |at: &Pointer| {
        let covering = fields.iter().filter(|(pattern, _)| {
            let (deep, here) = (pattern.segments(), at.segments());
            let mut both = deep.iter().zip(here);
            !deep.is_empty() && deep.len() <= here.len() && both.all(|(a, b)| a == "*" || a == b)
        });
        covering.max_by_key(|(pattern, _)| {
            let literal: Vec<bool> = pattern
                .segments()
                .iter()
                .rev()
                .map(|one| one != "*")
                .collect();
            (pattern.segments().len(), literal)
        })
    };
    let Some((pattern, label)) = deciding(at) else {
        return root;
    };
    let lists = pattern
        .segments()
        .iter()
        .enumerate()
        .filter(|(_, segment)| *segment == "*");
    lists.fold(*label, |sum, (depth, _)| {
        let list = at
            .segments()
            .iter()
            .take(depth)
            .fold(Pointer::ROOT, |list, segment| {
                list.then(&pointer(&format!("/{segment}")))
            });
        sum.join(deciding(&list).map_or(root, |(_, label)| *label))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_projection_has_the_label_of_the_naive_rule(
        root in label(), fields in fields(), at in pattern(),
    ) {
        let tree = LabelTree::declared(root, fields.clone());
        prop_assert_eq!(tree.project(&at).root(), naive(root, &fields, &at));
    }

    #[test]
    fn the_order_in_which_fields_are_declared_does_not_matter(
        root in label(), fields in fields(), at in pattern(),
    ) {
        let backwards = fields.iter().rev().cloned().collect();
        let (one, other) = (LabelTree::declared(root, fields), LabelTree::declared(root, backwards));
        prop_assert_eq!(one.project(&at).root(), other.project(&at).root());
        prop_assert_eq!(one.joined(), other.joined());
    }

    #[test]
    fn no_way_in_two_steps_leads_lower_than_one(
        root in label(), fields in fields(), first in pattern(), second in pattern(),
    ) {
        let tree = LabelTree::declared(root, fields);
        let (at_once, in_two) = (tree.project(&first.then(&second)), tree.project(&first).project(&second));
        prop_assert!(at_once.root().flows_to(in_two.root()), "{:?} {:?}", at_once, in_two);
        prop_assert!(at_once.joined().flows_to(in_two.joined()));
    }

    #[test]
    fn the_join_is_above_every_part(root in label(), fields in fields(), at in pattern(), index in 0usize..2) {
        let tree = LabelTree::declared(root, fields);
        prop_assert!(tree.project(&at).joined().flows_to(tree.joined()));
        prop_assert!(tree.item(index).joined().flows_to(tree.joined()));
        prop_assert!(tree.root().flows_to(tree.joined()));
    }

    #[test]
    fn a_raised_tree_is_raised_everywhere(
        root in label(), fields in fields(), at in pattern(), by in label(),
    ) {
        let tree = LabelTree::declared(root, fields);
        let raised = tree.clone().raised(by);
        prop_assert_eq!(raised.project(&at).root(), tree.project(&at).root().join(by));
        prop_assert_eq!(raised.joined(), tree.joined().join(by));
    }

    #[test]
    fn a_join_carries_what_both_do_whatever_way_a_part_is_reached(
        roots in [label(), label()], one in fields(), other in fields(),
        at in pattern(), then in pattern(), index in 0usize..2,
    ) {
        let one = LabelTree::declared(roots[0], one);
        let other = LabelTree::declared(roots[1], other);
        let both = one.join(&other);
        prop_assert_eq!(both.joined(), one.joined().join(other.joined()));
        prop_assert_eq!(&one.join(&one), &one);
        for tree in [&one, &other] {
            for (own, joined) in [
                (tree.project(&at), both.project(&at)),
                (tree.project(&at).project(&then), both.project(&at).project(&then)),
                (tree.item(index).project(&at), both.item(index).project(&at)),
            ] {
                prop_assert!(own.root().flows_to(joined.root()), "{tree:?} {both:?}");
                prop_assert!(own.joined().flows_to(joined.joined()), "{tree:?} {both:?}");
            }
        }
    }

    #[test]
    fn raised_by_what_is_above_it_a_tree_carries_what_the_other_does(
        roots in [label(), label()], one in fields(), other in fields(), at in pattern(),
    ) {
        let one = LabelTree::declared(roots[0], one);
        let other = LabelTree::declared(roots[1], other);
        let above = one.above(&other);
        prop_assert!(above.flows_to(one.joined()));
        prop_assert_eq!(one.above(&one), Label::BOTTOM);
        let raised = other.raised(above);
        prop_assert!(one.project(&at).root().flows_to(raised.project(&at).root()));
    }

    #[test]
    fn a_composition_never_lends_the_label_of_one_leaf_to_the_bytes_of_another(
        writer in label(),
        leaves in prop::collection::vec((pattern(), [label(), label(), label()], label()), 0..4),
        backwards in any::<bool>(), at in pattern(), then in pattern(),
    ) {
        let trees: Vec<LabelTree> = leaves.iter().map(|(_, [root, a, b], _)| {
            LabelTree::declared(*root, vec![(pointer("/a"), *a), (pointer("/b/0"), *b)])
        }).collect();
        let composed = LabelTree::composed(writer, leaves.iter().zip(&trees)
            .map(|((place, _, floor), tree)| (place.clone(), tree, *floor)));
        let document = build(&leaves, backwards);
        for (label, value) in [
            (composed.project(&at).joined(), document.at(&at)),
            (composed.project(&at).project(&then).joined(), document.at(&at).at(&then)),
        ] {
            prop_assert!(writer.flows_to(label));
            for word in words(&value) {
                let (leaf, part) = (usize::try_from(word / 3).unwrap(), usize::try_from(word % 3).unwrap());
                let (_, labels, floor) = &leaves[leaf];
                prop_assert!(labels[part].join(*floor).flows_to(label), "{document:?} {composed:?}");
            }
        }
    }
}

type Leaf = (Pointer, [Label; 3], Label);

/// Builds the document with leaf `i`'s words `3i` (root), `3i + 1` (`/a`), `3i + 2` (`/b/0`).
fn build(leaves: &[Leaf], backwards: bool) -> Doc {
    let mut places: Vec<(u64, &Leaf)> = (0..).zip(leaves).collect();
    if backwards {
        places.reverse();
    }
    let mut document = Doc::Null;
    for (index, (place, _, _)) in places {
        let word = |part| Doc::Word(3 * index + part);
        let value = Doc::map([
            ("a", word(1)),
            ("*", word(0)),
            ("b", Doc::List(vec![word(2)])),
        ]);
        document.put(place.segments(), value);
    }
    document
}

/// Every word in a value.
fn words(value: &Doc) -> Vec<u64> {
    match value {
        Doc::Null => Vec::new(),
        Doc::Word(word) => vec![*word],
        Doc::List(items) => items.iter().flat_map(words).collect(),
        Doc::Map(fields) => fields.values().flat_map(words).collect(),
    }
}

/// Trusted, but for the tag `web`.
fn web() -> Label {
    Label {
        taint: TagSet::of(0),
        readers: Readers::PUBLIC,
    }
}

#[test]
fn a_trusted_field_of_an_untrusted_object_is_trusted() {
    let tree = LabelTree::declared(web(), vec![(pointer("/number"), Label::BOTTOM)]);
    assert_eq!(
        tree.project(&pointer("/number")),
        LabelTree::flat(Label::BOTTOM)
    );
    assert_eq!(tree.project(&pointer("/title")).root(), web());
    assert_eq!(tree.joined(), web());
}

#[test]
fn a_trusted_field_below_an_untrusted_list_is_trusted_once_the_length_is_paid_for() {
    let tree = LabelTree::declared(web(), vec![(pointer("/*/number"), Label::BOTTOM)]);
    assert_eq!(tree.project(&pointer("/3/number")).root(), web());
    assert_eq!(
        tree.project(&pointer("/3"))
            .project(&pointer("/number"))
            .root(),
        web()
    );
    assert_eq!(
        tree.item(3).project(&pointer("/number")).root(),
        Label::BOTTOM
    );
    assert_eq!(tree.item(3).project(&pointer("/title")).root(), web());
}

#[test]
fn a_field_that_one_tree_labels_higher_leaves_its_neighbours_as_they_are() {
    let was = LabelTree::declared(Label::BOTTOM, vec![(pointer("/title"), web())]);
    let with = |label| vec![(pointer("/title"), web()), (pointer("/body"), label)];
    let now = LabelTree::declared(Label::BOTTOM, with(web()));
    assert_eq!((now.above(&was), was.above(&now)), (web(), Label::BOTTOM));
    assert_eq!(LabelTree::flat(web()).above(&was), web());
    // The title was as high before.
    let trusted = LabelTree::declared(Label::BOTTOM, with(Label::BOTTOM));
    assert_eq!(trusted.above(&was), Label::BOTTOM);

    let body = LabelTree::declared(Label::BOTTOM, vec![(pointer("/body"), web())]);
    let both = was.join(&body);
    assert_eq!(both.project(&pointer("/title")).root(), web());
    assert_eq!(both.project(&pointer("/body")).root(), web());
    assert_eq!(both.project(&pointer("/number")).root(), Label::BOTTOM);
    assert_eq!(both.root(), Label::BOTTOM);
}

/// `/0/a` is `/*/a`'s in one tree and `/0/*`'s in the other.
#[test]
fn patterns_that_cross_label_the_whole() {
    let one = LabelTree::declared(Label::BOTTOM, vec![(pointer("/*/a"), web())]);
    let other = LabelTree::declared(Label::BOTTOM, vec![(pointer("/0/*"), Label::BOTTOM)]);
    assert_eq!(one.join(&other), LabelTree::flat(web()));
    assert_eq!(one.above(&other), web());
    // The twins: the same patterns in both, and patterns that never match the same place.
    assert_eq!(one.join(&one), one);
    let apart = LabelTree::declared(Label::BOTTOM, vec![(pointer("/0/b"), Label::BOTTOM)]);
    assert_eq!(one.join(&apart).root(), Label::BOTTOM);
}

#[test]
fn a_leaf_that_is_the_whole_document_gives_the_document_its_label() {
    let leaf = LabelTree::flat(web());
    let composed = LabelTree::composed(Label::BOTTOM, [(Pointer::ROOT, &leaf, Label::BOTTOM)]);
    assert_eq!(composed.root(), web());
}

#[test]
fn one_labelled_field_too_many_labels_the_whole() {
    let fields = |count: usize| -> Vec<(Pointer, Label)> {
        (0..count)
            .map(|index| (Pointer::item(index), web()))
            .collect()
    };
    let most = LabelTree::declared(Label::BOTTOM, fields(MAX_LABELLED_FIELDS));
    assert_eq!(most.root(), Label::BOTTOM);
    let over = LabelTree::declared(Label::BOTTOM, fields(MAX_LABELLED_FIELDS + 1));
    assert_eq!(over, LabelTree::flat(web()));
}

#[test]
fn nesting_too_deep_labels_the_whole_instead_of_growing() {
    let deepest = pointer(&"/a".repeat(MAX_DEPTH));
    let tree = LabelTree::declared(Label::BOTTOM, vec![(deepest, web())]);
    assert_eq!(tree.root(), Label::BOTTOM);
    let over = LabelTree::composed(Label::BOTTOM, [(pointer("/b"), &tree, Label::BOTTOM)]);
    assert_eq!(over, LabelTree::flat(web()));
}

/// Who has paid to know how many items there are does not pay for the list with each of them.
#[test]
fn an_item_of_a_list_that_was_looked_up_carries_its_own_label_alone() {
    let label = |tag| Label {
        taint: TagSet::of(tag),
        readers: Readers::PUBLIC,
    };
    let pointer = |text| Pointer::parse(text).unwrap();
    let fields = vec![(pointer("/list"), label(0)), (pointer("/list/*"), label(1))];
    let list = LabelTree::declared(Label::BOTTOM, fields).project(&pointer("/list"));
    assert_eq!(list.root(), label(0));
    assert_eq!(list.fields(), [(pointer("/*"), label(1))]);
    assert_eq!(list.item(0).root(), label(1));
    assert_eq!(
        list.project(&Pointer::item(0)).root(),
        label(0).join(label(1))
    );
}
