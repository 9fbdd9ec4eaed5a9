//! Does a list take the place of its handle in a schema, and is any other list refused?

use lazaret_policy::closed::{ClosedError, is_part, resolve};
use serde_json::{Value, json};

/// Puts `list` in the place of every handle.
fn resolved(schema: &Value, list: &Value) -> Result<Value, ClosedError> {
    resolve(schema, |_| Ok(list.clone()))
}

#[test]
fn a_part_is_asked_for_by_its_one_keyword() {
    assert!(is_part(&json!({ "x-lazaret-part": true })));
    for other in [
        json!({ "x-lazaret-part": false }),
        json!({ "x-lazaret-part": true, "title": "a" }),
        json!({}),
        json!(true),
    ] {
        assert!(!is_part(&other), "{other}");
    }
}

#[test]
fn each_member_stands_once_in_the_place_of_the_handle_wherever_a_schema_stands() {
    let handle = json!({ "x-lazaret-member-of": 7 });
    let list = json!(["a", 1, "b", 1.0, null, true, "a"]);
    let members = json!({ "enum": ["a", 1, "b", null, true] });
    for (schema, expected) in [
        (handle.clone(), members.clone()),
        (
            json!({ "properties": { "who": handle }, "anyOf": [{ "type": "null" }, handle] }),
            json!({ "properties": { "who": members }, "anyOf": [{ "type": "null" }, members] }),
        ),
    ] {
        assert_eq!(resolved(&schema, &list).unwrap(), expected);
    }
    for unchanged in [
        json!({ "type": "null" }),
        json!({ "x-lazaret-member-of": 7, "title": "who" }),
        json!({ "const": handle, "default": handle, "enum": [handle], "examples": [handle] }),
    ] {
        assert_eq!(resolved(&unchanged, &list).unwrap(), unchanged);
    }
}

#[test]
fn a_handle_is_a_number_or_its_digits() {
    let asked = |handle: Value| {
        let mut asked = Vec::new();
        let schema = json!({ "items": { "x-lazaret-member-of": handle } });
        let result = resolve(&schema, |number| -> Result<Value, ClosedError> {
            asked.push(number);
            Ok(json!(["a"]))
        });
        result.map(|_| asked)
    };
    assert_eq!(asked(json!(7)).unwrap(), [7]);
    // One more than a number of JavaScript's can say.
    assert_eq!(
        asked(json!("9007199254740993")).unwrap(),
        [9_007_199_254_740_993]
    );
    for wrong in [
        json!(-1),
        json!(1.5),
        json!("seven"),
        json!(null),
        json!([7]),
    ] {
        let error = asked(wrong.clone()).unwrap_err();
        assert_eq!(error.pointer(), "/items/x-lazaret-member-of", "{wrong}");
        assert!(error.reason().contains("no handle"), "{wrong}: {error}");
    }
}

#[test]
fn a_list_that_is_no_choice_is_refused() {
    let numbers = |count: usize| json!((0..count).collect::<Vec<_>>());
    // The text with its quotes and the brackets around it.
    let bytes = |count: usize| json!(["a".repeat(count - 4)]);
    let handle = json!({ "x-lazaret-member-of": 7 });
    for list in [numbers(1), numbers(256), bytes(65_536)] {
        assert!(resolved(&handle, &list).is_ok());
    }
    for (list, reason) in [
        (json!("a"), "no list"),
        (json!([]), "no member"),
        (json!(["a", ["b"]]), "no texts, numbers or truth values"),
        (json!(["a", {}]), "no texts, numbers or truth values"),
        (numbers(257), "more than 256 members"),
        (bytes(65_537), "more than 65536 bytes"),
    ] {
        let error = resolved(&handle, &list).unwrap_err();
        assert_eq!(error.pointer(), "/x-lazaret-member-of");
        assert!(error.reason().contains(reason), "{reason}: {error}");
    }
    // All lists of a schema together.
    let two = json!({ "anyOf": [handle, handle] });
    assert!(resolved(&two, &bytes(32_768)).is_ok());
    let error = resolved(&two, &bytes(32_769)).unwrap_err();
    assert_eq!(error.pointer(), "/anyOf/1/x-lazaret-member-of");
}

#[test]
fn who_refuses_to_tell_the_members_is_heard() {
    let schema = json!({ "x-lazaret-member-of": 7 });
    let refused = resolved(&json!({ "x-lazaret-member-of": null }), &json!([])).unwrap_err();
    let result: Result<Value, ClosedError> = resolve(&schema, |_| Err(refused.clone()));
    assert_eq!(result.unwrap_err(), refused);
}
