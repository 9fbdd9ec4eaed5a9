//! The replay engine agrees with a naive one, numbers are never given twice, and old
//! journals are still understood.

use std::collections::BTreeSet;

use lazaret_workflow::approval::Items;
use lazaret_workflow::event::{
    ArgumentRef, ContentRef, Counted, Decision, Elsewhere, Ending, Event, FactsText, Given,
    GivenKind, LabelText, OriginsText,
};
use lazaret_workflow::replay::{Found, Matching, Past, Replay, Scope, Settings, Steps, effect_key};
use proptest::prelude::*;

fn label() -> LabelText {
    LabelText {
        taint: Vec::new(),
        readers: None,
    }
}

fn content(digest: &str) -> ContentRef {
    ContentRef {
        digest: digest.to_owned(),
        label: label(),
    }
}

fn started(step: u32, key: &str) -> Event {
    Event::StepStarted {
        step,
        name: format!("step {step}"),
        profile: "reader".to_owned(),
        task: String::new(),
        parts: Vec::new(),
        start: label(),
        clearance: label(),
        key: key.to_owned(),
        phase: String::new(),
        at_ms: 0,
    }
}

fn finished(step: u32) -> Event {
    Event::StepFinished {
        step,
        ending: Ending::Value {
            answer: content("a"),
        },
        label: label(),
        given: Some(Given {
            kind: GivenKind::Value,
            content: "a".to_owned(),
            facts: FactsText {
                is_text: true,
                root: label(),
                fields: Vec::new(),
                origins: OriginsText::default(),
                items: None,
                vouched: None,
            },
            shown_as_text: true,
            floor: label(),
            rose: false,
            set_going: None,
            chosen: None,
            origins: OriginsText::default(),
            mark: u64::from(step),
        }),
        at_ms: 0,
    }
}

fn intended(step: u32, effect: u32, argument: &str) -> Event {
    intended_as(step, effect, argument, None)
}

fn intended_as(step: u32, effect: u32, argument: &str, counted: Option<Counted>) -> Event {
    Event::EffectIntended {
        counted,
        step,
        effect,
        function: "tracker.pay".to_owned(),
        arguments: vec![ArgumentRef {
            name: "amount".to_owned(),
            content: content(argument),
        }],
        within: None,
        target: String::new(),
        at_ms: 0,
    }
}

fn done(step: u32, effect: u32) -> Event {
    Event::EffectDone {
        step,
        effect,
        ok: true,
        answer: content("done"),
        facts: None,
        usage: None,
        elsewhere: Elsewhere::No,
        at_ms: 0,
    }
}

/// A recorded step: its key, and whether it has finished.
type Recorded = (u8, bool);

fn past(recorded: &[Recorded]) -> Past {
    let events = recorded
        .iter()
        .zip(1u32..)
        .flat_map(|((key, ended), step)| {
            let end = ended.then(|| finished(step));
            std::iter::once(started(step, &key.to_string())).chain(end)
        });
    Past::read(events)
}

/// What the engine should find: the first recorded step of the key that nobody took.
fn naive(recorded: &[Recorded], taken: &mut BTreeSet<u32>, key: u8) -> Option<(u32, bool)> {
    let mut all = recorded.iter().zip(1u32..);
    let (found, number) =
        all.find(|((other, _), number)| *other == key && !taken.contains(number))?;
    taken.insert(number);
    Some((number, found.1))
}

proptest! {
    #[test]
    fn steps_match_by_key_and_occurrence_whatever_the_order(
        recorded in proptest::collection::vec((0u8..4, any::<bool>()), 0..12),
        asked in proptest::collection::vec(0u8..5, 0..16),
    ) {
        let mut replay = Replay::new(past(&recorded), Settings::default());
        let (mut taken, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for key in asked {
            let (number, found) = replay.step(&key.to_string());
            prop_assert!(numbers.insert(number), "the number {number} was given twice");
            match naive(&recorded, &mut taken, key) {
                None => {
                    prop_assert_eq!(found, Found::Miss);
                    prop_assert!(number as usize > recorded.len());
                }
                Some((expected, ended)) => {
                    prop_assert_eq!(number, expected);
                    prop_assert_eq!(matches!(found, Found::Done(_)), ended);
                }
            }
        }
    }

    #[test]
    fn a_strict_prefix_ends_at_the_first_difference(
        recorded in proptest::collection::vec((0u8..3, Just(true)), 0..8),
        asked in proptest::collection::vec(0u8..3, 0..8),
    ) {
        let strict = Settings { matching: Matching::StrictPrefix, ..Settings::default() };
        let mut replay = Replay::new(past(&recorded), strict);
        let same = asked.iter().zip(&recorded).take_while(|(key, (other, _))| *key == other);
        let same = same.count();
        for (index, key) in asked.iter().enumerate() {
            let (_, found) = replay.step(&key.to_string());
            prop_assert_eq!(matches!(found, Found::Done(_)), index < same);
        }
    }

    #[test]
    fn without_a_past_everything_is_numbered_as_it_comes(asked in 0u32..20) {
        let mut replay = Replay::default();
        for number in 1..=asked {
            prop_assert_eq!(replay.step("any"), (number, Found::Miss));
        }
    }
}

#[test]
fn an_effect_with_an_intent_and_no_result_is_in_doubt() {
    let events = [
        started(1, "k"),
        intended(1, 0, "a"),
        done(1, 0),
        intended(1, 1, "a"),
    ];
    let mut replay = Replay::new(Past::read(events), Settings::default());
    let scope = Scope {
        step: 1,
        within: None,
    };
    let key = effect_key("tracker.pay", &[("amount".to_owned(), "a".to_owned())]);
    assert!(matches!(replay.effect(scope, &key), (0, Found::Done(_))));
    assert!(matches!(replay.effect(scope, &key), (1, Found::InDoubt(_))));
    assert!(matches!(replay.effect(scope, &key), (2, Found::Miss)));
}

#[test]
fn an_effect_that_nobody_asks_for_again_is_reported() {
    let events = [
        intended(0, 0, "a"),
        done(0, 0),
        intended(0, 1, "b"),
        done(0, 1),
    ];
    let mut replay = Replay::new(Past::read(events), Settings::default());
    let scope = Scope {
        step: 0,
        within: None,
    };
    let key = effect_key("tracker.pay", &[("amount".to_owned(), "b".to_owned())]);
    assert!(matches!(replay.effect(scope, &key), (1, Found::Done(_))));
    let left: Vec<u32> = replay.unrequested().map(|(step, _)| step).collect();
    assert_eq!(left, [0]);
    assert_eq!(replay.unrequested().count(), 1);
}

fn batch(turn: u32, numbers: &[u32], requests: &str) -> Event {
    Event::Batch {
        turn,
        numbers: numbers.to_vec(),
        requests: requests.to_owned(),
        output_tokens: 0,
        step: 0,
        learned: None,
    }
}

#[test]
fn batches_are_given_again_until_the_requests_differ() {
    let events = [
        batch(0, &[1], "x"),
        batch(1, &[2], "y"),
        batch(2, &[3], "z"),
    ];
    let mut replay = Replay::new(Past::read(events), Settings::default());
    assert_eq!(replay.batch(0, 0, "x").unwrap().numbers, [1]);
    assert!(replay.was_answered(0, 3));
    assert_eq!(replay.batch(0, 1, "other"), None);
    assert_eq!(replay.batch(0, 2, "z"), None);
    assert!(!replay.was_answered(0, 3));
}

#[test]
fn a_part_that_diverged_replaces_the_batches_after_it() {
    let events = [
        batch(0, &[1], "x"),
        batch(1, &[2], "y"),
        batch(2, &[3], "z"),
        batch(1, &[9], "w"),
    ];
    let past = Past::read(events);
    let numbers: Vec<&[u32]> = past.batches[&0].iter().map(|one| &*one.numbers).collect();
    assert_eq!(numbers, [[1], [9]]);
}

#[test]
fn each_orchestrator_is_given_its_own_batches() {
    let of = |step: u32, event: Event| match event {
        Event::Batch {
            turn,
            numbers,
            requests,
            output_tokens,
            learned,
            ..
        } => Event::Batch {
            turn,
            numbers,
            requests,
            output_tokens,
            step,
            learned,
        },
        other => other,
    };
    let events = [
        batch(0, &[1], "x"),
        of(4, batch(0, &[7], "y")),
        of(4, batch(1, &[8], "z")),
    ];
    let mut replay = Replay::new(Past::read(events), Settings::default());
    assert_eq!(replay.batch(4, 0, "y").unwrap().numbers, [7]);
    assert_eq!(replay.batch(0, 0, "other"), None);
    // That one went another way is nothing to the other.
    assert_eq!(replay.batch(4, 1, "z").unwrap().numbers, [8]);
}

#[test]
fn a_nested_orchestrator_keeps_its_number_and_is_no_agent() {
    let events = [started(1, "a"), started(2, "workflow"), started(3, "b")];
    let mut replay = Replay::new(Past::read(events), Settings::default());
    assert_eq!(replay.nested("workflow"), 2);
    assert_eq!(replay.nested("another"), 4);
    assert_eq!(replay.agents(), 0);
    assert_eq!(replay.step("b").0, 3);
    assert_eq!(replay.agents(), 1);
}

#[test]
fn a_remark_that_is_made_again_is_written_once_for_each_time() {
    let phase = || Event::Phase {
        title: "read".to_owned(),
    };
    let mut replay = Replay::new(Past::read([phase(), phase()]), Settings::default());
    assert!(replay.noted(&phase()));
    assert!(replay.noted(&phase()));
    assert!(!replay.noted(&phase()));
}

#[test]
fn a_person_can_have_a_step_run_again_or_give_no_value() {
    let events = |decision| {
        [
            started(1, "k"),
            finished(1),
            Event::Decided { step: 1, decision },
        ]
    };
    let mut again = Replay::new(Past::read(events(Decision::Retry)), Settings::default());
    // Under another number: what a person let the old one do was said of that one.
    assert_eq!(again.step("k"), (2, Found::Miss));
    let mut skipped = Replay::new(Past::read(events(Decision::Skip)), Settings::default());
    let (_, found) = skipped.step("k");
    assert!(matches!(found, Found::Done(step) if step.skipped));
}

#[test]
fn events_of_format_1_are_still_read() {
    let old = include_str!("fixtures/events-1.jsonl");
    let events: Vec<Event> = old
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: BTreeSet<&str> = events.iter().map(Event::kind).collect();
    assert_eq!(kinds.len(), 12, "every kind of format 1 is in the fixture");
    let past = Past::read(events);
    assert!(past.started.is_some());
    assert!(past.launch.is_none(), "such a run cannot be resumed");
}

#[test]
fn a_run_of_events_2_is_still_understood_and_goes_on() {
    let old = include_str!("fixtures/events-2.jsonl");
    let events: Vec<Event> = old
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: BTreeSet<&str> = events.iter().map(Event::kind).collect();
    assert_eq!(kinds.len(), 17, "{kinds:?}");
    let items = Items::of(&events);
    assert!(items.all().iter().all(|item| item.used));
    let past = Past::read(events);
    assert!(past.launch.is_some(), "it can be resumed");
    assert_eq!(past.clock.run_ms, 0, "it does not say when things happened");
    let finished: Vec<(u32, String)> = (past.steps.iter())
        .filter(|(_, step)| step.ending.is_some())
        .map(|(number, step)| (*number, step.key.clone()))
        .collect();
    assert!(finished.len() >= 4, "{finished:?}");
    let mut replay = Replay::new(past, Settings::default());
    for (number, key) in finished {
        let (found, step) = replay.step(&key);
        assert!(
            matches!(step, Found::Done(_)),
            "step {number} is not used again"
        );
        assert_eq!(found, number);
    }
}

#[test]
fn a_step_that_is_to_run_again_keeps_its_number_and_its_effects() {
    let events = [
        started(1, "k"),
        intended(1, 0, "a"),
        done(1, 0),
        finished(1),
    ];
    let settings = Settings {
        steps: Steps::Rerun,
        ..Settings::default()
    };
    let mut replay = Replay::new(Past::read(events), settings);
    assert!(matches!(replay.step("k"), (1, Found::InDoubt(_))));
    let key = effect_key("tracker.pay", &[("amount".to_owned(), "a".to_owned())]);
    let scope = Scope {
        step: 1,
        within: None,
    };
    assert!(matches!(replay.effect(scope, &key), (0, Found::Done(_))));
}

fn counted(step: u32, effect: u32, calls: u64, tag: &str) -> Event {
    intended_as(step, effect, "a", Some(count(calls, tag)))
}

fn count(calls: u64, tag: &str) -> Counted {
    Counted {
        calls,
        label: LabelText {
            taint: vec![tag.to_owned()],
            readers: None,
        },
        origins: OriginsText {
            items: vec![3],
            many: false,
        },
    }
}

#[test]
fn calls_are_counted_over_all_parts_whatever_became_of_their_steps() {
    let refused = Event::Ruled {
        step: 2,
        function: "tracker.pay".to_owned(),
        counted: count(2, "web"),
    };
    let retried = Event::Decided {
        step: 1,
        decision: Decision::Retry,
    };
    let events = [
        started(1, "k"),
        counted(1, 0, 0, "mail"),
        started(2, "l"),
        counted(2, 0, 1, "mail"),
        refused,
        retried,
    ];
    let past = Past::read(events);
    let calls = &past.calls["tracker.pay"];
    assert_eq!((calls.made, calls.unlabelled), (2, false));
    let tags: Vec<_> = calls.labels.iter().flat_map(|label| &label.taint).collect();
    assert_eq!(tags, ["mail", "web"]);
    assert_eq!(calls.origins.items, [3]);
    // What was made without being counted may have known anything.
    let uncounted = Past::read([started(1, "k"), intended(1, 0, "a")]);
    assert!(uncounted.calls["tracker.pay"].unlabelled);
}

#[test]
fn a_call_that_was_made_keeps_its_number() {
    let events = [started(1, "k"), counted(1, 0, 4, "mail"), done(1, 0)];
    let mut replay = Replay::new(Past::read(events), Settings::default());
    let key = effect_key("tracker.pay", &[("amount".to_owned(), "a".to_owned())]);
    let scope = Scope {
        step: 1,
        within: None,
    };
    let number = |replay: &Replay| replay.recorded(scope, &key).map(|effect| effect.calls);
    assert_eq!(number(&replay), Some(Some(4)));
    replay.effect(scope, &key);
    assert_eq!(number(&replay), None);
}
