//! The globals as ordinary scripts use them.

use serde_json::{Value, json};

use crate::host::{run, run_body, with_meta};
use crate::scenario::Scenario;

fn check(body: &str, result: Value) {
    let transcript = run_body(body);
    assert_eq!(
        transcript.end,
        json!({ "result": result }),
        "{body}\n{:?}",
        transcript.log
    );
}

fn check_error(body: &str, parts: &[&str]) {
    let end = run_body(body).end;
    let error = end["error"]
        .as_str()
        .unwrap_or_else(|| panic!("{body}: {end}"));
    for part in parts {
        assert!(error.contains(part), "{body}: no `{part}` in: {error}");
    }
}

#[test]
fn a_script_returns_what_its_body_returns() {
    check("return 1 + 1", json!(2));
    check(
        "return { a: [undefined, null], b: undefined }",
        json!({ "a": [null, null] }),
    );
    check("const x = 1", json!(null));
    check("return await Promise.resolve('x')", json!("x"));
    check("return meta.name", json!("test"));
    check("return '😀'.slice(0, 1)", json!("\u{fffd}"));
}

#[test]
fn a_script_is_strict_and_has_no_io() {
    check(
        "try { undeclared = 1; return 'sloppy' } catch { return 'strict' }",
        json!("strict"),
    );
    check(
        "return [typeof require, typeof process, typeof fetch, typeof globalThis.engine]",
        json!(vec!["undefined"; 4]),
    );
    check(
        "return import('fs').then(() => 'loaded', () => 'refused')",
        json!("refused"),
    );
    check_error("import fs from 'fs'", &["SyntaxError", "test.js:2:"]);
}

#[test]
fn agents_answer_with_text() {
    check("return await agent('one')", json!("re: one"));
    check(
        "const a = agent('a'), b = agent('b'); return [await b, await a]",
        json!(["re: b", "re: a"]),
    );
}

#[test]
fn errors_show_the_scripts_own_lines() {
    check_error(
        "\nconst f = () => { throw new TypeError('no') }\nf()",
        &["TypeError: no\n", "test.js:3:", "test.js:4:"],
    );
    check_error(
        "await agent()",
        &["TypeError: agent() needs a prompt", "test.js:2:"],
    );
    check_error("await agent('a')\nnull.x", &["TypeError", "test.js:3:"]);
    check_error("throw { a: 1 }", &["the script threw {\"a\":1}"]);
    check_error(
        "throw new Error('a', { cause: new RangeError('b') })",
        &["caused by RangeError: b"],
    );
    for line in run_body("await parallel([], 1)\nreturn parallel([1])").end["error"]
        .as_str()
        .unwrap()
        .lines()
    {
        assert!(!line.contains("lazaret:"), "{line}");
    }
}

#[test]
fn columns_survive_the_wrapping() {
    let meta = "export const meta = { name: 'a', description: 'b' };";
    // QuickJS counts the columns of a file's first line from 0.
    for (source, place) in [
        (format!("{meta} null.x"), "a b.js:1:53"),
        (format!("{meta}\n     null.x"), "a b.js:2:6"),
    ] {
        let end = run("a b.js", &source, &Scenario::default()).end;
        assert!(end["error"].as_str().unwrap().contains(place), "{end}");
    }
}

#[test]
fn syntax_errors_have_a_place() {
    check_error("const a = ;", &["SyntaxError", "test.js:2:11"]);
    check_error("}); agent('x'); (async () => {", &["SyntaxError"]);
    check_error("if (x) {", &["SyntaxError"]);
}

#[test]
fn clocks_and_dice_throw_when_called_and_not_when_mentioned() {
    for call in [
        "Date.now()",
        "new Date()",
        "Date()",
        "Math.random()",
        "performance.now()",
        "new (class extends Date {})()",
    ] {
        check_error(
            &format!("return {call}"),
            &[
                "is not available in a workflow script",
                "`args`",
                "test.js:2:",
            ],
        );
    }
    check(
        "return [new Date(0).toISOString(), Date.UTC(1970, 0, 2), new Date('2026-01-02') instanceof Date]",
        json!(["1970-01-01T00:00:00.000Z", 86_400_000, true]),
    );
    check(
        "return 'Date.now() and Math.random()'.length + Math.max(1, 2)",
        json!(30),
    );
}

#[test]
fn failures_that_the_host_knows_start_with_their_code() {
    let scenario = Scenario {
        budget: Some(json!({ "total": 5 })),
        ..Scenario::default()
    };
    let spent = run("b.js", &with_meta("for (;;) await agent('a')"), &scenario).end;
    let error = spent["error"].as_str().unwrap();
    assert!(
        error.starts_with("budget: the token budget is spent"),
        "{error}"
    );
    check_error("throw new Error('budgets: x')", &["Error: budgets: x"]);
}

#[test]
fn a_promise_that_nothing_settles_is_an_error() {
    check_error("await new Promise(() => {})", &["nothing will ever settle"]);
}

#[test]
fn web_additions_work() {
    check(
        "return structuredClone({ a: [1, new Date(5)], m: new Map([[1, new Set([2])]]) }).m.get(1).has(2)",
        json!(true),
    );
    check(
        "const a = { b: 1 }; a.self = a; const c = structuredClone(a); return c.self === c && c !== a",
        json!(true),
    );
    check(
        "try { structuredClone(() => 1) } catch (e) { return e.name }",
        json!("DataCloneError"),
    );
    check(
        "return [...new TextEncoder().encode('aä€😀')].length + new TextDecoder().decode(new TextEncoder().encode('aä€😀'))",
        json!("10aä€😀"),
    );
    check(
        "return new TextDecoder().decode(new Uint8Array([0x61, 0xff, 0xe2, 0x82, 0x62]))",
        json!("a\u{fffd}\u{fffd}b"),
    );
    check(
        "let n = 0; const t = setTimeout(() => { n = 9 }, 5); clearTimeout(t); await new Promise((r) => setTimeout(r, 10)); return n",
        json!(0),
    );
}

#[test]
fn urls_are_taken_apart_as_browsers_do() {
    for (source, href, host, path, search) in [
        (
            "https://User:pw@Example.com:443/a/../b/./c?x=1&y=%20z#frag",
            "https://User:pw@example.com/b/c?x=1&y=%20z#frag",
            "example.com",
            "/b/c",
            "?x=1&y=%20z",
        ),
        (
            "http://[::1]:8080",
            "http://[::1]:8080/",
            "[::1]:8080",
            "/",
            "",
        ),
        ("mailto:a@b.c", "mailto:a@b.c", "", "a@b.c", ""),
        (
            "https://a.b/ä b",
            "https://a.b/%C3%A4%20b",
            "a.b",
            "/%C3%A4%20b",
            "",
        ),
    ] {
        check(
            &format!(
                "const u = new URL({source:?}); return [u.href, u.host, u.pathname, u.search]"
            ),
            json!([href, host, path, search]),
        );
    }
    check(
        "return new URL('../x?q#h', 'https://a.b/c/d/e').href",
        json!("https://a.b/c/x?q#h"),
    );
    check(
        "const u = new URL('https://a.b/?x=1'); u.searchParams.set('y', 'a b'); return String(u)",
        json!("https://a.b/?x=1&y=a+b"),
    );
    check(
        "return ['nope', 'http://', 'http://a:99999'].map((u) => URL.canParse(u))",
        json!([false, false, false]),
    );
}

#[test]
fn console_and_log_reach_the_log() {
    let log = run_body("log('a', { b: [1n] }); console.warn(new Map([[1, 2]])); console.error(new Error('x')); log(undefined)").log;
    assert_eq!(log[0], json!("a {\"b\":[\"1n\"]}"));
    assert_eq!(log[1], json!({ "warn": "{\"Map\":[[1,2]]}" }));
    assert!(
        log[2]["error"]
            .as_str()
            .unwrap()
            .starts_with("Error: x (test.js:2:"),
        "{log:?}"
    );
    assert_eq!(log[3], json!("undefined"));
    assert_eq!(
        run_body("const a = {}; a.a = a; log(a)").log,
        [json!("{\"a\":\"[circular]\"}")]
    );
}

#[test]
fn arguments_follow_the_string_rule() {
    let returned = |args: Value| {
        run(
            "a.js",
            &with_meta("return [typeof args, args]"),
            &Scenario {
                args: Some(args),
                ..Scenario::default()
            },
        )
        .end
    };
    for (args, expected) in [
        (json!("[1]"), json!(["object", [1]])),
        (json!(" {\"a\":1} "), json!(["object", { "a": 1 }])),
        (json!("{not json"), json!(["string", "{not json"])),
        (json!("5"), json!(["string", "5"])),
        (json!(null), json!(["object", null])),
        (json!({ "a": "[1]" }), json!(["object", { "a": "[1]" }])),
    ] {
        assert_eq!(returned(args), json!({ "result": expected }));
    }
    check("return typeof args", json!("undefined"));
    let tainted = Scenario {
        tainted_args: Some(json!({ "a": 1 })),
        ..Scenario::default()
    };
    assert_eq!(
        run("a.js", &with_meta("return args.a"), &tainted).end,
        json!({ "result": 1 })
    );
}

#[test]
fn what_still_runs_at_the_end_is_named() {
    let transcript =
        run_body("agent('x', { label: 'slow one' }); Promise.reject(new Error('lost')); return 1");
    assert_eq!(transcript.end, json!({ "result": 1 }));
    assert_eq!(
        transcript.log[0],
        json!({ "notice": "abandoned: slow one was still running when the script returned" })
    );
    assert!(
        transcript.log[1]["notice"]
            .as_str()
            .unwrap()
            .contains("never awaited: Error: lost (test.js:2:"),
        "{:?}",
        transcript.log
    );
}

#[test]
fn a_script_cannot_break_the_engine_by_replacing_builtins() {
    check(
        "JSON.stringify = () => 'x'; JSON.parse = () => 1
        return { a: await agent('p') }",
        json!({ "a": "re: p" }),
    );
}
