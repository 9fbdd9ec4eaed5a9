//! What `check` finds, where, and what it leaves alone.

use std::fs;

use script::Engine;
use script::check::{Severity, check};
use script::task::{Mode, Task};
use script::turn::Answer;
use serde_json::{Value, json};

use crate::corpus;
use crate::host::with_meta;

/// Checks a body below a plain `meta` and compares `line:column code` of what is found.
fn finds(body: &str, mode: Mode, expected: &[&str]) {
    let found = check(&with_meta(body), "c.js", mode);
    let told: Vec<String> = found
        .iter()
        .map(|d| format!("{}:{} {}", d.line, d.column, d.code))
        .collect();
    assert_eq!(told, expected, "{body}\n{found:#?}");
}

#[test]
fn problems_of_the_file_are_errors_with_a_place() {
    for (source, place) in [
        ("", "1:1 meta"),
        ("// a\nexport const meta = { name: f() }", "2:29 meta"),
        (
            "export const meta = { name: 'a', description: 'b' }\n\nconst = 1",
            "3:7 syntax",
        ),
        (
            "export const meta = { name: 'a', description: 'b' }\nimport x from 'y'",
            "2:8 syntax",
        ),
        (
            "export const meta = { name: 'a', description: 'b' }\nconst x: string = 'y'",
            "2:8 syntax",
        ),
    ] {
        let found = check(source, "c.js", Mode::Float);
        let told: Vec<String> = found
            .iter()
            .map(|d| format!("{}:{} {}", d.line, d.column, d.code))
            .collect();
        assert_eq!(told, [place], "{source}\n{found:#?}");
        assert!(found[0].severity == Severity::Error && !found[0].hint.is_empty());
    }
}

#[test]
fn options_are_looked_at_where_they_are_written_out() {
    let f = Mode::Float;
    finds(
        "await agent('a', { label: 'x', temperature: 1 })",
        f,
        &["2:32 unknown-option"],
    );
    finds(
        "await agent(`a${b({ c: 1 })}`, { effort: 'huge', isolation: 'vm' })",
        f,
        &["2:42 unknown-effort", "2:61 unknown-isolation"],
    );
    finds(
        "await agent('{ temperature: 1 }', { ...opts, label })",
        f,
        &[],
    );
    finds("const o = { temperature: 1 }; await agent('x', o)", f, &[]);
    let hint = &check(
        &with_meta("await agent('a', { output_schema: S })"),
        "c.js",
        f,
    )[0]
    .hint;
    assert_eq!(hint, "did you mean `schema`?");
}

#[test]
fn schemas_are_read_through_constants() {
    let f = Mode::Float;
    finds(
        "await agent('a', { schema: { type: 'object', properties: { a: { enum: [] } } } })",
        f,
        &["2:28 contradictory-schema"],
    );
    finds(
        "const S = { type: 'array' }\nawait agent('a', { schema: S })",
        f,
        &["3:28 contradictory-schema"],
    );
    finds(
        "const S = make()\nawait agent('a', { schema: S })\nawait agent('b', { schema: X.y })",
        f,
        &[],
    );
}

#[test]
fn promises_that_nobody_awaits_are_named() {
    let f = Mode::Float;
    finds(
        "agent('a')\nawait agent('b')\nparallel([])",
        f,
        &["2:1 missing-await", "4:1 missing-await"],
    );
    finds(
        "for (const x of xs) { agent(x) }",
        f,
        &["2:23 missing-await"],
    );
    finds(
        "const run = (x) => { agent(x); };",
        f,
        &["2:22 missing-await"],
    );
    finds(
        "const run = (x) =>\n  agent(x)\nconst p = agent('a')\nawait Promise.all([\n  agent('b'),\n  agent('c'),\n])\nreturn agent('d')",
        f,
        &[],
    );
    finds(
        "const o = { agent(x) { return x } }; o.agent('x'); function agent2() {}",
        f,
        &[],
    );
}

#[test]
fn parallel_of_promises_is_an_error() {
    let f = Mode::Float;
    finds(
        "await parallel([agent('a'), agent('b')])",
        f,
        &["2:17 parallel-promise"],
    );
    finds(
        "await parallel(xs.map((x) => agent(x)))",
        f,
        &["2:30 parallel-promise"],
    );
    finds(
        "await parallel(xs.map(x => agent(x)))",
        f,
        &["2:28 parallel-promise"],
    );
    finds(
        "await parallel(xs.map((x) => () => agent(x)))\nawait parallel([() => agent('a'), async () => agent('b')])",
        f,
        &[],
    );
    finds(
        "await parallel(xs.map((x) => async () => Promise.all(x.map((y) => agent(y)))))",
        f,
        &[],
    );
}

#[test]
fn phases_that_nothing_starts_are_dead() {
    let source = |body: &str| {
        format!(
            "export const meta = {{ name: 'a', description: 'b', phases: [{{ title: 'One' }}, {{ title: 'Two' }}] }}\n{body}"
        )
    };
    let codes = |body: &str| {
        check(&source(body), "c.js", Mode::Float)
            .iter()
            .map(|d| d.message.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        codes("phase('One')"),
        ["phase `Two` of `meta` is never used"]
    );
    assert!(codes("phase('One'); await agent('x', { phase: 'Two' })").is_empty());
    assert!(codes("phase(`Round ${1}`)").is_empty());
    assert!(codes("await agent('x', { ...options })").is_empty());
}

#[test]
fn clocks_in_code_are_named_and_clocks_in_texts_are_not() {
    let f = Mode::Float;
    finds(
        "const t = Date.now(), d = new Date(), r = Math.random()",
        f,
        &[
            "2:11 nondeterminism",
            "2:31 nondeterminism",
            "2:43 nondeterminism",
        ],
    );
    finds(
        "log('Date.now()', `new Date()`, /Math.random()/, new Date(0)) // Date.now()",
        f,
        &[],
    );
}

#[test]
fn uses_of_opaque_values_that_nothing_can_intercept_are_named() {
    let o = Mode::Opaque;
    let schema = "const S = { type: 'object', properties: { kind: { enum: ['a'] }, text: { type: 'string' } } }\n";
    finds(
        "const t = await agent('a')\nif (t === 'yes') return typeof t",
        o,
        &["3:5 opaque-use", "3:32 opaque-use"],
    );
    finds(
        "const t = await agent('a')\nif (!t || t === null) return `${t}`",
        o,
        &[],
    );
    let uses = "const r = await agent('a', { schema: S })\nif (r.kind === 'a' && r.text === 'b') return r.text ? 1 : 2\nif (!r?.text) return r.kind ?? 1";
    finds(
        &format!("{schema}{uses}"),
        o,
        &["4:23 opaque-use", "4:46 opaque-use", "5:6 opaque-use"],
    );
    finds(
        &format!(
            "{schema}const {{ kind, text: t }} = await agent('a', {{ schema: S }})\nif (t && kind === 'a') return 1"
        ),
        o,
        &["4:5 opaque-use"],
    );
    finds(
        "const t = await agent('a')\nif (t === 'yes') return 1",
        Mode::Float,
        &[],
    );
}

#[test]
fn a_check_is_a_task_of_its_own_and_runs_nothing() {
    let source = with_meta(
        "await workflow('saved'); await workflow({ scriptPath: './x.js' })\nreturn agent('x', { agentType: 'reviewer', model: 'opus' })",
    );
    let task = json!({ "file": "c.js", "source": source, "check": true }).to_string();
    let turn = Engine::new(|_, _| panic!("a check logs nothing"))
        .start(&Task::parse(&task, Vec::new()).unwrap());
    assert!(turn.requests.is_empty());
    let Some(Ok(Answer::Json(report))) = turn.finished else {
        panic!("no report")
    };
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["meta"]["name"], "test");
    assert_eq!(report["diagnostics"], json!([]));
    assert_eq!(
        report["uses"]["agent_types"],
        json!([{ "name": "reviewer", "line": 3, "column": 32 }])
    );
    assert_eq!(report["uses"]["models"][0]["name"], "opus");
    assert_eq!(
        report["uses"]["workflows"],
        json!([{ "name": "saved", "line": 2, "column": 16 }, { "name": "./x.js", "line": 2, "column": 55 }])
    );
}

#[test]
fn the_corpus_is_clean_but_for_what_it_does_wrong_on_purpose() {
    let mut found = Vec::new();
    for name in corpus::names() {
        let source = fs::read_to_string(corpus::folder().join(format!("{name}.js"))).unwrap();
        for diagnostic in check(&source, &name, Mode::Float) {
            found.push(format!("{name}:{} {}", diagnostic.line, diagnostic.code));
        }
    }
    let expected = [
        "abandoned:2 missing-await",
        "every-option:6 unknown-option",
        "every-option:6 unknown-option",
        "every-option:7 unknown-effort",
        "no-clock:3 nondeterminism",
        "no-clock:3 nondeterminism",
        "no-clock:3 nondeterminism",
        "parallel-of-promises:2 parallel-promise",
        "random-uncaught:4 nondeterminism",
    ];
    assert_eq!(found, expected);
}
