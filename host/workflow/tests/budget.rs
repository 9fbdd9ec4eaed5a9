//! Hard budgets: what is set aside never passes a limit, whatever is asked at the same time, and
//! what earlier parts of a run have used up counts.
#![expect(clippy::panic, reason = "a helper of tests stops a test as tests do")]

use std::collections::BTreeMap;

use lazaret_kernel::capacity::Bits;
use lazaret_policy::compiled::{Allowance, Budget};
use lazaret_workflow::budget::{Budgets, Measure, Reserved, Room, Scope, Spent, Who, least_answer};
use lazaret_workflow::event::{ArgumentRef, ContentRef, Elsewhere, Event, LabelText, Usage};
use lazaret_workflow::replay::Past;
use proptest::prelude::*;

fn plan(run: Allowance, agent: Allowance, find: Allowance) -> Budget {
    Budget {
        agents: 10,
        ask_agents: None,
        ask_usd: None,
        agents_at_once: 4,
        run,
        agent,
        phases: BTreeMap::from([("Find".to_owned(), find)]),
        answer_tokens: 1_000,
    }
}

fn tokens(most: u64) -> Allowance {
    Allowance {
        tokens: Some(most),
        ..Allowance::default()
    }
}

fn money(most: u64) -> Allowance {
    Allowance {
        micros: Some(most),
        ..Allowance::default()
    }
}

fn of(step: u32, phase: &str) -> Who<'_> {
    Who { step, phase }
}

fn written(tokens: u64) -> Usage {
    Usage {
        output_tokens: tokens,
        ..Usage::default()
    }
}

/// A prompt of 100 micro-dollars, and two for each token of the answer.
fn price(tokens: u64) -> u64 {
    100 + 2 * tokens
}

fn reserved(room: Room) -> Reserved {
    match room {
        Room::Reserved(reserved) => reserved,
        other => panic!("{other:?}"),
    }
}

const NONE: Allowance = Allowance {
    tokens: None,
    micros: None,
    wall_ms: None,
    agents: None,
    gate_bits: None,
};

#[test]
fn a_call_waits_for_those_under_way_and_then_gets_what_is_left() {
    let mut budgets = Budgets::new(plan(tokens(1_500), NONE, NONE), &Past::default());
    let first = reserved(budgets.reserve(of(1, ""), 1_000, price));
    assert_eq!(budgets.reserve(of(2, ""), 1_000, price), Room::Later);
    budgets.settle(&first, written(800));
    let second = reserved(budgets.reserve(of(2, ""), 1_000, price));
    assert_eq!(second.tokens, 700);
    budgets.settle(&second, written(500));
    // 200 are left, which is less than an answer is worth asking for.
    let Room::Spent(spent) = budgets.reserve(of(3, ""), 1_000, price) else {
        panic!("there is room");
    };
    assert_eq!(
        spent.to_string(),
        "the run has used 1300 of its 1500 output tokens"
    );
    assert_eq!(spent.key(), ("tokens", "[budget]".to_owned()));
    // One that wants no more than is left gets it.
    assert_eq!(reserved(budgets.reserve(of(3, ""), 200, price)).tokens, 200);
}

#[test]
fn money_bounds_an_answer_by_its_price() {
    let mut budgets = Budgets::new(plan(money(1_100), NONE, NONE), &Past::default());
    let first = reserved(budgets.reserve(of(1, ""), 1_000, price));
    assert_eq!((first.tokens, first.micros), (500, 1_100));
    let real = Usage {
        cost_micros: 1_001,
        ..written(450)
    };
    budgets.settle(&first, real);
    // Not even the prompt fits.
    let Room::Spent(spent) = budgets.reserve(of(2, ""), 1_000, price) else {
        panic!("there is room");
    };
    let spent = (spent.scope, spent.measure, spent.limit, spent.used);
    assert_eq!(spent, (Scope::Run, Measure::Money, 1_100, 1_001));
}

#[test]
fn the_narrowest_budget_that_is_spent_is_named() {
    let plan = plan(tokens(10_000), tokens(300), tokens(350));
    let mut budgets = Budgets::new(plan, &Past::default());
    let first = reserved(budgets.reserve(of(1, "Find"), 1_000, price));
    assert_eq!(first.tokens, 300);
    budgets.settle(&first, written(300));
    let scope = |room| match room {
        Room::Spent(Spent { scope, .. }) => scope,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        scope(budgets.reserve(of(1, "Find"), 1_000, price)),
        Scope::Agent(1)
    );
    // 50 are left to the phase, fewer than are worth asking for.
    let find = Scope::Phase("Find".to_owned());
    assert_eq!(scope(budgets.reserve(of(2, "Find"), 1_000, price)), find);
    // Another phase has its own, and the orchestrator is no agent.
    let other = reserved(budgets.reserve(of(0, "Report"), 1_000, price));
    assert_eq!(other.tokens, 1_000);
}

#[test]
fn a_phase_s_clock_runs_while_it_has_agents_and_the_run_s_always() {
    let minutes = |wall_ms| Allowance {
        wall_ms: Some(wall_ms),
        ..Allowance::default()
    };
    let plan = plan(minutes(60_000), NONE, minutes(10_000));
    let mut budgets = Budgets::new(plan, &Past::default());
    let at = |budgets: &Budgets| budgets.deadline().map(|(at, spent)| (at, spent.scope));
    assert_eq!(at(&budgets), Some((60_000, Scope::Run)));
    let find = Scope::Phase("Find".to_owned());
    budgets.began("Find", 1_000);
    budgets.began("Find", 2_000);
    assert_eq!(at(&budgets), Some((11_000, find.clone())));
    budgets.ended("Find", 3_000);
    budgets.ended("Find", 5_000);
    assert_eq!(at(&budgets), Some((60_000, Scope::Run)));
    budgets.began("Find", 20_000);
    assert_eq!(at(&budgets), Some((26_000, find)));
}

#[test]
fn bits_and_agents_of_a_phase_are_counted() {
    let few = Allowance {
        agents: Some(2),
        gate_bits: Some(Bits::whole(3)),
        ..Allowance::default()
    };
    let mut budgets = Budgets::new(plan(NONE, NONE, few), &Past::default());
    assert_eq!(budgets.bits_left(of(0, "")), Bits::UNBOUNDED);
    budgets.note_bits(of(1, "Find"), Bits::whole(2));
    assert_eq!(budgets.bits_left(of(2, "Find")), Bits::whole(1));
    budgets.count_agent(1, "one", "Find");
    assert_eq!(budgets.agents_left("Find"), Some(1));
    assert_eq!(budgets.agents_left(""), None);
}

fn label() -> LabelText {
    LabelText {
        taint: Vec::new(),
        readers: None,
    }
}

fn content() -> ContentRef {
    ContentRef {
        digest: "a".to_owned(),
        label: label(),
    }
}

#[test]
fn what_earlier_parts_used_up_counts_and_the_time_between_them_does_not() {
    let events = [
        Event::RunStarted {
            workflow: "w".to_owned(),
            policy: String::new(),
            plugins: Vec::new(),
            arguments: content(),
            seed: 1,
            started_ms: 1_000_000,
            launch: None,
        },
        Event::StepStarted {
            step: 1,
            name: "one".to_owned(),
            profile: "p".to_owned(),
            task: String::new(),
            parts: Vec::new(),
            start: label(),
            clearance: label(),
            key: "k".to_owned(),
            phase: "Find".to_owned(),
            at_ms: 1_002_000,
        },
        Event::EffectIntended {
            step: 1,
            effect: 0,
            function: "model.default".to_owned(),
            arguments: Vec::<ArgumentRef>::new(),
            within: None,
            target: String::new(),
            counted: None,
            at_ms: 1_003_000,
        },
        Event::EffectDone {
            step: 1,
            effect: 0,
            ok: true,
            answer: content(),
            facts: None,
            usage: Some(written(90)),
            elsewhere: Elsewhere::No,
            at_ms: 1_004_000,
        },
    ];
    let past = Past::read(events);
    assert_eq!(past.clock.run_ms, 4_000);
    assert_eq!(past.clock.phase_ms["Find"], 2_000);
    let mut budgets = Budgets::new(plan(tokens(100), NONE, NONE), &past);
    let (step, name, used) = budgets.of_agents().next().unwrap();
    assert_eq!((step, name, used.usage.output_tokens), (1, "one", 90));
    let room = budgets.reserve(of(2, ""), 1_000, price);
    assert!(matches!(room, Room::Spent(_)), "{room:?}");
    assert_eq!(reserved(budgets.reserve(of(2, ""), 10, price)).tokens, 10);
}

proptest! {
    /// Whatever is asked at the same time, and however much of it is really used, no limit is
    /// passed, and nothing waits where nothing is under way.
    #[test]
    fn no_limit_is_ever_passed(
        limits in (1u64..5_000, 1u64..5_000, 1u64..5_000, 1u64..20_000),
        calls in proptest::collection::vec((1u32..4, 1u64..2_000, 0u64..=100, any::<bool>()), 1..60),
    ) {
        let (run, agent, find, micros) = limits;
        let run = Allowance { micros: Some(micros), ..tokens(run) };
        let mut budgets = Budgets::new(plan(run, tokens(agent), tokens(find)), &Past::default());
        let mut open: Vec<(Reserved, u64)> = Vec::new();
        for (step, wanted, share, waits) in calls {
            let phase = if step == 1 { "Find" } else { "" };
            match budgets.reserve(of(step, phase), wanted, price) {
                Room::Reserved(room) => {
                    let smallest = limits.0.min(limits.1).min(limits.2);
                    let least = least_answer(wanted, Some(smallest));
                    prop_assert!(least <= room.tokens && room.tokens <= wanted);
                    let used = room.tokens * share / 100;
                    open.push((room, used));
                }
                Room::Later => prop_assert!(!open.is_empty()),
                Room::Spent(spent) => prop_assert!(spent.used <= spent.limit),
            }
            if !waits {
                for (room, used) in open.drain(..) {
                    let usage = Usage { cost_micros: price(used), ..written(used) };
                    budgets.settle(&room, usage);
                }
            }
            let of_run = budgets.of_run().usage;
            prop_assert!(of_run.output_tokens <= limits.0 && of_run.cost_micros <= micros);
            prop_assert!(budgets.of_agents().all(|(_, _, used)| used.usage.output_tokens <= limits.1));
            let find = budgets.of_phases().find(|(title, _)| *title == "Find");
            prop_assert!(find.is_none_or(|(_, used)| used.usage.output_tokens <= limits.2));
        }
    }
}

/// The measure of a budget in words, with the key that raises it.
#[test]
fn a_spent_budget_says_what_to_raise() {
    let spent = |scope, measure, limit| Spent {
        scope,
        measure,
        limit,
        used: limit,
    };
    let time = spent(Scope::Phase("Deep".to_owned()), Measure::Time, 120_000);
    assert_eq!(
        time.to_string(),
        "the phase \"Deep\" has used its 2 minutes"
    );
    assert_eq!(
        time.key(),
        ("wall_minutes", "[budget.phase.\"Deep\"]".to_owned())
    );
    let money = spent(Scope::Agent(3), Measure::Money, 1_500_000);
    assert_eq!(
        money.to_string(),
        "the agent of step 3 has used 1.500000 of its 1.500000 USD"
    );
    assert_eq!(money.key(), ("usd", "[budget.agent]".to_owned()));
}

#[test]
fn of_a_small_budget_a_part_is_worth_an_answer_and_of_a_large_one_no_less_than_a_few_words() {
    for (wanted, budget, least) in [
        (16_384, None, 256),
        (16_384, Some(100_000), 256),
        (16_384, Some(12), 3),
        (5, Some(12), 3),
        (5, Some(100), 5),
        (100, Some(1), 1),
    ] {
        assert_eq!(
            least_answer(wanted, budget),
            least,
            "{wanted} of {budget:?}"
        );
    }
}
