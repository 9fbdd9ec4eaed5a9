//! Bits of a phase: what is set aside for an agent is gone at its start, and what it spends of
//! them shows in nothing that is left to others, also in a run that goes on.

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_policy::compiled::{Allowance, Budget};
use lazaret_workflow::budget::{Budgets, Who};
use lazaret_workflow::event::Event;
use lazaret_workflow::replay::Past;
use proptest::prelude::*;

fn bits(most: u32) -> Allowance {
    Allowance {
        gate_bits: Some(Bits::whole(most)),
        ..Allowance::default()
    }
}

fn plan(agent: Allowance, find: Allowance) -> Budget {
    Budget {
        agents: 10,
        ask_agents: None,
        ask_usd: None,
        agents_at_once: 4,
        run: Allowance::default(),
        agent,
        phases: BTreeMap::from([("Find".to_owned(), find)]),
        answer_tokens: 1_000,
    }
}

fn of(step: u32, phase: &str) -> Who<'_> {
    Who { step, phase }
}

/// A run in which the phase `Find` has so many bits.
fn bits_of_find(most: u32) -> Budget {
    plan(Allowance::default(), bits(most))
}

#[test]
fn what_an_agent_spends_of_its_own_bits_shows_in_nothing_that_its_phase_has_left() {
    let mut budgets = Budgets::new(bits_of_find(10), &Past::default());
    budgets.set_aside(of(1, "Find"), Bits::whole(4));
    assert_eq!(budgets.bits_left(of(0, "Find")), Bits::whole(6));
    budgets.note_bits(of(1, "Find"), Bits::whole(3));
    assert_eq!(budgets.bits_left(of(0, "Find")), Bits::whole(6));
    assert_eq!(budgets.bits_left(of(2, "Find")), Bits::whole(6));
    // It is told of all the same.
    let (_, find) = budgets.of_phases().next().unwrap();
    assert_eq!(
        (find.bits, budgets.of_run().bits),
        (Bits::whole(3), Bits::whole(3))
    );
    // Who has none of its own spends the phase's.
    budgets.note_bits(of(0, "Find"), Bits::whole(1));
    assert_eq!(budgets.bits_left(of(0, "Find")), Bits::whole(5));
}

#[test]
fn an_agent_has_no_more_bits_of_its_own_than_its_phase_had_left() {
    let mut budgets = Budgets::new(bits_of_find(10), &Past::default());
    budgets.note_bits(of(0, "Find"), Bits::whole(7));
    budgets.set_aside(of(1, "Find"), Bits::whole(4));
    budgets.set_aside(of(2, "Find"), Bits::whole(4));
    budgets.set_aside(of(3, ""), Bits::whole(4));
    let left = |step, phase| budgets.bits_left(of(step, phase));
    assert_eq!(left(1, "Find"), Bits::whole(3));
    assert_eq!((left(2, "Find"), left(0, "Find")), (Bits::ZERO, Bits::ZERO));
    // Elsewhere its pool alone limits it.
    assert_eq!(left(3, ""), Bits::UNBOUNDED);
}

#[test]
fn the_limit_of_each_agent_holds_for_bits_of_its_own_too() {
    let mut budgets = Budgets::new(plan(bits(2), Allowance::default()), &Past::default());
    budgets.set_aside(of(1, "Find"), Bits::whole(4));
    budgets.note_bits(of(1, "Find"), Bits::whole(1));
    assert_eq!(budgets.bits_left(of(1, "Find")), Bits::whole(1));
}

fn gated(step: u32, bits: Bits) -> Event {
    Event::Gated {
        step,
        phase: "Find".to_owned(),
        channel: "verdict".to_owned(),
        payers: Vec::new(),
        bits: bits.thousandths(),
        reserved: step > 0,
        subject: String::new(),
        question: String::new(),
        basis: None,
    }
}

proptest! {
    /// A run that goes on sets the same aside again, in the order of the agents' starts, and has
    /// the same left: whatever was spent in between, by the orchestrator and by the agents.
    #[test]
    fn a_run_that_goes_on_has_the_same_bits_left(
        acts in proptest::collection::vec((0u32..3, 0u32..8), 1..40),
    ) {
        let mut budgets = Budgets::new(bits_of_find(20), &Past::default());
        let (mut events, mut started) = (Vec::new(), Vec::new());
        for (act, bits) in acts {
            let bits = Bits::whole(bits);
            let agents = u32::try_from(started.len()).unwrap();
            if act == 0 {
                started.push(bits);
                budgets.set_aside(of(agents + 1, "Find"), bits);
                continue;
            }
            // The orchestrator spends, or the agent that was started last.
            let who = of(if act == 1 { 0 } else { agents }, "Find");
            let bits = bits.min(budgets.bits_left(who));
            budgets.note_bits(who, bits);
            events.push(gated(who.step, bits));
        }
        let mut again = Budgets::new(bits_of_find(20), &Past::read(events));
        for (step, bits) in (1..).zip(&started) {
            again.set_aside(of(step, "Find"), *bits);
        }
        for step in 0..=u32::try_from(started.len()).unwrap() {
            let who = of(step, "Find");
            prop_assert_eq!(again.bits_left(who), budgets.bits_left(who));
        }
    }
}
