//! Bits set aside for a child: what it spends, and on what, shows in nothing that others are
//! refused. Overtaking: who is told out of turn, for how much.

use crate::stage::{
    BOTH, CLASSIFY, CLERK, FLOATING, READER, Stage, WEB, actor, end, item, spawn, stage,
    stage_with, tables, tainted, text,
};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::{Channel, PastCharge, Payer, Subject};
use lazaret_kernel::monitor::{Delivery, Ending};
use lazaret_kernel::origins::Origin;
use lazaret_kernel::tables::{ProfileId, Tables};

const ONE: Bits = Bits::whole(1);

/// A policy that sets `reserve` aside for each reader, who may use a gate, in a run of so many.
fn policy(reserve: Bits, run: Bits) -> Tables {
    let mut tables = tables();
    tables.limits.gate_bits = run;
    for profile in &mut tables.profiles {
        profile.grants.allow_gate(CLASSIFY);
        profile.reserve = reserve;
    }
    tables
}

/// A reader that holds so many pages of one item each.
fn reader(stage: &mut Stage, root: InstanceId, pages: u32) -> (InstanceId, Vec<Handle>) {
    let pages: Vec<Handle> = (0..pages)
        .map(|page| item(stage, root, tainted(WEB), page))
        .collect();
    spawn(stage, root, READER, &pages)
}

fn ask(stage: &mut Stage, who: InstanceId, page: Handle, question: u64) -> Result<Bits, Denial> {
    let permit = stage.gate(who, page, CLASSIFY, question, ONE)?;
    Ok(permit.charged())
}

#[test]
fn a_child_spends_what_was_set_aside_for_it_and_then_no_more() {
    let (mut stage, root) = stage_with(policy(Bits::whole(2), Bits::whole(100)));
    let (child, pages) = reader(&mut stage, root, 3);
    assert_eq!(ask(&mut stage, child, pages[0], 0), Ok(ONE));
    assert_eq!(ask(&mut stage, child, pages[1], 0), Ok(ONE));
    assert_eq!(ask(&mut stage, child, pages[1], 0), Ok(Bits::ZERO));
    let refused = ask(&mut stage, child, pages[2], 0);
    assert_eq!(refused, Err(Denial::GateRunBudget));
    assert_eq!(stage.ledger().total(), Bits::whole(2));
}

#[test]
fn how_much_was_set_aside_is_told_to_who_counts_for_a_phase() {
    let (mut stage, root) = stage_with(policy(Bits::whole(4), Bits::whole(6)));
    let mut aside = |profile| {
        let spawned = stage.spawn(root, profile, &[], &[], 7);
        spawned.unwrap().aside
    };
    assert_eq!(aside(READER), Some(Bits::whole(4)));
    assert_eq!(aside(READER), Some(Bits::whole(2)), "no more were left");
    assert_eq!(aside(CLERK), None);
}

/// The attack that shared budgets allow: a child that read a page tells by what it spends.
#[test]
fn what_a_child_spent_shows_in_nothing_that_its_parent_is_refused() {
    let answers = |spends: bool| {
        let (mut stage, root) = stage_with(policy(Bits::whole(4), Bits::whole(6)));
        let page = item(&mut stage, root, tainted(WEB), 7);
        let (child, pages) = spawn(&mut stage, root, READER, &[page]);
        if spends {
            for question in 0..4 {
                ask(&mut stage, child, pages[0], question).unwrap();
            }
        }
        stage.end(child);
        let answers: Vec<_> = (0..6)
            .map(|question| ask(&mut stage, root, page, question))
            .collect();
        answers
    };
    assert_eq!(answers(true), answers(false));
    let refused = answers(true).into_iter().filter(Result::is_err);
    assert_eq!(refused.count(), 4, "the run has two bits left for its own");
}

/// Nor does another child learn of it.
#[test]
fn what_a_child_spent_shows_in_nothing_that_another_is_refused() {
    let answers = |spends: bool| {
        let (mut stage, root) = stage_with(policy(Bits::whole(2), Bits::whole(100)));
        let page = item(&mut stage, root, tainted(WEB), 7);
        let (first, own) = spawn(&mut stage, root, READER, &[page]);
        if spends {
            ask(&mut stage, first, own[0], 0).unwrap();
            ask(&mut stage, first, own[0], 1).unwrap();
        }
        let (other, own) = spawn(&mut stage, root, READER, &[page]);
        let asked = (0..4).map(|question| ask(&mut stage, other, own[0], question));
        asked.collect::<Vec<_>>()
    };
    assert_eq!(answers(true), answers(false));
}

#[test]
fn which_of_its_pages_a_child_read_shows_in_no_later_end() {
    let told = |reads: usize| {
        let mut tables = policy(Bits::ZERO, Bits::whole(100));
        tables.limits.outcome_bits_per_item = Bits::whole(2);
        let (mut stage, root) = stage_with(tables);
        let pages: Vec<Handle> = (0..2)
            .map(|page| item(&mut stage, root, tainted(WEB), page))
            .collect();
        let (child, own) = spawn(&mut stage, root, READER, &pages);
        stage.read(child, own[reads]).unwrap();
        end(&mut stage, child, root, Ending::Created(Media::Text, ""));
        let mut others = pages.iter().map(|page| {
            let (child, own) = spawn(&mut stage, root, READER, &[*page]);
            stage.read(child, own[0]).unwrap();
            let told = end(&mut stage, child, root, Ending::Failed(""));
            matches!(told, Delivery::Sealed(_))
        });
        [others.next(), others.next()]
    };
    assert_eq!(told(0), told(1));
}

#[test]
fn where_little_is_left_as_little_is_set_aside() {
    let (mut stage, root) = stage_with(policy(Bits::whole(4), Bits::whole(5)));
    let (first, pages) = reader(&mut stage, root, 5);
    let (second, others) = reader(&mut stage, root, 5);
    let spend = |stage: &mut Stage, who, pages: &[Handle]| {
        let asked = pages.iter().map(|page| ask(stage, who, *page, 0));
        asked.flatten().count()
    };
    assert_eq!(spend(&mut stage, second, &others), 1);
    assert_eq!(spend(&mut stage, first, &pages), 4);
    assert_eq!(stage.ledger().total(), Bits::whole(5));
}

#[test]
fn a_child_that_can_know_no_more_than_its_parent_spends_with_it() {
    let (mut stage, _) = stage_with(policy(Bits::ZERO, Bits::whole(100)));
    let parent = actor(&mut stage, tainted(WEB), Label::TOP);
    let (child, _) = spawn(&mut stage, parent, READER, &[]);
    assert_eq!(stage.spends_its_own(child), Ok(false));
    let (child, _) = spawn(&mut stage, parent, BOTH, &[]);
    assert_eq!(stage.spends_its_own(child), Ok(true));
    stage.spends_its_own(InstanceId(99)).unwrap_err();
}

/// What it only passes on may stop it before it spends anything.
#[test]
fn a_child_that_holds_more_than_its_parent_knows_spends_its_own() {
    let (mut stage, root) = stage_with(policy(Bits::whole(1), Bits::whole(100)));
    let (child, _) = spawn(&mut stage, root, CLERK, &[]);
    assert_eq!(stage.spends_its_own(child), Ok(false));
    let page = text(&mut stage, root, tainted(WEB));
    let (child, pages) = spawn(&mut stage, root, CLERK, &[page]);
    assert_eq!(stage.spends_its_own(child), Ok(true));
    assert_eq!(ask(&mut stage, child, pages[0], 0), Ok(ONE));
    let refused = ask(&mut stage, child, pages[0], 1);
    assert_eq!(refused, Err(Denial::GateRunBudget));
}

#[test]
fn what_a_child_spent_in_an_earlier_part_of_the_run_is_taken_from_what_is_set_aside_again() {
    let (mut stage, root) = stage_with(policy(Bits::whole(2), Bits::whole(100)));
    let identify: fn(&&'static str) -> [u8; 32] = |_| [5; 32];
    let past = PastCharge {
        channel: Some(Channel::Gate(CLASSIFY)),
        payers: vec![Payer::Item(Origin(0))],
        bits: ONE,
        subject: Subject {
            content: [5; 32],
            question: 0,
        },
        reserved: true,
    };
    stage.recall_charges([past], identify);
    let (child, pages) = reader(&mut stage, root, 3);
    assert_eq!(ask(&mut stage, child, pages[0], 0), Ok(Bits::ZERO));
    assert_eq!(ask(&mut stage, child, pages[1], 0), Ok(ONE));
    let refused = ask(&mut stage, child, pages[2], 0);
    assert_eq!(refused, Err(Denial::GateRunBudget));
    assert_eq!(stage.ledger().total(), Bits::whole(2));
}

fn ended(
    stage: &mut Stage,
    root: InstanceId,
    profile: ProfileId,
) -> lazaret_kernel::monitor::Ended<&'static str> {
    let page = text(stage, root, tainted(WEB));
    let (child, own) = spawn(stage, root, profile, &[page]);
    stage.read(child, own[0]).unwrap();
    stage.finish(child, Ending::Failed("")).unwrap()
}

#[test]
fn to_be_told_out_of_turn_costs_one_of_so_many() {
    let (mut stage, root) = stage();
    let first = ended(&mut stage, root, READER);
    let bits = stage.overtake(root, &first, 8);
    assert_eq!(bits, Ok(Bits::whole(3)));
    let last = ended(&mut stage, root, FLOATING);
    assert_eq!(stage.overtake(root, &last, 1), Ok(Bits::ZERO));
    let order: Vec<_> = stage.ledger().by_payer().collect();
    let paid = (Payer::Many, Channel::Order, Bits::whole(3));
    assert!(order.contains(&paid), "{order:?}");
}

#[test]
fn without_bits_nobody_is_told_out_of_turn() {
    let (mut stage, root) = stage_with(policy(Bits::ZERO, Bits::whole(2)));
    let first = ended(&mut stage, root, READER);
    assert_eq!(stage.overtake(root, &first, 8), Err(Denial::GateRunBudget));
    assert_eq!(stage.ledger().total(), Bits::ZERO);
    assert_eq!(stage.overtake(root, &first, 4), Ok(Bits::whole(2)));
}
