//! gate(handle, part), gate(handle, member-of), and releasing: who may ask, what comes back,
//! how many answers there are.

use std::collections::BTreeSet;

use crate::stage::{
    CLASSIFY, MODEL, OPERATOR, READER, RELEASE, Stage, TRIAGE, WEB, actor, both, grants, item,
    readable_by, result, shown, spawn, stage, stage_with, tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::monitor::Ending;
use lazaret_kernel::tables::{ProfileId, ProfileRule};

/// The share of who has as much as there is.
const ALL: Bits = Bits::UNBOUNDED;

/// A child that read the page and hands back what `ends` makes of its handles.
fn chooser(
    stage: &mut Stage,
    root: InstanceId,
    parts: &[Handle],
    ends: impl FnOnce(&[Handle]) -> Ending<&'static str>,
) -> Handle {
    let page = item(stage, root, tainted(WEB), 7);
    let all: Vec<Handle> = parts.iter().copied().chain([page]).collect();
    let (child, own) = spawn(stage, root, READER, &all);
    stage.read(child, own[parts.len()]).unwrap();
    let ending = ends(&own);
    result(stage, child, root, ending)
}

fn three(stage: &mut Stage, root: InstanceId) -> Vec<Handle> {
    (0..3).map(|_| text(stage, root, Label::BOTTOM)).collect()
}

#[test]
fn the_caller_gets_its_own_handle_back_and_pays_for_one_of_so_many() {
    let (mut stage, root) = stage();
    let parts = three(&mut stage, root);
    let chosen = chooser(&mut stage, root, &parts, |own| Ending::Held(own[1], ""));
    assert_eq!(shown(&stage, root, chosen), tainted(WEB));
    let (own, permit) = stage.gate_part(root, chosen, CLASSIFY, 0, ALL).unwrap();
    assert_eq!(own, Some(parts[1]));
    // Three parts, the page, and none of them.
    assert_eq!(permit.charged(), Bits::of_choices(5));
    assert_eq!(stage.parts(root, chosen), Ok(4));
    assert_eq!(stage.parts(root, parts[1]), Ok(0));
    assert_eq!(shown(&stage, root, parts[1]), Label::BOTTOM);
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
    let (again, permit) = stage.gate_part(root, chosen, CLASSIFY, 0, ALL).unwrap();
    assert_eq!((again, permit.charged()), (own, Bits::ZERO));
}

#[test]
fn there_are_no_more_answers_than_are_charged_for() {
    let mut answers = BTreeSet::new();
    let mut charged = BTreeSet::new();
    for choice in 0..6 {
        let (mut stage, root) = stage();
        let parts = three(&mut stage, root);
        let chosen = chooser(&mut stage, root, &parts, |own| match choice {
            0..4 => Ending::Held(own[choice], ""),
            4 => Ending::Created(lazaret_kernel::content::Media::Json, "the second"),
            _ => Ending::Held(Handle(3), ""),
        });
        let (own, permit) = stage.gate_part(root, chosen, CLASSIFY, 0, ALL).unwrap();
        answers.insert(own.map(|own| own.0 & 0xff));
        charged.insert(permit.charged());
    }
    assert_eq!(charged, BTreeSet::from([Bits::of_choices(5)]));
    assert_eq!(answers.len(), 5);
}

#[test]
fn what_was_not_given_to_the_child_is_none_of_its_parts() {
    let (mut stage, root) = stage();
    let parts = three(&mut stage, root);
    let made = chooser(&mut stage, root, &parts, |_| {
        Ending::Created(lazaret_kernel::content::Media::Text, "text")
    });
    let (own, permit) = stage.gate_part(root, made, CLASSIFY, 0, ALL).unwrap();
    assert_eq!((own, permit.charged()), (None, Bits::of_choices(5)));
    let page = text(&mut stage, root, tainted(WEB));
    let (own, permit) = stage.gate_part(root, page, CLASSIFY, 0, ALL).unwrap();
    assert_eq!((own, permit.charged()), (None, Bits::ZERO));
}

#[test]
fn what_a_child_made_of_a_copy_is_not_the_part() {
    let (mut stage, root) = stage();
    let parts = three(&mut stage, root);
    let (child, own) = spawn(&mut stage, root, READER, &parts);
    let copy = stage
        .project(child, own[0], &crate::stage::pointer(""), |whole| whole)
        .unwrap();
    let given = result(&mut stage, child, root, Ending::Held(copy, ""));
    assert_eq!(
        stage.gate_part(root, given, CLASSIFY, 0, ALL).unwrap().0,
        None
    );
}

#[test]
fn what_a_child_chose_means_nothing_to_another() {
    let (mut stage, root) = stage();
    let parts = three(&mut stage, root);
    let chosen = chooser(&mut stage, root, &parts, |own| Ending::Held(own[1], ""));
    let (child, own) = spawn(&mut stage, root, crate::stage::FLOATING, &[chosen]);
    let refused = stage.gate_part(child, own[0], CLASSIFY, 0, ALL);
    assert!(matches!(refused, Err(Denial::GateNotGranted(CLASSIFY))));
    let back = result(&mut stage, child, root, Ending::Held(own[0], ""));
    let (own, _) = stage.gate_part(root, back, TRIAGE, 1, ALL).unwrap();
    assert_eq!(own, Some(chosen), "it chose the one part that it had");
}

#[test]
fn which_part_is_not_told_one_past_the_share_of_who_asks() {
    let (mut stage, root) = stage();
    let parts = three(&mut stage, root);
    let chosen = chooser(&mut stage, root, &parts, |own| Ending::Held(own[1], ""));
    let before = stage.ledger().total();
    let price = Bits::of_choices(5);
    let less = Bits::from_thousandths(price.thousandths() - 1);
    let refused = stage
        .gate_part(root, chosen, CLASSIFY, 0, less)
        .unwrap_err();
    assert_eq!(refused, Denial::GateRunBudget);
    assert_eq!(stage.ledger().total(), before);
    let (own, permit) = stage.gate_part(root, chosen, CLASSIFY, 0, price).unwrap();
    assert_eq!((own, permit.charged()), (Some(parts[1]), price));
    // What was paid for is told again, whatever is left.
    let again = stage
        .gate_part(root, chosen, CLASSIFY, 0, Bits::ZERO)
        .unwrap();
    assert_eq!(again.1.charged(), Bits::ZERO);
}

#[test]
fn which_part_is_judged_and_charged_as_every_gate() {
    let (mut stage, root) = stage();
    let parts = three(&mut stage, root);
    let chosen = chooser(&mut stage, root, &parts, |own| Ending::Held(own[1], ""));
    // Five answers are more than the one bit of this rule.
    let refused = stage.gate_part(root, chosen, TRIAGE, 0, ALL).unwrap_err();
    assert_eq!(refused, Denial::GateItemBudget(TRIAGE));
    let page = text(&mut stage, root, tainted(WEB));
    stage.read(root, page).unwrap();
    let refused = stage.gate_part(root, chosen, CLASSIFY, 0, ALL).unwrap_err();
    let excess = WEB;
    assert_eq!(
        refused,
        Denial::GateCaller {
            gate: CLASSIFY,
            excess
        }
    );
}

#[test]
fn a_list_of_members_is_one_that_the_caller_could_read_without_rising() {
    let (mut stage, root) = stage();
    let list = text(&mut stage, root, Label::BOTTOM);
    assert_eq!(*stage.members(root, list).unwrap().payload(), "text");
    for label in [tainted(WEB), readable_by(OPERATOR)] {
        let above = text(&mut stage, root, label);
        let refused = stage.members(root, above).unwrap_err();
        let clearance = Label::BOTTOM;
        assert_eq!(refused, Denial::Clearance { label, clearance });
    }
    let refused = stage.members(root, Handle(5)).unwrap_err();
    assert_eq!(refused, Denial::UnknownHandle);
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
}

#[test]
fn a_release_widens_the_readers_and_leaves_the_taint() {
    let (mut stage, root) = stage();
    let secret = item(&mut stage, root, both(WEB, OPERATOR), 3);
    let permit = stage
        .gate(root, secret, RELEASE, 0, Bits::whole(1))
        .unwrap();
    assert_eq!(permit.charged(), Bits::whole(1));
    let current = stage.current(root).unwrap();
    assert_eq!(current, both(WEB, OPERATOR | MODEL));
}

#[test]
fn who_may_not_be_told_at_all_releases_nothing() {
    let (mut stage, _) = stage();
    let shut = actor(&mut stage, Label::BOTTOM, tainted(WEB));
    let secret = text(&mut stage, shut, readable_by(OPERATOR));
    let refused = stage.gate(shut, secret, RELEASE, 0, Bits::whole(1));
    assert!(matches!(refused, Err(Denial::Clearance { .. })));
    let open = actor(&mut stage, Label::BOTTOM, both(WEB, OPERATOR));
    let secret = text(&mut stage, open, readable_by(OPERATOR));
    stage
        .gate(open, secret, RELEASE, 0, Bits::whole(1))
        .unwrap();
}

#[test]
fn who_knows_a_secret_has_no_say_in_releasing_another() {
    let (mut stage, root) = stage();
    let [one, other] = [0, 1].map(|_| text(&mut stage, root, readable_by(OPERATOR)));
    stage.read(root, one).unwrap();
    let refused = stage
        .gate(root, other, RELEASE, 0, Bits::whole(1))
        .unwrap_err();
    let (gate, excess) = (RELEASE, MODEL);
    assert_eq!(refused, Denial::GateReaders { gate, excess });
}

#[test]
fn who_carries_a_strangers_words_has_no_say_in_releasing_a_secret() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    stage.read(root, page).unwrap();
    let secret = text(&mut stage, root, readable_by(OPERATOR));
    let refused = stage
        .gate(root, secret, RELEASE, 0, Bits::whole(1))
        .unwrap_err();
    let (gate, excess) = (RELEASE, WEB);
    assert_eq!(refused, Denial::GateCaller { gate, excess });
}

#[test]
fn a_rule_that_releases_nobody_leaves_the_readers() {
    let (mut stage, root) = stage();
    let secret = text(&mut stage, root, both(WEB, OPERATOR));
    stage
        .gate(root, secret, CLASSIFY, 0, Bits::whole(1))
        .unwrap();
    assert_eq!(stage.current(root), Ok(readable_by(OPERATOR)));
    assert_ne!(stage.current(root).unwrap().readers, Readers::PUBLIC);
}

#[test]
fn what_a_child_chose_among_is_not_told_to_another_that_may_ask() {
    let mut tables = tables();
    tables.profiles.push(ProfileRule {
        grants: grants(&[], &[CLASSIFY]),
        clearance: Label::TOP,
        reserve: Bits::ZERO,
    });
    let asker = ProfileId(u16::try_from(tables.profiles.len() - 1).unwrap());
    let (mut stage, root) = stage_with(tables);
    let parts = three(&mut stage, root);
    let chosen = chooser(&mut stage, root, &parts, |own| Ending::Held(own[1], ""));
    let (child, own) = spawn(&mut stage, root, asker, &[chosen]);
    assert_eq!(stage.parts(child, own[0]), Ok(0));
    let (told, _) = stage.gate_part(child, own[0], CLASSIFY, 0, ALL).unwrap();
    assert_eq!(told, None);
}
