//! decide(label): a bit for what the caller may not know, nothing for what it may.

use crate::stage::{OPERATOR, WEB, both, readable_by, stage, stage_with, tables, tainted};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::label::{Label, TagSet};
use lazaret_kernel::ledger::{Channel, PastCharge, Payer, Subject};
use lazaret_kernel::origins::{Origin, Origins};

const BIT: Bits = Bits::whole(1);

#[test]
fn a_decision_by_what_the_caller_knows_is_free() {
    let (mut stage, root) = stage();
    assert_eq!(
        stage.decide(root, Label::BOTTOM, &Origins::NONE, 1),
        Ok(Bits::ZERO)
    );
    assert_eq!(stage.ledger().total(), Bits::ZERO);
}

#[test]
fn a_decision_by_taint_or_by_secrets_costs_a_bit_each_time_and_raises_nobody() {
    let (mut stage, root) = stage();
    let about = [tainted(WEB), readable_by(OPERATOR), both(WEB, OPERATOR)];
    for (label, times) in about.into_iter().zip(1u32..) {
        let origins = Origins::of(Origin(4));
        assert_eq!(stage.decide(root, label, &origins, 1), Ok(BIT));
        assert_eq!(stage.ledger().total(), Bits::whole(times));
    }
    assert_eq!(stage.current(root), Ok(Label::BOTTOM));
    let charged: Vec<_> = stage.ledger().by_payer().collect();
    assert_eq!(
        charged,
        [(Payer::Item(Origin(4)), Channel::Decision, Bits::whole(3))]
    );
}

#[test]
fn when_the_runs_bits_are_spent_nothing_is_decided() {
    let mut tables = tables();
    tables.limits.gate_bits = Bits::whole(1);
    let (mut stage, root) = stage_with(tables);
    assert_eq!(stage.decide(root, tainted(WEB), &Origins::NONE, 1), Ok(BIT));
    assert_eq!(
        stage.decide(root, tainted(WEB), &Origins::NONE, 2),
        Err(Denial::GateRunBudget)
    );
    assert_eq!(
        stage.decide(root, tainted(TagSet::EMPTY), &Origins::NONE, 3),
        Ok(Bits::ZERO)
    );
}

#[test]
fn what_an_earlier_part_was_charged_for_is_not_charged_again() {
    let (mut stage, root) = stage();
    let past = PastCharge {
        channel: Some(Channel::Decision),
        payers: vec![Payer::Run],
        bits: BIT,
        subject: Subject {
            content: [0; 32],
            question: 7,
        },
        reserved: false,
    };
    stage.recall_charges([past], |_| [0; 32]);
    assert_eq!(
        stage.decide(root, tainted(WEB), &Origins::NONE, 7),
        Ok(Bits::ZERO)
    );
    assert_eq!(stage.ledger().total(), BIT);
    assert_eq!(stage.decide(root, tainted(WEB), &Origins::NONE, 7), Ok(BIT));
}
