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
fn a_workflow_of_the_same_source_is_given_what_it_asks_for() {
    let source = "export const meta = { name: 'other', description: 'of a test' }\n\
                  return await agent('read the vault', { agentType: 'subject' })";
    let played = Stage::of("repeats_its_task")
        .orchestrated_by("nests_a_script")
        .script("other", source)
        .rule("[workflow]", "untrusted", r#""float""#)
        .play();
    played.nothing_refused();
    let said = played.result().to_string();
    assert!(said.contains("read the vault"), "{said}");
}

#[test]
fn code_that_loops_or_takes_memory_ends_at_a_limit() {
    let ends = |source: &str| {
        let stage = stage(source, &Value::Null).rule("[limits]", "cpu_ms", "1000");
        stage.play().effects() == [("code.run", true)]
    };
    assert!(!ends("while (true) {}"));
    assert!(ends(
        "let turns = 0; while (turns < 1000) turns++; return turns"
    ));
    let takes = |mib: &str| {
        let test = format!("all.length < {mib}");
        let more = "all.push('x'.repeat(1 << 20) + all.length)";
        format!("const all = []; while ({test}) {more}; return all.length")
    };
    assert!(!ends(&takes("1e9")));
    assert!(ends(&takes("4")));
}
