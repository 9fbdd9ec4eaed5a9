//! nest, narrow and learn: an orchestrator that another starts has no more than its parent, a
//! narrowed child has less than its profile, and order is learned only below the clearance.

use crate::stage::{
    ASK_MODEL, CLASSIFY, MAIL, READER, STORE, WEB, actor, effect, end, grants, result, shown,
    spawn, stage, stage_with, tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::{Delivery, Ending, EndingKind};

#[test]
fn a_nested_orchestrator_starts_at_its_parents_label_with_its_parents_clearance_and_grants() {
    let (mut stage, _) = stage();
    let parent = stage.start_root(
        tainted(WEB),
        tainted(WEB),
        grants(&[ASK_MODEL, STORE], &[CLASSIFY]),
        5,
    );
    let mail = text(&mut stage, parent, tainted(MAIL));
    let nested = stage.nest(parent, &[mail], Label::BOTTOM, 7).unwrap();
    assert_eq!(stage.current(nested.child), Ok(tainted(WEB)));
    assert_eq!(stage.clearance(nested.child), stage.clearance(parent));
    let all = *stage.grants(parent).unwrap();
    assert_eq!(stage.grants(nested.child), Ok(&all));
    // What it was given it holds, and may not read above its clearance.
    let denied = stage.read(nested.child, nested.parts[0]).unwrap_err();
    assert!(matches!(denied, Denial::Clearance { .. }));
}

/// The result of one that may read everything would be as high as everything, for nobody.
#[test]
fn a_nested_orchestrator_rises_no_further_than_to_what_it_can_come_to_hold() {
    let mut tables = tables();
    tables.profiles.retain(|one| one.clearance != Label::TOP);
    let (mut stage, parent) = stage_with(tables);
    let mail = text(&mut stage, parent, tainted(MAIL));
    let nested = stage.nest(parent, &[mail], Label::BOTTOM, 7).unwrap();
    let clearance = stage.clearance(nested.child).unwrap();
    assert!(tainted(MAIL).flows_to(clearance));
    assert!(clearance.readers.is_public(), "{clearance:?}");
    stage.read(nested.child, nested.parts[0]).unwrap();
    let ending = Ending::Created(Media::Text, "what it says");
    let told = end(&mut stage, nested.child, parent, ending);
    let Delivery::Outcome(EndingKind::Value, handle, _) = told else {
        panic!("{told:?}");
    };
    assert_eq!(shown(&stage, parent, handle), clearance);
}

/// What an agent could answer may be read: the clearance covers each that it may start.
#[test]
fn a_nested_orchestrator_may_read_what_its_agents_answer() {
    let (mut stage, _) = stage();
    let all = grants(&[ASK_MODEL, STORE], &[CLASSIFY]);
    let parent = stage.start_root(Label::BOTTOM, Label::TOP, all, 5);
    let nested = stage.nest(parent, &[], Label::BOTTOM, 7).unwrap();
    let clearance = stage.clearance(nested.child).unwrap();
    let (agent, _) = spawn(&mut stage, nested.child, READER, &[]);
    assert!(stage.clearance(agent).unwrap().flows_to(clearance));
}

#[test]
fn a_program_of_strangers_starts_at_its_own_label_and_only_where_that_may_be() {
    let (mut stage, root) = stage();
    let nested = stage.nest(root, &[], tainted(WEB), 7).unwrap();
    assert_eq!(stage.current(nested.child), Ok(tainted(WEB)));
    let opaque = actor(&mut stage, Label::BOTTOM, Label::BOTTOM);
    let denied = stage.nest(opaque, &[], tainted(WEB), 8).unwrap_err();
    assert!(matches!(denied, Denial::Clearance { .. }));
}

#[test]
fn a_forged_part_nests_nobody() {
    let (mut stage, root) = stage();
    let denied = stage
        .nest(root, &[Handle(3)], Label::BOTTOM, 7)
        .unwrap_err();
    assert_eq!(denied, Denial::UnknownHandle);
}

#[test]
fn what_a_nested_orchestrator_read_stays_on_its_result_and_its_outcome_is_paid() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let nested = stage.nest(root, &[page], Label::BOTTOM, 7).unwrap();
    stage.read(nested.child, nested.parts[0]).unwrap();
    let ending = Ending::Created(Media::Text, "what it says");
    let told = end(&mut stage, nested.child, root, ending);
    let Delivery::Outcome(EndingKind::Value, handle, bits) = told else {
        panic!("{told:?}");
    };
    assert_eq!(bits, Bits::whole(2));
    assert!(tainted(WEB).flows_to(shown(&stage, root, handle)));
}

#[test]
fn a_nested_orchestrator_that_read_nothing_above_its_start_tells_how_it_ended_for_free() {
    let (mut stage, root) = stage();
    let nested = stage.nest(root, &[], Label::BOTTOM, 7).unwrap();
    let told = end(&mut stage, nested.child, root, Ending::Failed("why"));
    let Delivery::Outcome(EndingKind::Failed, handle, bits) = told else {
        panic!("{told:?}");
    };
    assert_eq!(
        (bits, shown(&stage, root, handle)),
        (Bits::ZERO, Label::BOTTOM)
    );
}

/// Nothing that it waits for can stop it: it goes on in turns, and has no time and no tokens. But
/// when it ends is decided by that, and so is when its caller goes on.
#[test]
fn a_nested_orchestrator_is_moved_by_its_calls_only_in_time() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let nested = stage.nest(root, &[page], Label::BOTTOM, 7).unwrap();
    let permit = effect(&mut stage, nested.child, ASK_MODEL, &nested.parts).unwrap();
    assert!(permit.is_sealed());
    assert_eq!(stage.goes_on_by(nested.child), Ok(tainted(WEB)));
    let ended = stage.finish(nested.child, Ending::Failed("why")).unwrap();
    assert!(!ended.tells_more());
    assert_eq!(
        (ended.knowledge(), ended.when()),
        (Label::BOTTOM, tainted(WEB))
    );
    let told = stage.deliver(root, ended, "nothing").unwrap();
    let Delivery::Outcome(EndingKind::Failed, handle, Bits::ZERO) = told else {
        panic!("{told:?}");
    };
    assert_eq!(shown(&stage, root, handle), Label::BOTTOM);
    assert_eq!(stage.goes_on_by(root), Ok(tainted(WEB)));
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
}

#[test]
fn a_narrowed_child_keeps_only_what_both_have() {
    let (mut stage, root) = stage();
    let (child, _) = spawn(&mut stage, root, READER, &[]);
    stage.narrow(child, &grants(&[STORE], &[CLASSIFY])).unwrap();
    assert_eq!(stage.grants(child), Ok(&grants(&[], &[])));
}

#[test]
fn order_raises_who_learns_it_and_is_refused_above_the_clearance() {
    let (mut stage, root) = stage();
    stage.learn(root, tainted(WEB)).unwrap();
    assert_eq!(stage.current(root), Ok(tainted(WEB)));
    let opaque = actor(&mut stage, Label::BOTTOM, Label::BOTTOM);
    let denied = stage.learn(opaque, tainted(WEB)).unwrap_err();
    assert!(matches!(denied, Denial::Clearance { .. }));
    assert_eq!(stage.current(opaque), Ok(Label::BOTTOM));
}

/// What a child of the parent's chose among are the parent's handles.
#[test]
fn what_a_child_chose_means_nothing_to_a_nested_orchestrator() {
    let (mut stage, root) = stage();
    let parts = [0, 1].map(|_| text(&mut stage, root, Label::BOTTOM));
    let (child, own) = spawn(&mut stage, root, READER, &parts);
    let chosen = result(&mut stage, child, root, Ending::Held(own[1], ""));
    assert_eq!(stage.parts(root, chosen), Ok(2));
    let nested = stage.nest(root, &[chosen], Label::BOTTOM, 7).unwrap();
    assert_eq!(stage.parts(nested.child, nested.parts[0]), Ok(0));
    let (told, _) = stage
        .gate_part(nested.child, nested.parts[0], CLASSIFY, 0, Bits::UNBOUNDED)
        .unwrap();
    assert_eq!(told, None);
}
