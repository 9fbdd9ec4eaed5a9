//! Items of principals whom the policy trusts: what their labels are, however one comes to them.

use std::collections::BTreeSet;

use crate::stage::{
    FETCH, MAIL, OPERATOR, Stage, WEB, effect, pointer, readable_by, shown, stage, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, ItemOrigins, Media, Vouched};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tree::LabelTree;

/// A list below `/mails` of which item 1 is of a trusted sender. Bodies are tainted, and the
/// list itself has the label `list`.
fn mails(list: Label) -> Facts {
    let fields = vec![
        (pointer("/mails"), list),
        (pointer("/mails/*"), list),
        (pointer("/mails/*/from"), Label::BOTTOM),
        (pointer("/mails/*/body"), tainted(MAIL)),
    ];
    Facts {
        labels: LabelTree::declared(Label::BOTTOM, fields),
        origins: Origins::NONE,
        items: Some(ItemOrigins {
            list: pointer("/mails"),
            first: Origin(0),
            vouched: Some(Vouched::new(BTreeSet::from([1]), MAIL | WEB)),
        }),
        media: Media::Json,
    }
}

fn at(stage: &mut Stage, root: InstanceId, whole: Handle, place: &str) -> Handle {
    stage
        .project(root, whole, &pointer(place), |whole| whole)
        .unwrap()
}

fn label_at(stage: &mut Stage, root: InstanceId, whole: Handle, place: &str) -> Label {
    let part = at(stage, root, whole, place);
    shown(stage, root, part)
}

#[test]
fn an_item_of_a_trusted_sender_is_trusted_and_its_neighbours_are_not() {
    let (mut stage, root) = stage();
    let all = stage.admit(root, mails(Label::BOTTOM), "mails").unwrap();
    let mut label = |place| label_at(&mut stage, root, all, place);
    assert_eq!(label("/mails/1/body"), Label::BOTTOM);
    assert_eq!(label("/mails/1"), Label::BOTTOM);
    assert_eq!(label("/mails/0/body"), tainted(MAIL));
    assert_eq!(label("/mails/2"), tainted(MAIL));
    assert_eq!(
        label("/mails/01/body"),
        Label::BOTTOM,
        "a number is a number"
    );
    assert_eq!(
        label("/mails"),
        tainted(MAIL),
        "the whole is as its worst item"
    );
}

#[test]
fn one_comes_to_the_same_label_in_one_step_or_in_three() {
    let (mut stage, root) = stage();
    let all = stage.admit(root, mails(Label::BOTTOM), "mails").unwrap();
    for (item, label) in [("/1", Label::BOTTOM), ("/2", tainted(MAIL))] {
        let list = at(&mut stage, root, all, "/mails");
        let item = at(&mut stage, root, list, item);
        assert_eq!(label_at(&mut stage, root, item, "/body"), label);
    }
}

#[test]
fn a_split_gives_each_item_its_own_label() {
    let (mut stage, root) = stage();
    let all = stage.admit(root, mails(tainted(WEB)), "mails").unwrap();
    let list = at(&mut stage, root, all, "/mails");
    let (items, bits) = stage.split(root, list, 3, |_| vec!["a", "b", "c"]).unwrap();
    assert_eq!(bits, Bits::whole(2));
    let labels: Vec<Label> = items
        .iter()
        .map(|item| shown(&stage, root, *item))
        .collect();
    let tainted = tainted(WEB | MAIL);
    assert_eq!(labels, [tainted, Label::BOTTOM, tainted]);
}

/// Whether there is an item 1 is what strangers decide who write to the list.
#[test]
fn that_there_is_such_an_item_is_still_the_lists_secret() {
    let (mut stage, root) = stage();
    let all = stage.admit(root, mails(tainted(WEB)), "mails").unwrap();
    assert_eq!(label_at(&mut stage, root, all, "/mails/1"), tainted(WEB));
    assert_eq!(
        label_at(&mut stage, root, all, "/mails/1/body"),
        tainted(WEB)
    );
    // Also where the source has one label for everything, of which the sender takes all away.
    let flat = Facts {
        labels: LabelTree::flat(tainted(MAIL)),
        ..mails(Label::BOTTOM)
    };
    let all = stage.admit(root, flat, "mails").unwrap();
    for place in ["/mails/1", "/mails/1/body"] {
        let label = label_at(&mut stage, root, all, place);
        assert_eq!(label, tainted(MAIL), "{place}");
    }
}

#[test]
fn readers_stay() {
    let (mut stage, root) = stage();
    let mut facts = mails(Label::BOTTOM);
    facts.labels = facts.labels.raised(readable_by(OPERATOR));
    let all = stage.admit(root, facts, "mails").unwrap();
    let label = label_at(&mut stage, root, all, "/mails/1/body");
    assert_eq!(label, readable_by(OPERATOR));
}

/// The sender vouches for the mail and not for the question with which it was found.
#[test]
fn what_went_into_the_call_stays_on_every_item_of_its_answer() {
    let (mut stage, root) = stage();
    let query = text(&mut stage, root, tainted(MAIL));
    let permit = effect(&mut stage, root, FETCH, &[query]).unwrap();
    let answer = stage.answer(&permit, mails(Label::BOTTOM), "mails");
    let answer = answer.unwrap();
    let label = label_at(&mut stage, root, answer, "/mails/1/body");
    assert_eq!(label, tainted(MAIL));
    // Nor does it go where it is paid for that there is such an item.
    let list = at(&mut stage, root, answer, "/mails");
    let (items, _) = stage.split(root, list, 3, |_| vec!["a", "b"]).unwrap();
    assert_eq!(shown(&stage, root, items[1]), tainted(MAIL));
}

#[test]
fn what_was_composed_vouches_for_nothing() {
    let (mut stage, root) = stage();
    let all = stage.admit(root, mails(Label::BOTTOM), "mails").unwrap();
    let leaves = [(Some(Pointer::ROOT), all)];
    let whole = stage
        .compose(root, Media::Json, &leaves, |_| "mails")
        .unwrap();
    assert_eq!(
        label_at(&mut stage, root, whole, "/mails/1/body"),
        tainted(MAIL)
    );
}
