//! Small things that become large or deep: compositions of compositions, nested JSON.

use lazaret_security::Stage;

#[test]
fn a_billion_laughs_are_an_error_inside_the_answer() {
    let stage = |levels: &str| {
        Stage::of("laughs_a_billion")
            .rule("[limits]", "cpu_ms", "30000")
            .order(levels)
    };
    let small = stage("3").play();
    assert_eq!(small.answer().as_str().unwrap().len(), 3_000);
    let played = stage("12").play();
    // What fits ten million times is an error, and that is repeated at most as often as fits.
    let text = played.answer().to_string();
    assert!(text.len() <= 16 << 20, "{} bytes", text.len());
    assert!(text.contains("content-bytes"), "{text}");
}

#[test]
fn a_composition_nested_too_often_is_an_error_inside_the_answer() {
    let played = Stage::of("nests_compositions")
        .rule("[limits]", "cpu_ms", "30000")
        .order("66")
        .play();
    assert_eq!(played.ended(), "value", "{:?}", played.report.failures);
}

#[test]
fn the_deepest_json_that_can_be_composed_is_read_and_the_host_lives() {
    let stage = |times: &str| {
        Stage::of("nests_compositions")
            .rule("[limits]", "cpu_ms", "30000")
            .order(times)
    };
    let few = stage("1").play();
    assert_eq!(few.answer(), "65 bytes");
    let played = stage("64").play();
    assert_eq!(played.ended(), "value", "{:?}", played.report.failures);
}

#[test]
fn json_nested_too_deep_is_an_error() {
    let stage = |levels: &str| Stage::of("nests_json").order(levels);
    assert_eq!(stage("100").play().answer(), "done");
    let played = stage("100000").play();
    let answer = played.answer().as_str().unwrap();
    assert!(
        answer.starts_with("invalid: malformed JSON: recursion limit"),
        "{answer}"
    );
}

#[test]
fn a_schema_nested_too_deep_is_an_error() {
    let deep = format!("{}true{}", r#"{"not":"#.repeat(10_000), "}".repeat(10_000));
    let played = Stage::of("gates_as_asked")
        .rule("[profile.subject]", "gates", r#"["verdict"]"#)
        .order(deep)
        .play();
    let answer = played.answer().as_str().unwrap();
    assert!(answer.starts_with("invalid: malformed JSON"), "{answer}");
}
