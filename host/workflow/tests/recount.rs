//! Does the second count find every record that was edited, dropped or added?
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says with which case"
)]

use lazaret_workflow::event::Event;
use lazaret_workflow::recount::{Recount, recount};
use lazaret_workflow::status::Status;

fn gated(channel: &str, payers: &[&str], bits: u64, question: &str) -> Event {
    Event::Gated {
        step: 0,
        channel: channel.to_owned(),
        payers: payers.iter().map(|one| (*one).to_owned()).collect(),
        bits,
        reserved: false,
        subject: String::new(),
        question: question.to_owned(),
        phase: String::new(),
    }
}

fn finished(bits: u64) -> Event {
    Event::RunFinished {
        status: Status::Done,
        result: None,
        bits,
        at_ms: 0,
    }
}

/// A count of at most a thousand, two items' verdicts and endings, and a person's word.
fn honest() -> Vec<Event> {
    vec![
        gated("count", &["run"], 9_968, "1000"),
        gated("verdict", &["item:0"], 8_589, "aa"),
        gated("verdict", &["item:1"], 8_589, "aa"),
        gated("outcome", &["item:0", "item:1"], 2_000, "77"),
        gated("endorsement", &["many"], 24_000, "the rule"),
        finished(53_146),
    ]
}

fn wrong(events: &[Event]) -> Vec<String> {
    let wrong = recount(events).unwrap_err();
    wrong.iter().map(ToString::to_string).collect()
}

#[test]
fn honest_records_are_counted_by_gate_by_item_and_in_all() {
    let count = recount(&honest()).unwrap();
    assert_eq!(count.total, 53_146);
    let gates: Vec<_> = count
        .by_gate
        .iter()
        .map(|(name, bits)| (name.as_str(), *bits))
        .collect();
    assert_eq!(
        gates,
        [
            ("count", 9_968),
            ("endorsement", 24_000),
            ("outcome", 2_000),
            ("verdict", 17_178)
        ]
    );
    let items: Vec<_> = count
        .by_payer
        .iter()
        .map(|(name, bits)| (name.as_str(), *bits))
        .collect();
    assert_eq!(
        items,
        [
            ("item:0", 10_589),
            ("item:1", 10_589),
            ("many", 24_000),
            ("run", 9_968)
        ]
    );
}

#[test]
fn a_record_that_was_edited_disagrees() {
    let edit = |at: usize, event: Event| {
        let mut events = honest();
        events[at] = event;
        wrong(&events)
    };
    assert_eq!(
        edit(0, gated("count", &["run"], 1_000, "1000")),
        [
            "record 1, gate count: 1.000 bits are stated, 9.968 are counted",
            "record 6, the run's end: 53.146 bits are stated, 44.178 are counted",
        ]
    );
    assert_eq!(
        edit(2, gated("verdict", &["item:1"], 1_000, "aa")),
        ["record 6, the run's end: 53.146 bits are stated, 45.557 are counted",]
    );
    assert_eq!(
        edit(3, gated("outcome", &["item:0"], 1_585, "77"))[0],
        "record 4, gate outcome: 1.585 bits are stated, 2.000 are counted"
    );
    assert_eq!(
        edit(1, gated("verdict", &[], 8_589, "aa")),
        ["record 2, gate verdict: payers: 8.589 bits are stated, 0.000 are counted"]
    );
    assert_eq!(
        edit(5, finished(1_000)),
        ["record 6, the run's end: 1.000 bits are stated, 53.146 are counted"]
    );
}

#[test]
fn a_record_that_was_dropped_or_added_disagrees() {
    let mut fewer = honest();
    fewer.remove(1);
    assert_eq!(wrong(&fewer).len(), 1);
    let mut more = honest();
    more.insert(1, gated("verdict", &["item:2"], 8_589, "aa"));
    assert_eq!(wrong(&more).len(), 1);
}

#[test]
fn a_run_that_went_on_is_counted_to_each_of_its_ends() {
    let mut events = honest();
    events.push(gated("verdict", &["item:2"], 8_589, "aa"));
    events.push(finished(61_735));
    assert_eq!(recount(&events).unwrap().total, 61_735);
}

#[test]
fn what_another_counted_is_compared_gate_by_gate_and_item_by_item() {
    let count = recount(&honest()).unwrap();
    let pairs = |all: &[(&str, u64)]| -> Vec<(String, u64)> {
        all.iter()
            .map(|(name, bits)| ((*name).to_owned(), *bits))
            .collect()
    };
    let gates = |verdict| {
        pairs(&[
            ("verdict", verdict),
            ("count", 9_968),
            ("outcome", 2_000),
            ("endorsement", 24_000),
        ])
    };
    let items = |first| {
        pairs(&[
            ("item:0", first),
            ("item:1", 10_589),
            ("run", 9_968),
            ("many", 24_000),
        ])
    };
    let said =
        |count: &Recount, total, gates: &[(String, u64)], items: &[(String, u64)]| -> Vec<String> {
            let wrong = count.compare(total, gates, items);
            wrong.iter().map(ToString::to_string).collect()
        };
    assert_eq!(
        said(&count, 53_146, &gates(17_178), &items(10_589)),
        [""; 0]
    );
    assert_eq!(
        said(&count, 53_145, &gates(17_177), &items(10_588)),
        [
            "in all: 53.145 bits are stated, 53.146 are counted",
            "gate verdict: 17.177 bits are stated, 17.178 are counted",
            "item:0: 10.588 bits are stated, 10.589 are counted",
        ]
    );
    // The policy has lost its gate: the total alone still has it.
    let without = &gates(17_178)[1..];
    assert_eq!(said(&count, 53_146, without, &items(2_000)), [""; 0]);
}

#[test]
fn a_logarithm_is_the_one_that_the_gates_charge() {
    use lazaret_kernel::capacity::Bits;
    for most in (0_u32..3_000).chain([65_535, 65_536, 99_999, 100_000]) {
        let bits = Bits::of_choices(u128::from(most) + 1).thousandths();
        let events = [gated("count", &["run"], bits, &most.to_string())];
        assert!(recount(&events).is_ok(), "{most}: {bits}");
    }
}
