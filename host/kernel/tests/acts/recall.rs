//! A run that goes on: what was spent counts once, and a recalled label never sinks.

use std::cell::Cell;

use crate::stage::{
    CLASSIFY, CLERK, MAIL, READER, Stage, WEB, item, shown, spawn, stage, stage_with, tables,
    tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::{Channel, PastCharge, Payer, Subject};
use lazaret_kernel::monitor::{Delivery, EndingKind, Past};
use lazaret_kernel::origins::{Origin, Origins};

const TWO: Bits = Bits::whole(2);

/// Contents are told apart by their first letter.
fn identify(payload: &&'static str) -> [u8; 32] {
    [payload.bytes().next().unwrap_or_default(); 32]
}

fn charge(content: &'static str, question: u64) -> PastCharge {
    PastCharge {
        channel: Some(Channel::Gate(CLASSIFY)),
        payers: vec![Payer::Item(Origin(3))],
        bits: TWO,
        subject: Subject {
            content: identify(&content),
            question,
        },
        reserved: false,
    }
}

fn ask(stage: &mut Stage, root: InstanceId, question: u64) -> Result<Bits, Denial> {
    let page = item(stage, root, tainted(WEB), 3);
    let permit = stage.gate(root, page, CLASSIFY, question, TWO)?;
    Ok(permit.charged())
}

#[test]
fn what_an_earlier_part_was_charged_counts_and_is_not_charged_twice() {
    let (mut stage, root) = stage();
    stage.recall_charges([charge("item", 1)], identify);
    assert_eq!(stage.ledger().total(), TWO);
    assert_eq!(ask(&mut stage, root, 1), Ok(Bits::ZERO));
    assert_eq!(stage.ledger().total(), TWO);
    // The credit is used up: another content of the same bytes costs what it always costs.
    assert_eq!(ask(&mut stage, root, 1), Ok(TWO));
}

#[test]
fn another_question_or_content_is_charged_against_what_is_left() {
    let (mut stage, root) = stage();
    stage.recall_charges([charge("item", 1), charge("other", 2)], identify);
    // Four bits an item: both are spent.
    assert_eq!(
        ask(&mut stage, root, 2),
        Err(Denial::GateItemBudget(CLASSIFY))
    );
    assert_eq!(ask(&mut stage, root, 1), Ok(Bits::ZERO));
}

#[test]
fn a_charge_through_a_rule_that_is_gone_counts_in_the_sum() {
    let (mut stage, _) = stage();
    let gone = PastCharge {
        channel: None,
        ..charge("item", 1)
    };
    stage.recall_charges([gone], identify);
    assert_eq!(stage.ledger().total(), TWO);
    assert_eq!(stage.ledger().by_channel().count(), 0);
}

fn past(risen: Label, rose: bool) -> Past<&'static str> {
    Past {
        kind: EndingKind::Value,
        facts: Facts::flat(risen, Origins::of(Origin(3)), Media::Text),
        payload: "answer",
        shown: Media::Text,
        floor: Label::BOTTOM,
        risen,
        rose,
        set_going: Label::BOTTOM,
        chosen: None,
        origins: Origins::of(Origin(3)),
        mark: 9,
    }
}

#[test]
fn a_recalled_answer_shows_what_a_fresh_one_would() {
    let (mut stage, root) = stage();
    let (child, _) = spawn(&mut stage, root, READER, &[]);
    let ended = stage.recall(child, past(tainted(WEB), true)).unwrap();
    assert_eq!((ended.mark(), ended.rose()), (9, true));
    assert_eq!(
        (ended.set_going(), ended.when()),
        (Label::BOTTOM, tainted(WEB))
    );
    let Delivery::Outcome(EndingKind::Value, handle, bits) =
        stage.deliver(root, ended, "nothing").unwrap()
    else {
        panic!("there are bits left");
    };
    assert_eq!(bits, Bits::of_choices(4));
    assert_eq!(shown(&stage, root, handle), tainted(WEB));
    assert_eq!(stage.current(child), Err(Denial::UnknownInstance));
}

/// It had only passed a page on.
fn moved(kind: EndingKind) -> Past<&'static str> {
    Past {
        kind,
        set_going: tainted(WEB),
        ..past(Label::BOTTOM, false)
    }
}

#[test]
fn a_recalled_end_that_what_was_passed_on_had_decided_is_charged_and_shown_like_a_fresh_one() {
    for (kind, shows) in [
        (EndingKind::Value, Label::BOTTOM),
        (EndingKind::Failed, tainted(WEB)),
    ] {
        let (mut stage, root) = stage();
        let (child, _) = spawn(&mut stage, root, READER, &[]);
        let ended = stage.recall(child, moved(kind)).unwrap();
        assert_eq!(
            (ended.set_going(), ended.when()),
            (tainted(WEB), tainted(WEB))
        );
        assert!(!ended.rose() && ended.tells_more());
        let told = stage.deliver(root, ended, "nothing").unwrap();
        let Delivery::Outcome(told, handle, TWO) = told else {
            panic!("{told:?}");
        };
        assert_eq!((told, shown(&stage, root, handle)), (kind, shows));
        stage.read(root, handle).unwrap();
        assert_eq!(stage.current(root), Ok(shows));
    }
}

#[test]
fn a_recalled_end_that_what_was_passed_on_had_decided_stays_sealed_without_bits() {
    let mut tables = tables();
    tables.limits.gate_bits = Bits::ZERO;
    let mut seen = Vec::new();
    for kind in [EndingKind::Value, EndingKind::Failed] {
        let (mut stage, root) = stage_with(tables.clone());
        let (child, _) = spawn(&mut stage, root, READER, &[]);
        let ended = stage.recall(child, moved(kind)).unwrap();
        let told = stage.deliver(root, ended, "nothing").unwrap();
        let Delivery::Sealed(handle) = told else {
            panic!("{told:?}");
        };
        let shows = stage.describe(root, handle).unwrap();
        stage.read(root, handle).unwrap();
        seen.push((shows, stage.current(root).unwrap()));
    }
    seen.dedup();
    assert_eq!(seen, [((Media::Json, tainted(WEB)), tainted(WEB))]);
}

#[test]
fn what_was_passed_on_below_where_a_child_starts_now_moves_it_no_more() {
    let (mut stage, _) = stage();
    let parent = crate::stage::actor(&mut stage, tainted(WEB), Label::TOP);
    let (child, _) = spawn(&mut stage, parent, READER, &[]);
    let ended = stage.recall(child, moved(EndingKind::Failed)).unwrap();
    assert!(!ended.tells_more());
    let told = stage.deliver(parent, ended, "nothing").unwrap();
    assert!(matches!(told, Delivery::Outcome(_, _, Bits::ZERO)));
}

/// What was charged then is in what is spent of the share now.
#[test]
fn what_an_earlier_part_was_charged_is_told_again_past_the_share() {
    let (mut stage, root) = stage();
    stage.recall_charges([charge("item", 1)], identify);
    let page = item(&mut stage, root, tainted(WEB), 3);
    let mut within = |question| {
        let permit = stage.gate_within(root, page, CLASSIFY, question, TWO, Bits::ZERO);
        permit.map(|permit| permit.charged())
    };
    assert_eq!(within(2), Err(Denial::GateRunBudget));
    assert_eq!(within(1), Ok(Bits::ZERO));
}

#[test]
fn an_outcome_that_was_charged_is_told_for_nothing() {
    let (mut stage, root) = stage();
    let told = PastCharge {
        channel: Some(Channel::Outcome),
        payers: vec![Payer::Item(Origin(3))],
        bits: Bits::of_choices(4),
        subject: Subject {
            content: [0; 32],
            question: 9,
        },
        reserved: false,
    };
    stage.recall_charges([told], identify);
    let page = item(&mut stage, root, tainted(WEB), 3);
    let (child, _) = spawn(&mut stage, root, READER, &[page]);
    let ended = stage.recall(child, past(tainted(WEB), true)).unwrap();
    let delivered = stage.deliver(root, ended, "nothing").unwrap();
    assert!(matches!(delivered, Delivery::Outcome(_, _, Bits::ZERO)));
    assert_eq!(stage.ledger().total(), Bits::of_choices(4));
}

#[test]
fn what_a_child_could_not_read_now_is_not_recalled_and_the_child_can_run() {
    let (mut stage, root) = stage();
    let (child, _) = spawn(&mut stage, root, CLERK, &[]);
    let refused = stage.recall(child, past(tainted(WEB), true));
    assert!(matches!(refused, Err(Denial::Clearance { .. })));
    assert_eq!(stage.current(child), Ok(Label::BOTTOM));
}

#[test]
fn a_start_that_is_higher_now_raises_what_is_recalled() {
    let (mut stage, _) = stage();
    let parent = crate::stage::actor(&mut stage, tainted(MAIL), Label::TOP);
    let mail = text(&mut stage, parent, tainted(MAIL));
    let floating = crate::stage::FLOATING;
    let (child, _) = spawn(&mut stage, parent, floating, &[mail]);
    let ended = stage.recall(child, past(Label::BOTTOM, false)).unwrap();
    assert_eq!(ended.content().facts().labels.joined(), tainted(MAIL));
}

/// Any of them is enough: it had risen then, it starts above its parent now, or what it came to
/// is above its start.
#[test]
fn a_recalled_child_has_risen_where_it_had_or_starts_higher_or_ended_higher() {
    let rose = |from_above: bool, past: Past<&'static str>| {
        let (mut stage, root) = stage();
        let page = text(&mut stage, root, tainted(WEB));
        let above: &[Handle] = if from_above { &[page] } else { &[] };
        let spawned = stage.spawn(root, READER, above, &[], 7).unwrap();
        stage.recall(spawned.child, past).unwrap().rose()
    };
    assert!(!rose(false, past(Label::BOTTOM, false)));
    assert!(rose(false, past(Label::BOTTOM, true)));
    assert!(rose(true, past(Label::BOTTOM, false)));
    assert!(rose(false, past(tainted(WEB), false)));
    assert!(rose(true, past(tainted(WEB), true)));
}

#[test]
fn what_was_reserved_or_endorsed_leaves_what_an_item_has() {
    let reserved = PastCharge {
        reserved: true,
        ..charge("other", 5)
    };
    let endorsed = PastCharge {
        channel: Some(Channel::Endorsement),
        ..charge("other", 6)
    };
    for past in [reserved, endorsed] {
        let (mut stage, root) = stage();
        stage.recall_charges([past.clone(), past], identify);
        // Four bits an item, none of which is spent.
        assert_eq!(ask(&mut stage, root, 1), Ok(TWO));
        assert_eq!(ask(&mut stage, root, 2), Ok(TWO));
    }
}

thread_local! {
    static IDENTIFIED: Cell<u32> = const { Cell::new(0) };
}

#[test]
fn contents_are_told_apart_only_while_something_is_left_to_be_asked_again() {
    fn counted(payload: &&'static str) -> [u8; 32] {
        IDENTIFIED.set(IDENTIFIED.get() + 1);
        identify(payload)
    }
    let (mut stage, root) = stage();
    stage.recall_charges([charge("item", 1)], counted);
    ask(&mut stage, root, 1).unwrap();
    let asked = IDENTIFIED.get();
    assert!(asked > 0);
    ask(&mut stage, root, 2).unwrap();
    assert_eq!(IDENTIFIED.get(), asked);
}
