//! create, describe, read, project, compose, split: who rises, and by which label.

use crate::stage::{
    MAIL, OPERATOR, WEB, actor, both, item, pointer, readable_by, shown, stage, stage_with, tables,
    tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::ledger::{Channel, Payer};
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::tree::LabelTree;

#[test]
fn content_above_the_clearance_is_held_and_described_but_never_read() {
    let (mut stage, _) = stage();
    for label in [
        tainted(WEB | MAIL),
        both(WEB, OPERATOR),
        readable_by(Readers::NOBODY),
    ] {
        let clearance = tainted(WEB);
        let reader = actor(&mut stage, Label::BOTTOM, clearance);
        let held = text(&mut stage, reader, label);
        assert_eq!(stage.describe(reader, held), Ok((Media::Text, label)));
        let denied = stage.read(reader, held).unwrap_err();
        assert_eq!(denied, Denial::Clearance { label, clearance });
        assert_eq!(
            stage.current(reader),
            Ok(Label::BOTTOM),
            "a denied read raises nobody"
        );
    }
}

#[test]
fn reading_raises_the_label_before_the_bytes_arrive() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let secret = text(&mut stage, root, readable_by(OPERATOR));
    assert_eq!(*stage.read(root, page).unwrap().payload(), "text");
    assert_eq!(stage.current(root), Ok(tainted(WEB)));
    stage.read(root, secret).unwrap();
    assert_eq!(stage.current(root), Ok(both(WEB, OPERATOR)));
}

#[test]
fn what_is_written_after_a_read_carries_what_was_read() {
    let (mut stage, root) = stage();
    let before = stage.create(root, Media::Text, "before").unwrap();
    let page = text(&mut stage, root, tainted(WEB));
    stage.read(root, page).unwrap();
    let after = stage.create(root, Media::Json, "after").unwrap();
    assert_eq!(shown(&stage, root, before), Label::BOTTOM);
    assert_eq!(stage.describe(root, after), Ok((Media::Json, tainted(WEB))));
}

#[test]
fn handles_alone_raise_nobody() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, both(WEB, OPERATOR));
    stage
        .project(root, page, &pointer("/a"), |all| all)
        .unwrap();
    stage
        .compose(root, Media::Text, &[(None, page)], |_| "sum")
        .unwrap();
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
}

#[test]
fn a_projection_has_the_fields_label_whether_or_not_the_field_is_there() {
    let (mut stage, root) = stage();
    let labels = LabelTree::declared(tainted(WEB), vec![(pointer("/number"), Label::BOTTOM)]);
    let facts = Facts {
        labels,
        ..Facts::flat(Label::BOTTOM, Origins::NONE, Media::Json)
    };
    let issue = stage.admit(root, facts, "issue").unwrap();
    for (at, label) in [
        ("/number", Label::BOTTOM),
        ("/title", tainted(WEB)),
        ("/none", tainted(WEB)),
    ] {
        for payload in ["there", "null"] {
            let part = stage
                .project(root, issue, &pointer(at), |_| payload)
                .unwrap();
            assert_eq!(stage.describe(root, part), Ok((Media::Json, label)), "{at}");
        }
    }
}

#[test]
fn a_composed_text_carries_all_its_pieces_and_its_writer() {
    let (mut stage, _) = stage();
    let writer = actor(&mut stage, readable_by(OPERATOR), Label::TOP);
    let (web, mail) = (
        text(&mut stage, writer, tainted(WEB)),
        text(&mut stage, writer, tainted(MAIL)),
    );
    let sum = stage.compose(
        writer,
        Media::Text,
        &[(None, web), (None, mail)],
        |leaves| {
            assert_eq!(leaves.len(), 2);
            "sum"
        },
    );
    assert_eq!(
        shown(&stage, writer, sum.unwrap()),
        both(WEB | MAIL, OPERATOR)
    );
}

#[test]
fn a_composed_json_keeps_the_labels_of_its_leaves_apart() {
    let (mut stage, root) = stage();
    let (web, clean) = (
        text(&mut stage, root, tainted(WEB)),
        text(&mut stage, root, Label::BOTTOM),
    );
    let leaves = [
        (Some(pointer("/web")), web),
        (Some(pointer("/clean")), clean),
    ];
    let whole = stage.compose(root, Media::Json, &leaves, |_| "{}").unwrap();
    assert_eq!(shown(&stage, root, whole), tainted(WEB));
    for (at, label) in [
        ("/web", tainted(WEB)),
        ("/clean", Label::BOTTOM),
        ("/new", Label::BOTTOM),
    ] {
        let part = stage.project(root, whole, &pointer(at), |all| all).unwrap();
        assert_eq!(shown(&stage, root, part), label, "{at}");
    }
}

#[test]
fn composing_with_a_forged_leaf_is_refused_before_anything_is_built() {
    let (mut stage, root) = stage();
    let mine = text(&mut stage, root, Label::BOTTOM);
    let forged = lazaret_kernel::instance::Handle(mine.0 + 1);
    let denied = stage.compose(root, Media::Text, &[(None, mine), (None, forged)], |_| {
        panic!("nothing may be built")
    });
    assert_eq!(denied, Err(Denial::UnknownHandle));
}

#[test]
fn counting_a_list_above_the_caller_costs_the_logarithm_of_its_bound() {
    let (mut stage, root) = stage();
    let list = item(&mut stage, root, tainted(WEB), 5);
    let (handles, bits) = stage.split(root, list, 7, |_| vec!["a", "b"]).unwrap();
    assert_eq!((handles.len(), bits), (2, Bits::whole(3)));
    assert_eq!(stage.ledger().total(), Bits::whole(3));
    let payers: Vec<_> = stage.ledger().by_payer().collect();
    assert_eq!(
        payers,
        [(Payer::Item(Origin(5)), Channel::Count, Bits::whole(3))]
    );
    assert_eq!(shown(&stage, root, handles[0]), tainted(WEB));
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
}

#[test]
fn counting_the_same_list_up_to_the_same_bound_twice_is_paid_for_once() {
    let (mut stage, root) = stage();
    let list = text(&mut stage, root, tainted(WEB));
    stage.split(root, list, 7, |_| vec![]).unwrap();
    assert_eq!(
        stage.split(root, list, 7, |_| vec![]).unwrap().1,
        Bits::ZERO
    );
    assert_eq!(
        stage.split(root, list, 8, |_| vec![]).unwrap().1,
        Bits::of_choices(9)
    );
    let again = stage.project(root, list, &pointer(""), |all| all).unwrap();
    assert_eq!(
        stage.split(root, again, 7, |_| vec![]).unwrap().1,
        Bits::whole(3)
    );
}

#[test]
fn counting_what_the_caller_already_carries_is_free() {
    let (mut stage, _) = stage();
    let caller = actor(&mut stage, tainted(WEB), Label::TOP);
    let list = text(&mut stage, caller, tainted(WEB));
    assert_eq!(
        stage.split(caller, list, 7, |_| vec!["a"]).unwrap().1,
        Bits::ZERO
    );
}

#[test]
fn what_was_counted_for_nothing_by_who_carries_it_costs_who_does_not() {
    let (mut stage, root) = stage();
    let list = item(&mut stage, root, tainted(WEB), 5);
    let nested = stage.nest(root, &[list], Label::BOTTOM, 7).unwrap();
    let (other, own) = (nested.child, nested.parts);
    assert_eq!(stage.spends_its_own(other), Ok(false));
    stage.read(root, list).unwrap();
    let (_, free) = stage.split(root, list, 7, |_| vec![]).unwrap();
    let (_, paid) = stage.split(other, own[0], 7, |_| vec![]).unwrap();
    assert_eq!((free, paid), (Bits::ZERO, Bits::whole(3)));
}

#[test]
fn no_more_handles_come_out_than_were_paid_for() {
    let (mut stage, root) = stage();
    let list = text(&mut stage, root, tainted(WEB));
    assert_eq!(
        stage
            .split(root, list, 2, |_| vec!["a", "b", "c"])
            .unwrap()
            .0
            .len(),
        2
    );
    let (none, bits) = stage.split(root, list, 0, |_| vec!["a"]).unwrap();
    assert_eq!((none.len(), bits), (0, Bits::ZERO));
}

/// A table that is nearly full would tell whether the list is longer than what is left of it.
#[test]
fn a_list_of_any_length_is_counted_only_where_there_is_room_for_the_most_items() {
    let mut tables = tables();
    tables.limits.handles = 3;
    for length in [0, 1, 2] {
        let (mut stage, root) = stage_with(tables.clone());
        let list = text(&mut stage, root, tainted(WEB));
        let items = |_: &&'static str| vec!["item"; length];
        let denied = stage.split(root, list, 3, items);
        assert_eq!(denied, Err(Denial::TooManyHandles));
        assert_eq!(stage.ledger().total(), Bits::ZERO);
        let (handles, bits) = stage.split(root, list, 2, items).unwrap();
        assert_eq!((handles.len(), bits), (length, Bits::of_choices(3)));
    }
}

#[test]
fn who_counts_a_private_list_may_no_longer_speak_in_public() {
    let (mut stage, root) = stage();
    let list = text(&mut stage, root, both(WEB, OPERATOR));
    stage.split(root, list, 7, |_| vec!["a"]).unwrap();
    assert_eq!(stage.current(root), Ok(readable_by(OPERATOR)));
}

#[test]
fn a_refused_count_costs_nothing_and_raises_nobody() {
    let mut tables = tables();
    tables.limits.gate_bits = Bits::whole(3);
    let (mut stage, root) = stage_with(tables);
    let list = text(&mut stage, root, both(WEB, OPERATOR));
    let denied = stage.split(root, list, 8, |_| panic!("nothing may be counted"));
    assert_eq!(denied, Err(Denial::GateRunBudget));
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));

    let low = actor(&mut stage, Label::BOTTOM, tainted(WEB));
    let secret = text(&mut stage, low, both(WEB, OPERATOR));
    let denied = stage.split(low, secret, 1, |_| panic!("nothing may be counted"));
    assert!(matches!(denied, Err(Denial::Clearance { .. })));
    assert_eq!(stage.ledger().total(), Bits::ZERO);
    assert!(
        stage.split(root, list, 7, |_| vec![]).is_ok(),
        "all three bits are left"
    );
}

#[test]
fn origins_follow_the_content_through_every_act() {
    let (mut stage, root) = stage();
    let (one, two) = (
        item(&mut stage, root, tainted(WEB), 1),
        item(&mut stage, root, tainted(MAIL), 2),
    );
    let sum = stage
        .compose(root, Media::Text, &[(None, one), (None, two)], |_| "sum")
        .unwrap();
    let part = stage.project(root, sum, &pointer("/x"), |all| all).unwrap();
    let origins =
        |content: &lazaret_kernel::content::Content<_>| content.facts().origins.items().to_vec();
    assert_eq!(
        origins(&stage.read(root, part).unwrap()),
        [Origin(1), Origin(2)]
    );
    let written = stage.create(root, Media::Text, "mine").unwrap();
    assert_eq!(
        origins(&stage.read(root, written).unwrap()),
        [Origin(1), Origin(2)]
    );
    assert!(stage.current(root).unwrap().taint == (WEB | MAIL) && TagSet::EMPTY.is_empty());
}
