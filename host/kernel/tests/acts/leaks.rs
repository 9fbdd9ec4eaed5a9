//! Ways in which untrusted bytes once told more than was paid for: each is closed.

use crate::stage::{
    BOTH, CLASSIFY, FLOATING, MAIL, OPERATOR, READER, Stage, TRIAGE, WEB, both, end, pointer,
    result, shown, spawn, stage, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::{Delivery, Ending, EndingKind};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::FunctionId;
use lazaret_kernel::tree::LabelTree;

/// A child that has read a page from the web and holds these parts too.
fn reader(stage: &mut Stage, parent: InstanceId, parts: &[Handle]) -> (InstanceId, Vec<Handle>) {
    let page = text(stage, parent, tainted(WEB));
    let all: Vec<Handle> = parts.iter().copied().chain([page]).collect();
    let (child, mut held) = spawn(stage, parent, READER, &all);
    let page = held.pop().unwrap();
    stage.read(child, page).unwrap();
    (child, held)
}

fn compose(stage: &mut Stage, who: InstanceId, leaves: &[(&str, Handle)]) -> Handle {
    let leaves: Vec<_> = leaves
        .iter()
        .map(|(at, leaf)| (Some(pointer(at)), *leaf))
        .collect();
    stage
        .compose(who, Media::Json, &leaves, |_| "composed")
        .unwrap()
}

fn project(stage: &mut Stage, who: InstanceId, whole: Handle, at: &str) -> Label {
    let part = stage.project(who, whole, &pointer(at), |all| all).unwrap();
    shown(stage, who, part)
}

#[test]
fn which_clean_part_a_tainted_child_hands_back_is_tainted() {
    let (mut stage, root) = stage();
    let clean = [
        text(&mut stage, root, Label::BOTTOM),
        text(&mut stage, root, Label::BOTTOM),
    ];
    let (child, parts) = reader(&mut stage, root, &clean);
    let chosen = result(&mut stage, child, root, Ending::Held(parts[1], "none"));
    assert_eq!(shown(&stage, root, chosen), tainted(WEB));
    stage.read(root, chosen).unwrap();
    assert_eq!(
        stage.current(root),
        Ok(tainted(WEB)),
        "to know the choice is to know the page"
    );
}

#[test]
fn which_clean_part_a_child_with_a_tainted_text_hands_back_is_tainted() {
    let (mut stage, root) = stage();
    let (page, clean) = (
        text(&mut stage, root, tainted(WEB)),
        text(&mut stage, root, Label::BOTTOM),
    );
    let spawned = stage.spawn(root, READER, &[page], &[clean], 7).unwrap();
    let chosen = result(
        &mut stage,
        spawned.child,
        root,
        Ending::Held(spawned.parts[0], "none"),
    );
    stage.read(root, chosen).unwrap();
    assert_eq!(stage.current(root), Ok(tainted(WEB)));
}

#[test]
fn a_grandchilds_result_does_not_show_more_for_having_been_handed_on() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let (child, parts) = spawn(&mut stage, root, FLOATING, &[page]);
    let (grandchild, parts) = spawn(&mut stage, child, FLOATING, &parts);
    stage.read(grandchild, parts[0]).unwrap();
    let answer = result(&mut stage, grandchild, child, Ending::None("none"));
    assert_eq!(shown(&stage, child, answer), Label::TOP);
    let answer = result(&mut stage, child, root, Ending::Held(answer, "none"));
    assert_eq!(
        shown(&stage, root, answer),
        Label::TOP,
        "what it really read stays inside"
    );
}

#[test]
fn a_risen_child_cannot_speak_through_labels_outside_its_reach() {
    let (mut stage, root) = stage();
    let (child, _) = reader(&mut stage, root, &[]);
    let outside = text(&mut stage, child, tainted(MAIL)); // entered by no grant of its profile
    let Delivery::Outcome(kind, handle, _) =
        end(&mut stage, child, root, Ending::Held(outside, "none"))
    else {
        panic!("there are bits left")
    };
    assert_eq!(
        (kind, shown(&stage, root, handle)),
        (EndingKind::Failed, tainted(WEB))
    );
}

#[test]
fn a_childs_answer_to_its_tainted_task_does_not_show_whether_it_read_on() {
    let (mut stage, root) = stage();
    let mut seen = Vec::new();
    for reads_on in [true, false] {
        let (task, mail) = (
            text(&mut stage, root, tainted(WEB)),
            text(&mut stage, root, tainted(MAIL)),
        );
        let spawned = stage.spawn(root, BOTH, &[task], &[mail], 7).unwrap();
        if reads_on {
            stage.read(spawned.child, spawned.parts[0]).unwrap();
        }
        let answer = result(
            &mut stage,
            spawned.child,
            root,
            Ending::Created(Media::Json, "x"),
        );
        seen.push(shown(&stage, root, answer));
    }
    assert_eq!(seen, [tainted(WEB | MAIL); 2]);
}

#[test]
fn the_media_type_of_a_tainted_answer_is_no_free_bit() {
    let (mut stage, root) = stage();
    let seen = [Media::Text, Media::Json].map(|media| {
        let (child, _) = reader(&mut stage, root, &[]);
        let answer = result(&mut stage, child, root, Ending::Created(media, "x"));
        stage.describe(root, answer).unwrap()
    });
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn who_reads_an_answer_gets_its_true_media_type() {
    let (mut stage, root) = stage();
    let (child, _) = reader(&mut stage, root, &[]);
    let answer = result(&mut stage, child, root, Ending::Created(Media::Text, "x"));
    assert_eq!(stage.read(root, answer).unwrap().facts().media, Media::Text);
}

#[test]
fn a_count_that_was_free_for_a_tainted_child_is_not_free_for_its_clean_parent() {
    let (mut stage, root) = stage();
    let list = text(&mut stage, root, tainted(WEB));
    let (child, parts) = reader(&mut stage, root, &[list]);
    assert_eq!(
        stage.split(child, parts[0], 7, |_| vec!["a"]).unwrap().1,
        Bits::ZERO
    );
    assert_eq!(
        stage.split(root, list, 7, |_| vec!["a"]).unwrap().1,
        Bits::whole(3)
    );
}

#[test]
fn a_value_that_one_rule_paid_for_is_not_free_by_another() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    stage.gate(root, page, CLASSIFY, 1, Bits::whole(2)).unwrap();
    let denied = stage
        .gate(root, page, TRIAGE, 1, Bits::whole(2))
        .unwrap_err();
    assert_eq!(
        denied,
        Denial::GateItemBudget(TRIAGE),
        "the second rule's own budget counts"
    );
}

#[test]
fn a_list_that_is_the_whole_of_a_composition_is_not_counted_for_free() {
    let (mut stage, root) = stage();
    let list = text(&mut stage, root, tainted(WEB));
    for at in [None, Some(Pointer::ROOT)] {
        let wrapped = stage
            .compose(root, Media::Json, &[(at, list)], |_| "[]")
            .unwrap();
        assert_eq!(
            stage.split(root, wrapped, 7, |_| vec!["a"]).unwrap().1,
            Bits::whole(3)
        );
    }
}

#[test]
fn a_clean_leaf_lends_its_label_to_no_tainted_byte() {
    let (mut stage, root) = stage();
    let (bad, clean) = (
        text(&mut stage, root, tainted(WEB)),
        text(&mut stage, root, Label::BOTTOM),
    );
    let attacks: [(&[(&str, Handle)], &str); 5] = [
        (&[("/a/b", clean), ("/a", bad)], "/a/b"),
        (&[("/a", bad), ("/a/b", clean)], "/a/b"),
        (&[("/a", bad), ("/a", clean)], "/a"),
        (&[("/*/b", clean), ("/a", bad)], "/a/b"),
        (&[("", bad), ("/a", clean)], "/a"),
    ];
    for (leaves, at) in attacks {
        let whole = compose(&mut stage, root, leaves);
        assert_eq!(
            project(&mut stage, root, whole, at),
            tainted(WEB),
            "{leaves:?} {at}"
        );
    }
}

#[test]
fn a_projection_in_two_steps_is_no_way_around_an_exact_label() {
    let (mut stage, root) = stage();
    for reversed in [false, true] {
        let mut fields = vec![
            (pointer("/3/body"), tainted(MAIL)),
            (pointer("/*/body"), Label::BOTTOM),
        ];
        if reversed {
            fields.reverse();
        }
        let labels = LabelTree::declared(Label::BOTTOM, fields);
        let facts = Facts {
            labels,
            ..Facts::flat(Label::BOTTOM, Origins::NONE, Media::Json)
        };
        let list = stage.admit(root, facts, "list").unwrap();
        let third = stage
            .project(root, list, &pointer("/3"), |all| all)
            .unwrap();
        assert_eq!(project(&mut stage, root, third, "/body"), tainted(MAIL));
    }
}

#[test]
fn whether_an_untrusted_list_goes_on_is_not_told_by_a_trusted_field() {
    let (mut stage, root) = stage();
    let labels = LabelTree::declared(tainted(WEB), vec![(pointer("/*/number"), Label::BOTTOM)]);
    let facts = Facts {
        labels,
        ..Facts::flat(Label::BOTTOM, Origins::NONE, Media::Json)
    };
    let list = stage.admit(root, facts, "list").unwrap();
    // Null or a number: to read it is to know whether there are eight items.
    assert_eq!(project(&mut stage, root, list, "/7/number"), tainted(WEB));
    let (items, bits) = stage.split(root, list, 15, |_| vec!["item"]).unwrap();
    assert_eq!(bits, Bits::whole(4));
    assert_eq!(
        project(&mut stage, root, items[0], "/number"),
        Label::BOTTOM
    );
}

#[test]
fn compositions_within_compositions_do_not_grow_without_end() {
    let (mut stage, root) = stage();
    let mut whole = text(&mut stage, root, tainted(WEB));
    for _ in 0..100 {
        whole = compose(&mut stage, root, &[("/a/a/a/a/a/a/a/a", whole)]);
    }
    assert_eq!(
        project(&mut stage, root, whole, "/b"),
        tainted(WEB),
        "labelled as a whole"
    );
}

#[test]
fn a_private_result_is_not_made_public_by_an_outcome() {
    let (mut stage, root) = stage();
    let secret = text(&mut stage, root, both(WEB, OPERATOR));
    let (child, parts) = spawn(&mut stage, root, FLOATING, &[secret]);
    stage.read(child, parts[0]).unwrap();
    let answer = result(
        &mut stage,
        child,
        root,
        Ending::Created(Media::Text, "secret"),
    );
    stage.read(root, answer).unwrap();
    let sent = stage.effect(
        root,
        FunctionId(3),
        &[],
        lazaret_kernel::label::Readers::NOBODY,
    );
    assert!(matches!(sent, Err(Denial::Recipients { .. })));
}
