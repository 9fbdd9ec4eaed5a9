//! gate(handle, type): who may lower what, at which price, until the budget ends.

use crate::stage::{
    CLASSIFY, MAIL, OPERATOR, Stage, TRIAGE, UNWRITTEN_GATE, WEB, actor, both, grants, item,
    pointer, readable_by, stage, stage_with, tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::{Channel, Payer};
use lazaret_kernel::origins::Origin;
use lazaret_kernel::tables::GateId;

const YES_NO: Bits = Bits::from_thousandths(1_585);

fn ask(
    stage: &mut Stage,
    who: InstanceId,
    what: Handle,
    gate: GateId,
    question: u64,
) -> Result<Bits, Denial> {
    stage
        .gate(who, what, gate, question, YES_NO)
        .map(|permit| permit.charged())
}

#[test]
fn a_gate_needs_its_grant_and_its_rule() {
    let (mut stage, root) = stage();
    let poor = stage.start_root(Label::BOTTOM, Label::TOP, grants(&[], &[TRIAGE]), 5);
    let page = text(&mut stage, poor, tainted(WEB));
    assert_eq!(
        ask(&mut stage, poor, page, CLASSIFY, 1),
        Err(Denial::GateNotGranted(CLASSIFY))
    );
    let page = text(&mut stage, root, tainted(WEB));
    for unknown in [UNWRITTEN_GATE, GateId(64), GateId(255)] {
        assert_eq!(
            ask(&mut stage, root, page, unknown, 1),
            Err(Denial::GateNotGranted(unknown))
        );
    }
    assert_eq!(ask(&mut stage, root, page, CLASSIFY, 1), Ok(YES_NO));
}

#[test]
fn a_gate_gives_the_value_and_leaves_the_caller_clean() {
    let (mut stage, root) = stage();
    let page = item(&mut stage, root, tainted(WEB), 4);
    let permit = stage.gate(root, page, CLASSIFY, 1, YES_NO).unwrap();
    assert_eq!(
        (*permit.content().payload(), permit.charged()),
        ("item", YES_NO)
    );
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
    let charged: Vec<_> = stage.ledger().by_payer().collect();
    assert_eq!(
        charged,
        [(Payer::Item(Origin(4)), Channel::Gate(CLASSIFY), YES_NO)]
    );
    assert_eq!(
        stage.ledger().by_channel().collect::<Vec<_>>(),
        [(Channel::Gate(CLASSIFY), YES_NO)]
    );
}

#[test]
fn a_gate_removes_only_the_tags_of_its_rule_and_never_readers() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, both(WEB | MAIL, OPERATOR));
    ask(&mut stage, root, page, CLASSIFY, 1).unwrap();
    assert_eq!(stage.current(root), Ok(both(MAIL, OPERATOR)));
}

#[test]
fn what_a_gate_leaves_must_be_below_the_clearance() {
    let (mut stage, _) = stage();
    let clearance = tainted(WEB);
    let low = actor(&mut stage, Label::BOTTOM, clearance);
    for (label, lowered) in [
        (tainted(WEB | MAIL), tainted(MAIL)),
        (both(WEB, OPERATOR), readable_by(OPERATOR)),
    ] {
        let page = text(&mut stage, low, label);
        let refused = Denial::Clearance {
            label: lowered,
            clearance,
        };
        assert_eq!(ask(&mut stage, low, page, CLASSIFY, 1), Err(refused));
    }
    assert_eq!(
        stage.ledger().total(),
        Bits::ZERO,
        "a refused gate costs nothing"
    );
    let page = text(&mut stage, low, tainted(WEB | MAIL));
    assert_eq!(
        ask(&mut stage, low, page, CLASSIFY, 1).unwrap_err(),
        Denial::Clearance {
            label: tainted(MAIL),
            clearance,
        }
    );
}

#[test]
fn a_caller_that_carries_a_tag_has_no_say_in_removing_it() {
    let (mut stage, _) = stage();
    let reader = actor(&mut stage, tainted(WEB), Label::TOP);
    let page = text(&mut stage, reader, tainted(WEB | MAIL));
    for gate in [CLASSIFY, TRIAGE] {
        assert_eq!(
            ask(&mut stage, reader, page, gate, 1),
            Err(Denial::GateCaller { gate, excess: WEB })
        );
    }
    let mail = text(&mut stage, reader, tainted(MAIL));
    let bits = stage
        .gate(reader, mail, TRIAGE, 1, Bits::whole(1))
        .unwrap()
        .charged();
    assert_eq!(bits, Bits::whole(1));
    assert_eq!(stage.current(reader), Ok(tainted(WEB)));
}

#[test]
fn content_that_is_not_above_the_caller_is_free() {
    let (mut stage, root) = stage();
    let own = text(&mut stage, root, Label::BOTTOM);
    assert_eq!(ask(&mut stage, root, own, TRIAGE, 1), Ok(Bits::ZERO));
    assert_eq!(stage.ledger().total(), Bits::ZERO);
}

#[test]
fn the_same_handle_and_type_twice_is_answered_for_free() {
    let (mut stage, root) = stage();
    let page = text(&mut stage, root, tainted(WEB));
    assert_eq!(ask(&mut stage, root, page, CLASSIFY, 1), Ok(YES_NO));
    assert_eq!(ask(&mut stage, root, page, CLASSIFY, 1), Ok(Bits::ZERO));
    assert_eq!(ask(&mut stage, root, page, CLASSIFY, 2), Ok(YES_NO));
    let part = stage.project(root, page, &pointer(""), |all| all).unwrap();
    let denied = ask(&mut stage, root, part, CLASSIFY, 1);
    assert_eq!(
        denied,
        Err(Denial::GateItemBudget(CLASSIFY)),
        "another content, another question"
    );
}

#[test]
fn an_item_decides_as_many_bits_as_its_budget_and_no_more() {
    let (mut stage, root) = stage();
    let (one, two) = (
        item(&mut stage, root, tainted(WEB), 1),
        item(&mut stage, root, tainted(WEB), 2),
    );
    let two_bits = |stage: &mut Stage, page, question| {
        stage
            .gate(root, page, CLASSIFY, question, Bits::whole(2))
            .map(|permit| permit.charged())
    };
    assert_eq!(two_bits(&mut stage, one, 1), Ok(Bits::whole(2)));
    assert_eq!(
        two_bits(&mut stage, one, 2),
        Ok(Bits::whole(2)),
        "exactly the budget"
    );
    assert_eq!(
        two_bits(&mut stage, one, 3),
        Err(Denial::GateItemBudget(CLASSIFY))
    );
    assert_eq!(
        two_bits(&mut stage, two, 3),
        Ok(Bits::whole(2)),
        "each item has its own"
    );
    let small = stage
        .gate(root, one, TRIAGE, 3, Bits::whole(1))
        .map(|permit| permit.charged());
    assert_eq!(small, Ok(Bits::whole(1)), "each rule has its own");
    assert_eq!(stage.ledger().total(), Bits::whole(7));
}

#[test]
fn one_thousandth_over_the_items_budget_is_refused_and_stays_unread() {
    let (mut stage, root) = stage();
    let page = item(&mut stage, root, tainted(WEB), 1);
    let over = Bits::from_thousandths(4_001);
    let denied = stage.gate(root, page, CLASSIFY, 1, over).unwrap_err();
    assert_eq!(denied, Denial::GateItemBudget(CLASSIFY));
    assert_eq!(
        (stage.current(root), stage.ledger().total()),
        (Ok(Label::BOTTOM), Bits::ZERO)
    );
    stage.gate(root, page, CLASSIFY, 1, Bits::whole(4)).unwrap();
}

#[test]
fn content_of_several_items_is_charged_in_full_to_each() {
    let (mut stage, root) = stage();
    let pages = [1, 2].map(|origin| item(&mut stage, root, tainted(WEB), origin));
    let both = stage
        .compose(
            root,
            Media::Text,
            &pages.map(|page| (None, page)),
            |_| "sum",
        )
        .unwrap();
    ask(&mut stage, root, both, CLASSIFY, 1).unwrap();
    let payers: Vec<_> = stage.ledger().by_payer().collect();
    let charged = |origin| (Payer::Item(Origin(origin)), Channel::Gate(CLASSIFY), YES_NO);
    assert_eq!(payers, [charged(1), charged(2)]);
    assert_eq!(stage.ledger().total(), YES_NO, "it was decided once");
}

#[test]
fn content_of_no_item_or_of_too_many_has_a_budget_too() {
    let (mut stage, root) = stage();
    let none = text(&mut stage, root, tainted(WEB));
    let leaves: Vec<_> = (0..17)
        .map(|origin| (None, item(&mut stage, root, tainted(WEB), origin)))
        .collect();
    let many = stage
        .compose(root, Media::Text, &leaves, |_| "sum")
        .unwrap();
    for (page, payer) in [(none, Payer::Run), (many, Payer::Many)] {
        stage.gate(root, page, CLASSIFY, 1, Bits::whole(4)).unwrap();
        assert!(
            stage
                .ledger()
                .by_payer()
                .any(|(who, _, bits)| who == payer && bits == Bits::whole(4))
        );
        let denied = stage.gate(root, page, CLASSIFY, 2, YES_NO).unwrap_err();
        assert_eq!(denied, Denial::GateItemBudget(CLASSIFY));
    }
}

#[test]
fn one_bit_past_the_runs_budget_is_refused() {
    let mut tables = tables();
    tables.limits.gate_bits = Bits::whole(3);
    let (mut stage, root) = stage_with(tables);
    let pages = [1, 2].map(|origin| item(&mut stage, root, tainted(WEB), origin));
    let two_bits = |stage: &mut Stage, page| {
        stage
            .gate(root, page, CLASSIFY, 1, Bits::whole(2))
            .map(|permit| permit.charged())
    };
    assert_eq!(two_bits(&mut stage, pages[0]), Ok(Bits::whole(2)));
    assert_eq!(two_bits(&mut stage, pages[1]), Err(Denial::GateRunBudget));
    assert_eq!(
        ask(&mut stage, root, pages[1], CLASSIFY, 1),
        Err(Denial::GateRunBudget)
    );
    let last = stage
        .gate(root, pages[1], CLASSIFY, 1, Bits::whole(1))
        .map(|permit| permit.charged());
    assert_eq!(last, Ok(Bits::whole(1)), "exactly the budget");
}

#[test]
fn a_type_without_bound_passes_no_budget_not_even_an_unbounded_one() {
    let mut tables = tables();
    tables.limits.gate_bits = Bits::UNBOUNDED;
    tables.gates[0].per_item = Bits::UNBOUNDED;
    let (mut stage, root) = stage_with(tables);
    let page = text(&mut stage, root, tainted(WEB));
    let denied = stage
        .gate(root, page, CLASSIFY, 1, Bits::UNBOUNDED)
        .unwrap_err();
    assert_eq!(denied, Denial::GateRunBudget);
    let million = Bits::whole(1_000_000);
    stage.gate(root, page, CLASSIFY, 1, million).unwrap();
}

#[test]
fn what_keeps_a_taint_after_a_gate_keeps_its_origin_too() {
    let (mut stage, root) = stage();
    let page = item(&mut stage, root, tainted(WEB | MAIL), 6);
    ask(&mut stage, root, page, CLASSIFY, 1).unwrap();
    let written = stage.create(root, Media::Text, "mine").unwrap();
    assert_eq!(
        stage.read(root, written).unwrap().facts().origins.items(),
        [Origin(6)]
    );

    let clean = actor(&mut stage, Label::BOTTOM, Label::TOP);
    let page = item(&mut stage, clean, tainted(WEB), 7);
    ask(&mut stage, clean, page, CLASSIFY, 1).unwrap();
    let written = stage.create(clean, Media::Text, "mine").unwrap();
    assert!(
        stage
            .read(clean, written)
            .unwrap()
            .facts()
            .origins
            .items()
            .is_empty()
    );
}

#[test]
fn who_has_a_share_of_the_bits_left_pays_up_to_it_and_not_past_it() {
    let (mut stage, root) = stage();
    let mut within = |share: u64, question| {
        let page = item(&mut stage, root, tainted(WEB), 4);
        let share = Bits::from_thousandths(share);
        let told = stage.gate_within(root, page, CLASSIFY, question, YES_NO, share);
        told.map(|permit| permit.charged())
    };
    let share = YES_NO.thousandths();
    assert_eq!(within(share - 1, 1), Err(Denial::GateRunBudget));
    assert_eq!(within(share, 2), Ok(YES_NO));
    assert_eq!(within(share + 1, 3), Ok(YES_NO));
}
