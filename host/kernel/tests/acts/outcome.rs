//! outcome and return: what a parent is told of a child's end, at which price.

use crate::stage::{
    BOTH, CLASSIFY, CLERK, FLOATING, MAIL, READER, Stage, WEB, actor, end, item, result, shown,
    spawn, stage, stage_with, tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::{Channel, Payer};
use lazaret_kernel::monitor::{Delivery, Ending, EndingKind};
use lazaret_kernel::origins::{Origin, Origins};

const OUTCOME: Bits = Bits::whole(2);

fn value() -> Ending<&'static str> {
    Ending::Created(Media::Text, "value")
}

/// Starts a reader that has read a page of one item.
fn reader(stage: &mut Stage, parent: InstanceId, origin: u32) -> InstanceId {
    let page = item(stage, parent, tainted(WEB), origin);
    let (child, parts) = spawn(stage, parent, READER, &[page]);
    stage.read(child, parts[0]).unwrap();
    child
}

#[test]
fn how_a_child_that_read_nothing_above_its_parent_ended_is_free() {
    let (mut stage, root) = stage();
    for (ending, kind) in [
        (value(), EndingKind::Value),
        (Ending::None("none"), EndingKind::None),
        (Ending::Unfit("unfit"), EndingKind::Unfit),
        (Ending::Failed("failed"), EndingKind::Failed),
    ] {
        let (child, _) = spawn(&mut stage, root, READER, &[]);
        let Delivery::Outcome(told, handle, bits) = end(&mut stage, child, root, ending) else {
            panic!("a free outcome is told");
        };
        assert_eq!((told, bits), (kind, Bits::ZERO));
        assert_eq!(shown(&stage, root, handle), Label::BOTTOM);
        assert_eq!(stage.current(child), Err(Denial::UnknownInstance));
    }
    assert_eq!(stage.ledger().total(), Bits::ZERO);
}

#[test]
fn how_a_child_that_read_above_its_parent_ended_costs_four_choices_once() {
    let (mut stage, root) = stage();
    let child = reader(&mut stage, root, 3);
    let Delivery::Outcome(kind, handle, bits) =
        end(&mut stage, child, root, Ending::Failed("trap"))
    else {
        panic!("there are bits left");
    };
    assert_eq!((kind, bits), (EndingKind::Failed, OUTCOME));
    let charged: Vec<_> = stage.ledger().by_payer().collect();
    assert_eq!(
        charged,
        [(Payer::Item(Origin(3)), Channel::Outcome, OUTCOME)]
    );
    assert_eq!(shown(&stage, root, handle), tainted(WEB));
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
}

#[test]
fn a_tainted_text_makes_the_outcome_cost_though_nothing_was_read() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let child = stage.spawn(root, READER, &[page], &[], 7).unwrap().child;
    assert!(matches!(
        end(&mut stage, child, root, value()),
        Delivery::Outcome(_, _, OUTCOME)
    ));
}

#[test]
fn a_parent_that_carries_all_the_child_could_know_pays_nothing() {
    let (mut stage, _) = stage();
    let parent = actor(&mut stage, tainted(WEB), Label::TOP);
    let child = reader(&mut stage, parent, 3);
    assert!(matches!(
        end(&mut stage, child, parent, value()),
        Delivery::Outcome(_, _, Bits::ZERO)
    ));
}

#[test]
fn without_bits_how_it_ended_stays_inside_the_handle() {
    for limit_of_run in [true, false] {
        let mut tables = tables();
        if limit_of_run {
            tables.limits.gate_bits = Bits::whole(4);
        } else {
            tables.limits.outcome_bits_per_item = Bits::whole(4);
        }
        let (mut stage, root) = stage_with(tables);
        for told in [true, true, false] {
            let child = reader(&mut stage, root, 3);
            let delivery = end(&mut stage, child, root, Ending::Failed("trap"));
            assert_eq!(matches!(delivery, Delivery::Outcome(..)), told);
        }
        let child = reader(&mut stage, root, 4);
        let delivery = end(&mut stage, child, root, value());
        assert_eq!(
            matches!(delivery, Delivery::Sealed(_)),
            limit_of_run,
            "items pay for themselves"
        );
    }
}

#[test]
fn all_that_is_sealed_looks_alike() {
    let mut tables = tables();
    tables.limits.gate_bits = Bits::ZERO;
    let (mut stage, root) = stage_with(tables);
    let page = text(&mut stage, root, tainted(WEB));
    let mut seen = Vec::new();
    for choice in 0..7 {
        let (child, parts) = spawn(&mut stage, root, READER, &[page]);
        stage.read(child, parts[0]).unwrap();
        let ending = match choice {
            0 => value(),
            1 => Ending::Created(Media::Json, "value"),
            2 => Ending::Held(parts[0], "no such handle"),
            3 => Ending::Held(Handle(1), "no such handle"),
            4 => Ending::None("skipped"),
            5 => Ending::Unfit("missed"),
            _ => Ending::Failed("trap"),
        };
        let Delivery::Sealed(handle) = end(&mut stage, child, root, ending) else {
            panic!("no bit is left");
        };
        seen.push(stage.describe(root, handle).unwrap());
    }
    seen.dedup();
    assert_eq!(seen, [(Media::Json, tainted(WEB))]);
}

#[test]
fn a_result_shows_the_clearance_and_a_receiver_rises_to_what_was_really_read() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    let (child, parts) = spawn(&mut stage, root, FLOATING, &[page]);
    stage.read(child, parts[0]).unwrap();
    let answer = result(&mut stage, child, root, value());
    assert_eq!(shown(&stage, root, answer), Label::TOP);
    assert_eq!(*stage.read(root, answer).unwrap().payload(), "value");
    assert_eq!(stage.current(root), Ok(tainted(WEB)));
}

#[test]
fn a_receiver_below_what_a_result_shows_may_not_read_it() {
    let (mut stage, _) = stage();
    let parent = actor(&mut stage, Label::BOTTOM, tainted(WEB));
    let page = text(&mut stage, parent, tainted(WEB));
    let (child, parts) = spawn(&mut stage, parent, FLOATING, &[page]);
    stage.read(child, parts[0]).unwrap();
    let answer = result(&mut stage, child, parent, value());
    let clearance = tainted(WEB);
    let refused = Denial::Clearance {
        label: Label::TOP,
        clearance,
    };
    assert_eq!(stage.read(parent, answer).unwrap_err(), refused);
}

#[test]
fn a_gate_on_a_result_is_judged_by_what_it_shows() {
    let (mut stage, _) = stage();
    let parent = actor(&mut stage, tainted(MAIL), Label::TOP);
    let page = text(&mut stage, parent, tainted(WEB));
    let (child, parts) = spawn(&mut stage, parent, BOTH, &[page]);
    stage.read(child, parts[0]).unwrap();
    let answer = result(&mut stage, child, parent, value());
    assert_eq!(shown(&stage, parent, answer), tainted(WEB | MAIL));
    let permit = stage
        .gate(parent, answer, CLASSIFY, 1, Bits::whole(1))
        .unwrap();
    assert_eq!(permit.charged(), Bits::whole(1));
    assert_eq!(stage.current(parent), Ok(tainted(MAIL)));
}

#[test]
fn a_child_may_hand_back_what_it_holds_unread() {
    let (mut stage, root) = stage();
    let mail = text(&mut stage, root, tainted(MAIL));
    let (child, parts) = spawn(&mut stage, root, CLERK, &[mail]);
    let answer = result(
        &mut stage,
        child,
        root,
        Ending::Held(parts[0], "no such handle"),
    );
    assert_eq!(shown(&stage, root, answer), tainted(MAIL));
    assert_eq!(*stage.read(root, answer).unwrap().payload(), "text");
}

#[test]
fn a_child_that_hands_back_anothers_handle_has_failed() {
    let (mut stage, root) = stage();
    let mine = text(&mut stage, root, Label::BOTTOM);
    let (child, _) = spawn(&mut stage, root, CLERK, &[]);
    let delivery = end(
        &mut stage,
        child,
        root,
        Ending::Held(mine, "no such handle"),
    );
    let Delivery::Outcome(EndingKind::Failed, handle, Bits::ZERO) = delivery else {
        panic!("{delivery:?}");
    };
    assert_eq!(
        *stage.read(root, handle).unwrap().payload(),
        "no such handle"
    );
}

#[test]
fn a_child_ends_once() {
    let (mut stage, root) = stage();
    let (child, _) = spawn(&mut stage, root, CLERK, &[]);
    stage.finish(child, value()).unwrap();
    assert_eq!(
        stage.finish(child, value()).unwrap_err(),
        Denial::UnknownInstance
    );
}

#[test]
fn an_end_is_told_to_a_living_parent_with_room_for_it() {
    let mut tables = tables();
    tables.limits.handles = 1;
    let (mut stage, root) = stage_with(tables);
    text(&mut stage, root, Label::BOTTOM);
    let (child, _) = spawn(&mut stage, root, CLERK, &[]);
    let ended = stage.finish(child, value()).unwrap();
    assert_eq!(
        stage.deliver(root, ended, "nothing").unwrap_err(),
        Denial::TooManyHandles
    );
    let (child, _) = spawn(&mut stage, root, CLERK, &[]);
    stage.end(root);
    let ended = stage.finish(child, value()).unwrap();
    assert_eq!(
        stage.deliver(root, ended, "nothing").unwrap_err(),
        Denial::UnknownInstance
    );
}

/// What the journal writes down of a child's end: what it was given and had read, which of its
/// parts it handed back, whether it had risen, and the mark with which it was started.
#[test]
fn an_end_says_what_the_child_was_given_had_read_and_chose() {
    let (mut stage, root) = stage();
    let parts = [3, 4].map(|origin| item(&mut stage, root, tainted(WEB), origin));
    let both = Origins::of(Origin(3)).union(&Origins::of(Origin(4)));
    for chosen in [0, 1] {
        let spawned = stage.spawn(root, READER, &[], &parts, 70).unwrap();
        stage.read(spawned.child, spawned.parts[1]).unwrap();
        let ending = Ending::Held(spawned.parts[chosen], "");
        let ended = stage.finish(spawned.child, ending).unwrap();
        assert_eq!((ended.given(), ended.mark()), (&both, 70));
        assert_eq!(ended.origins(), &Origins::of(Origin(4)));
        assert_eq!((ended.chosen(), ended.rose()), (Some(chosen), true));
    }
    // Its own first handle that is no part comes after the last one.
    let spawned = stage.spawn(root, READER, &[], &parts, 71).unwrap();
    let own = text(&mut stage, spawned.child, Label::BOTTOM);
    let ended = stage.finish(spawned.child, Ending::Held(own, "")).unwrap();
    assert_eq!((ended.chosen(), ended.rose()), (None, false));
    assert_eq!(ended.origins(), &Origins::NONE);
}
