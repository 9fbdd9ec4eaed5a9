//! Does the second count find every record that was edited, dropped or added?
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says with which case"
)]

use lazaret_workflow::event::{Basis, Event};
use lazaret_workflow::recount::{Disagreement, Recount, Types};
use lazaret_workflow::status::Status;

/// Six kinds and a number of six bits: 384 values, and `invalid`.
const VERDICT: &str = r#"{
    "type": "object",
    "properties": {
        "kind": { "enum": [1, 2, 3, 4, 5, 6] },
        "weight": { "type": "integer", "minimum": 0, "maximum": 63 }
    },
    "required": ["kind", "weight"]
}"#;

fn recount(events: &[Event]) -> Result<Recount, Vec<Disagreement>> {
    let texts = [("aa", VERDICT), ("open", r#"{"type": "string"}"#)];
    let types: Types = texts
        .map(|(digest, text)| (digest.to_owned(), text.to_owned()))
        .into();
    lazaret_workflow::recount::recount(events, &types)
}

fn verdict(payers: &[&str], bits: u64) -> Event {
    priced("verdict", payers, bits, "aa", Basis::Type)
}

fn gated(channel: &str, payers: &[&str], bits: u64, question: &str) -> Event {
    priced(channel, payers, bits, question, None)
}

fn priced(
    channel: &str,
    payers: &[&str],
    bits: u64,
    question: &str,
    basis: impl Into<Option<Basis>>,
) -> Event {
    Event::Gated {
        step: 0,
        channel: channel.to_owned(),
        payers: payers.iter().map(|one| (*one).to_owned()).collect(),
        bits,
        reserved: false,
        subject: String::new(),
        question: question.to_owned(),
        phase: String::new(),
        basis: basis.into(),
    }
}

fn finished(bits: u64) -> Event {
    Event::RunFinished {
        status: Status::Done,
        result: None,
        failure: None,
        bits,
        at_ms: 0,
    }
}

/// A count of at most a thousand, two items' verdicts and endings, and a person's word.
fn honest() -> Vec<Event> {
    vec![
        gated("count", &["run"], 9_968, "1000"),
        verdict(&["item:0"], 8_589),
        verdict(&["item:1"], 8_589),
        gated("outcome", &["item:0", "item:1"], 2_000, "77"),
        priced(
            "endorsement",
            &["many"],
            24_000,
            "the rule",
            Basis::Bytes(3),
        ),
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
    assert_eq!((count.total, count.unchecked), (53_146, 0));
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
        edit(2, verdict(&["item:1"], 1_000)),
        [
            "record 3, gate verdict: 1.000 bits are stated, 8.589 are counted",
            "record 6, the run's end: 53.146 bits are stated, 45.557 are counted",
        ]
    );
    assert_eq!(
        edit(3, gated("outcome", &["item:0"], 1_585, "77"))[0],
        "record 4, gate outcome: 1.585 bits are stated, 2.000 are counted"
    );
    assert_eq!(
        edit(1, verdict(&[], 8_589)),
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
    more.insert(1, verdict(&["item:2"], 8_589));
    assert_eq!(wrong(&more).len(), 1);
}

#[test]
fn a_run_that_went_on_is_counted_to_each_of_its_ends() {
    let mut events = honest();
    events.push(verdict(&["item:2"], 8_589));
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
fn a_forged_price_is_found_whatever_it_is_the_price_of() {
    let right: [(&str, &str, Option<Basis>, u64); 9] = [
        ("verdict", "aa", Some(Basis::Type), 8_589),
        // One of five parts, or none.
        ("pick", "bb", Some(Basis::Parts(5)), 2_585),
        ("order", "77", Some(Basis::Outstanding(3)), 1_585),
        ("endorsement", "ask", Some(Basis::Word), 2_000),
        ("endorsement", "the rule", Some(Basis::Bytes(7)), 56_000),
        ("until", "", Some(Basis::Rounds(2)), 2_000),
        ("count", "1000", None, 9_968),
        ("outcome", "77", None, 2_000),
        ("decision", "step 1", None, 1_000),
    ];
    for (channel, question, basis, right) in right {
        let of = |bits| recount(&[priced(channel, &["run"], bits, question, basis)]);
        assert_eq!(of(right).unwrap().unchecked, 0, "{channel}");
        for forged in [0, 1, right - 2, right + 2, 10 * right, u64::MAX] {
            let wrong = of(forged).unwrap_err();
            let found: Vec<u64> = wrong.iter().map(|one| one.counted).collect();
            assert_eq!(found, [right], "{channel}: {forged}");
        }
    }
}

#[test]
fn a_price_of_what_such_a_gate_does_not_answer_is_found() {
    let forged = [
        // The type's text is not there, or is of no closed type.
        priced("verdict", &["run"], 8_589, "gone", Basis::Type),
        priced("verdict", &["run"], 8_589, "open", Basis::Type),
        priced("verdict", &["run"], 2_000, "aa", Basis::Word),
        priced("verdict", &["run"], 8_000, "aa", Basis::Bytes(1)),
        priced("outcome", &["run"], 1_000, "77", Basis::Outstanding(2)),
        priced("endorsement", &["run"], 1_000, "", Basis::Rounds(1)),
    ];
    for event in forged {
        let wrong = wrong(std::slice::from_ref(&event));
        assert_eq!(wrong.len(), 1, "{event:?}");
        assert!(wrong[0].contains("nothing has this price"), "{}", wrong[0]);
    }
}

/// Records of earlier versions name a type by its digest alone.
#[test]
fn an_older_record_is_counted_and_said_to_be_unchecked() {
    let old = include_str!("fixtures/events-2.jsonl");
    let events = old.lines().map(|line| serde_json::from_str(line).unwrap());
    let gated = |event: &Event| matches!(event, Event::Gated { .. });
    let events: Vec<Event> = events.filter(gated).collect();
    let count = recount(&events).unwrap();
    assert_eq!(count.by_gate["verdict"], 17_178);
    assert_eq!(count.unchecked, 17_178, "the verdicts and nothing else");
    let text = serde_json::to_string(&verdict(&["run"], 8_589)).unwrap();
    assert!(text.contains(r#""basis":"type""#), "{text}");
}

#[test]
fn a_logarithm_is_the_one_that_the_gates_charge() {
    use lazaret_kernel::capacity::Bits;
    for most in (0_u32..3_000).chain([65_535, 65_536, 99_999, 100_000]) {
        let bits = Bits::of_choices(u128::from(most) + 1).thousandths();
        let of = |bits| recount(&[gated("count", &["run"], bits, &most.to_string())]);
        assert!(of(bits).is_ok(), "{most}: {bits}");
        assert!(of(bits + 2).is_err(), "{most}: {bits}");
        assert!(bits == 0 || of(bits - 1).is_err(), "{most}: {bits}");
    }
}
