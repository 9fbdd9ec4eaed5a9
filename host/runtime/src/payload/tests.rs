//! Payloads: what parts, sizes and digests they have.

use lazaret_journal::{NewRun, Record, RunId};
use serde_json::json;

use super::read::LOST;
use super::*;

fn at(payload: &Payload, pointer: &str) -> Payload {
    payload.project(&Pointer::parse(pointer).unwrap())
}

#[test]
fn a_large_part_points_into_its_whole() {
    let text = "x".repeat(10_000);
    let whole = Payload::json(json!({ "a": [{ "b": text }] }));
    let parts: Vec<Payload> = (0..5).map(|_| at(&whole, "/a/0/b")).collect();
    assert_eq!(Arc::strong_count(&whole.node), 6);
    assert!(parts.iter().all(|part| part.to_value() == json!(text)));
    let items = at(&whole, "/a").items(3);
    assert_eq!(items.len(), 1);
    assert_eq!(at(&items[0], "/b").to_text(), text);
    assert_eq!(at(&items[0], "/c").to_value(), Value::Null);
}

#[test]
fn a_small_part_keeps_nothing_alive() {
    let whole = Payload::json(json!({ "a": 1, "b": "x".repeat(10_000) }));
    assert_eq!(at(&whole, "/a").to_value(), json!(1));
    assert_eq!(Arc::strong_count(&whole.node), 1);
}

/// One payload of each shape, and of each kind of value.
fn payloads() -> Vec<Payload> {
    let text = Payload::text("a \"quoted\"\nline, ünd \u{1}");
    let large = "x".repeat(10_000);
    let value = json!({ "z": [1, -2, 0.1, 1e300, u64::MAX], "a": { "b": large }, "n": null });
    let value = Payload::json(value);
    let pieces = vec![
        Piece::Literal("<\\>".to_owned()),
        Piece::Content(text.clone()),
        Piece::Content(value.clone()),
    ];
    let pointer = Pointer::parse("/a").unwrap();
    let whole = Payload::composition(json!({ "b": 1, "a": null }), vec![(pointer, value.clone())]);
    vec![
        at(&value, "/a"),
        at(&whole, "/a/a"),
        at(&whole, "/b"),
        Payload::pieces(pieces),
        Payload::failure("it failed"),
        Payload::json(json!("a string")),
        text,
        value,
        whole,
    ]
}

#[test]
fn no_value_has_more_bytes_than_are_counted() {
    for payload in payloads() {
        let written = payload.to_json().len();
        assert!(payload.bytes() >= written, "{written} of {payload:?}");
        let text = Payload::pieces(vec![Piece::Content(payload.clone())]);
        assert!(text.bytes() >= text.to_json().len(), "{payload:?}");
    }
}

#[test]
fn a_value_that_the_journal_would_not_take_is_an_error() {
    let control = |many: usize| Payload::text("\u{1}".repeat(many));
    let most = (MAX_WRITTEN_BYTES - 2) / 6;
    assert_eq!(control(most).to_text().len(), most);
    let larger = control(most + 1);
    assert!(larger.to_text().contains("written-bytes"));
    larger.to_blob("{}".to_owned()).unwrap();
}

/// A composition of a text of the composer's own, a list, and another text.
fn beside(other: Payload) -> Payload {
    let own = Payload::text("mine");
    let leaves = [
        ("/own", own.clone()),
        ("/list/1/own", own),
        ("/other", other),
    ];
    let leaves = leaves.map(|(at, leaf)| (Pointer::parse(at).unwrap(), leaf));
    let skeleton = json!({ "own": null, "list": [1, { "own": null }, 3], "other": null });
    Payload::composition(skeleton, leaves.into())
}

/// What a reader of all but `/other` sees of it.
fn seen(whole: &Payload) -> Vec<Value> {
    let places = [
        "/own",
        "/list",
        "/list/0",
        "/list/1",
        "/list/1/own",
        "/none",
    ];
    let parts = places.into_iter().map(|place| at(whole, place));
    let items = at(whole, "/list").items(9);
    parts.chain(items).map(|part| part.to_value()).collect()
}

#[test]
fn how_large_a_leaf_is_shows_in_no_other_part() {
    let small = beside(Payload::text("x"));
    let large = beside(Payload::text("x".repeat(MAX_CONTENT_BYTES)));
    assert_eq!(seen(&small), seen(&large));
    assert_eq!(seen(&small)[3], json!({ "own": "mine" }));
    assert_eq!(
        seen(&small)[6..],
        [json!(1), json!({ "own": "mine" }), json!(3)]
    );
    // The whole is read by who may know it, and so is the leaf.
    assert_eq!(small.to_value()["other"], "x");
    assert!(large.to_text().contains("content-bytes"));
    assert_eq!(at(&large, "/other").to_text().len(), MAX_CONTENT_BYTES);
}

#[test]
fn how_deep_a_leaf_is_shows_in_no_other_part() {
    let nest = |times: u16| {
        let inner = |inner, _| Payload::composition(json!([null]), vec![(Pointer::item(0), inner)]);
        (0..times).fold(Payload::text("deep"), inner)
    };
    let (small, large) = (beside(nest(1)), beside(nest(MAX_COMPOSITION_DEPTH)));
    assert_eq!(seen(&small), seen(&large));
    assert_eq!(at(&small, "/other/0").to_text(), "deep");
    assert!(at(&large, "/other").to_text().contains("composition-depth"));
}

#[test]
fn the_items_of_a_composed_list_are_its_leaves() {
    let leaves = (0..300).map(|index| (Pointer::item(index), Payload::text(index.to_string())));
    let skeleton = Value::from(vec![Value::Null; 300]);
    let list = Payload::composition(skeleton, leaves.collect());
    let items = list.items(200);
    let texts: Vec<String> = items.iter().map(Payload::to_text).collect();
    let numbers: Vec<String> = (0..200).map(|index: u32| index.to_string()).collect();
    assert_eq!(texts, numbers);
    let root = Payload::composition(Value::Null, vec![(Pointer::ROOT, list)]);
    assert_eq!(root.items(9).len(), 9);
}

#[test]
fn a_value_on_disk_is_the_same_value() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path().join("journal.db")).unwrap();
    let new = NewRun::new(RunId::new("diskdiskdisk").unwrap(), 0, "disk", "{}").unwrap();
    let writer = journal.create_run(new).unwrap();
    for payload in payloads() {
        let payload = payload.plain();
        let blob = payload.to_blob("{}".to_owned()).unwrap();
        let record = Record::new("test", "{}").unwrap().with_blob(blob).unwrap();
        writer.append(record).wait().unwrap();
        let stored = payload.on_disk(&journal, payload.sha256());
        assert_eq!(stored.to_json(), payload.to_json());
        assert_eq!(stored.to_text(), payload.to_text());
        assert_eq!(stored.bytes(), payload.bytes());
        for place in ["/a", "/a/b", "/z/1", "/none"] {
            let (one, other) = (at(&stored, place), at(&payload, place));
            assert_eq!(one.to_json(), other.to_json());
            assert_eq!(one.bytes_in_text(), other.bytes_in_text());
        }
    }
}

#[test]
fn what_the_journal_does_not_have_is_an_error_and_no_panic() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path().join("journal.db")).unwrap();
    let lost = Payload::text("lost");
    let lost = lost.on_disk(&journal, lost.sha256());
    assert_eq!(lost.to_value(), error(LOST));
}

#[test]
fn what_is_written_is_the_value_s_own_json() {
    for payload in payloads() {
        assert_eq!(payload.to_json(), payload.to_value().to_string());
    }
}

#[test]
fn a_digest_is_the_store_s_whichever_is_asked_for_first() {
    for (asked, stored) in payloads().into_iter().zip(payloads()) {
        let digest = Digest::of(asked.to_value().to_string().as_bytes());
        assert_eq!(asked.digest(), digest.to_string());
        assert_eq!(asked.to_blob("{}".to_owned()).unwrap().digest(), digest);
        assert_eq!(stored.to_blob("{}".to_owned()).unwrap().digest(), digest);
        assert_eq!(stored.node.digest.get(), Some(&digest));
        assert_eq!(stored.identity(), *digest.as_bytes());
    }
}

#[test]
fn clones_share_a_digest() {
    let text = Payload::text("x");
    let other = text.clone();
    let digest = text.digest();
    let kept = other.node.digest.get().map(Digest::to_string);
    assert_eq!(kept, Some(digest));
}

#[test]
fn a_part_of_a_composition_has_its_leaves_in_it() {
    let leaf = Payload::text("y".repeat(1_000));
    let skeleton = json!({ "a": { "b": null, "c": 2 } });
    let pointer = Pointer::parse("/a/b").unwrap();
    let whole = Payload::composition(skeleton, vec![(pointer, leaf.clone())]);
    let part = at(&whole, "/a");
    assert_eq!(part.to_value(), json!({ "b": leaf.to_text(), "c": 2 }));
    assert_eq!(at(&part, "/b").to_text(), leaf.to_text());
    assert_eq!(at(&part, "/b/c").to_value(), Value::Null);
}
