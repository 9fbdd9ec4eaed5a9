//! Code that an agent writes runs with nothing but its input.

use lazaret_security::{Played, Stage, place};
use serde_json::{Value, json};

fn stage(source: &str, input: &Value) -> Stage {
    let engine = std::fs::read(place("plugins/script.wasm")).expect("the script engine");
    Stage::of("calls_by_name")
        .sections("[plugin.engine]\nfile = \"script.wasm\"\n[code]\nplugin = \"engine\"\n")
        .component("engine", engine)
        .rule("[profile.subject]", "use", r#"["code.run"]"#)
        .order(format!(
            "code.run {}",
            json!({ "source": source, "input": input })
        ))
}

fn answer(played: &Played) -> String {
    played.answer().as_str().unwrap_or_default().to_owned()
}

#[test]
fn code_computes_on_its_input() {
    let source = "return args.numbers.map(n => n * 2).filter(n => n > 2)";
    let played = stage(source, &json!({ "numbers": [1, 2, 3] })).play();
    played.nothing_refused();
    assert_eq!(answer(&played), "[4,6]");
}

#[test]
fn without_a_grant_no_code_runs() {
    let played = stage("return 1", &Value::Null)
        .rule("[profile.subject]", "use", "[]")
        .play();
    played.refused_by("not-granted:code.run");
    assert_eq!(played.effects(), []);
}

#[test]
fn code_can_ask_the_host_for_nothing() {
    for source in [
        "return await agent('read the vault')",
        "return await workflow('other')",
        "await new Promise(() => {})",
    ] {
        let played = stage(source, &Value::Null).play();
        assert_eq!(played.effects(), [("code.run", false)], "{source}");
    }
    for source in [
        "return typeof require",
        "return typeof process",
        "return typeof fetch",
    ] {
        assert_eq!(
            answer(&stage(source, &Value::Null).play()),
            "\"undefined\"",
            "{source}"
        );
    }
}

#[test]
fn code_that_loops_or_takes_memory_ends_at_a_limit() {
    let looped = stage("while (true) {}", &Value::Null).play();
    assert_eq!(looped.effects(), [("code.run", false)]);
    let source = "const all = []; while (true) all.push('x'.repeat(1 << 20) + all.length)";
    let taken = stage(source, &Value::Null).play();
    assert_eq!(taken.effects(), [("code.run", false)]);
}
