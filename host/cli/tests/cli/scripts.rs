//! Workflow scripts with agents that ask a model: the script engine, the default agent and
//! the model client, through the binary. The model is an HTTP server on loopback.

use std::process::Output;

use crate::binary;
use crate::model::{Model, Said, last_text};
use crate::place::Place;
use serde_json::json;

fn run(model: &Model, untrusted: &str, script: &str, more: &[&str]) -> Output {
    let place = Place::new(model, untrusted, "");
    place.write("script.js", script);
    place.write("args.json", r#"{"secret": "from outside"}"#);
    place.lazaret(&[&["run", "script.js", "--json"], more].concat())
}

#[test]
fn a_script_without_agents_gives_its_value_and_stays_trusted() {
    let model = Model::start(|_| Said::Status(500));
    let script = "export const meta = { name: 'sum', description: 'adds' }
        return args.numbers.reduce((sum, n) => sum + n, 0)";
    let output = run(
        &model,
        "float",
        script,
        &["--args", r#"{"numbers": [1, 2, 3]}"#],
    );
    let report = binary::report(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["result"], 6);
    assert_eq!(report["taint"], json!([]));
    assert!(model.asked.lock().unwrap().is_empty());
}

#[test]
fn agents_run_in_parallel_and_their_answers_come_in_order() {
    let model = Model::start(|request| Said::Text(format!("<{}>", last_text(request))));
    let script = "export const meta = { name: 'three', description: 'asks three' }
        const all = await parallel(['a', 'b', 'c'].map(x => () => agent(x, { label: x })))
        return all.join('')";
    let output = run(&model, "float", script, &[]);
    let report = binary::report(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["result"], "<a><b><c>");
    assert_eq!(report["agents"]["completed"], 3);
    assert_eq!(report["tokens"], json!({"input": 30, "output": 15}));
}

#[test]
fn an_answer_that_misses_its_schema_is_asked_again_with_what_was_wrong() {
    let model = Model::start(|request| {
        let last = last_text(request);
        if last.contains("does not fit") {
            assert!(last.contains("`/kind` must be one of"), "{last}");
            return Said::Text(r#"{"kind": "bug"}"#.to_owned());
        }
        Said::Text(r#"{"kind": "nonsense"}"#.to_owned())
    });
    let script = "export const meta = { name: 'kind', description: 'asks for a kind' }
        const schema = { type: 'object', properties: { kind: { enum: ['bug', 'feature'] } }, required: ['kind'] }
        const answer = await agent('what is it?', { schema })
        return answer.kind";
    let output = run(&model, "float", script, &[]);
    assert_eq!(binary::report(&output)["result"], "bug");
    assert_eq!(model.asked.lock().unwrap().len(), 2);
}

#[test]
fn a_dead_model_is_null_to_the_script_and_a_failure_to_the_operator() {
    let model = Model::start(|_| Said::Status(401));
    let script = "export const meta = { name: 'dead', description: 'asks a dead model' }
        return (await agent('anybody?')) === null ? 'nobody' : 'somebody'";
    let output = run(&model, "float", script, &[]);
    let report = binary::report(&output);
    assert_eq!(report["result"], "nobody");
    assert_eq!(output.status.code(), Some(5), "{report}");
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(message.contains("model-unauthorised"), "{message}");
}

#[test]
fn untrusted_arguments_taint_a_floating_script_and_its_result() {
    let model = Model::start(|request| Said::Text(last_text(request)));
    let script = "export const meta = { name: 'echo', description: 'passes text on' }
        return await agent(args.secret)";
    let output = run(&model, "float", script, &["--args", "@args.json"]);
    let report = binary::report(&output);
    assert_eq!(report["result"], "from outside");
    assert_eq!(report["taint"], json!(["unknown"]));
}

#[test]
fn looking_inside_an_opaque_value_ends_the_run_with_its_own_status_whatever_is_caught() {
    let model = Model::start(|_| Said::Text("unused".to_owned()));
    let script = "export const meta = { name: 'peek', description: 'looks inside' }
        try { if (args.length > 3) log('long') } catch { log('caught') }
        return 'went on'";
    let output = run(&model, "opaque", script, &["--args", "@args.json"]);
    let report = binary::report(&output);
    assert_eq!(output.status.code(), Some(6), "{report}");
    assert_eq!(report["status"], "quarantine-violation");
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(message.contains("script.js:2:"), "{message}");
}

#[test]
fn an_opaque_script_without_arguments_sees_the_closed_fields_of_an_answer() {
    let model = Model::start(|_| Said::Text(r#"{"kind": "bug"}"#.to_owned()));
    let script = "export const meta = { name: 'kind', description: 'asks for a kind' }
        const schema = { type: 'object', properties: { kind: { enum: ['bug', 'feature'] } }, required: ['kind'], additionalProperties: false }
        const answer = await agent('what is it?', { schema })
        return answer.kind === 'bug' ? 'a bug' : 'another'";
    let output = run(&model, "opaque", script, &[]);
    let report = binary::report(&output);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!(report["result"], "a bug");
}

#[test]
fn an_error_of_a_script_names_its_own_file_and_line() {
    let model = Model::start(|_| Said::Status(500));
    let script = "export const meta = { name: 'broken', description: 'throws' }\n\nnull.x";
    let output = run(&model, "float", script, &[]);
    let report = binary::report(&output);
    assert_eq!(output.status.code(), Some(1), "{report}");
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(message.contains("script.js:3"), "{message}");
}

#[test]
fn an_endless_script_is_stopped_and_the_host_goes_on() {
    let model = Model::start(|_| Said::Status(500));
    let script = "export const meta = { name: 'spin', description: 'never ends' }\nfor (;;) {}";
    let output = run(&model, "float", script, &[]);
    let report = binary::report(&output);
    assert_eq!(output.status.code(), Some(1), "{report}");
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("computed for too long") && message.contains("script.js:2"),
        "{message}"
    );
}

#[test]
fn deep_recursion_is_an_error_that_the_script_can_catch() {
    let model = Model::start(|_| Said::Status(500));
    let script = "export const meta = { name: 'deep', description: 'recurses' }
        const down = n => n + down(n + 1)
        try { down(0) } catch (error) { return error.name }";
    let output = run(&model, "float", script, &[]);
    assert_eq!(binary::report(&output)["result"], "RangeError");
}
