//! What a script cannot exceed, and that it sees why.

use serde_json::{Value, json};

use crate::host::{run, run_body, with_meta};
use crate::scenario::Scenario;

fn agents(requests: &[Value]) -> usize {
    requests
        .iter()
        .filter(|request| request.get("agent").is_some())
        .count()
}

#[test]
fn a_thousand_agents_leave_in_one_turn_and_come_back_in_order() {
    let body = "const all = Array.from({ length: 1000 }, (_, i) => i)
        const results = await parallel(all.map((i) => () => agent(`p${i}`)))
        return results.every((text, i) => text === `re: p${i}`) && results.length";
    let transcript = run_body(body);
    assert_eq!(transcript.end, json!({ "result": 1000 }));
    assert_eq!(agents(&transcript.requests), 1000);
    let joined = run_body(
        "return (await Promise.all([...Array(1000).keys()].map((i) => agent('p' + i)))).length",
    );
    assert_eq!(joined.end, json!({ "result": 1000 }));
}

#[test]
fn the_agent_past_the_limit_throws() {
    let body = "for (let i = 0; i < 1000; i += 1) agent('p')
        try { await agent('one more') } catch (error) { return error.message }";
    let transcript = run_body(body);
    assert_eq!(
        transcript.end,
        json!({ "result": "limit: a run has at most 1000 agents" })
    );
    assert_eq!(agents(&transcript.requests), 1000);
}

#[test]
fn lists_past_the_limit_throw() {
    for call in [
        "parallel(Array(4097).fill(() => 1))",
        "pipeline(Array(4097).fill(1), (x) => x)",
    ] {
        let error = run_body(&format!("await {call}")).end;
        assert!(
            error["error"]
                .as_str()
                .unwrap()
                .contains("RangeError: limit:"),
            "{error}"
        );
    }
    assert_eq!(
        run_body("return (await parallel(Array(4096).fill(() => 1))).length").end,
        json!({ "result": 4096 })
    );
}

#[test]
fn the_budget_is_hard() {
    let scenario = Scenario {
        budget: Some(json!({ "total": 25 })),
        ..Scenario::default()
    };
    let body = "const seen = []
        try { for (;;) { await agent('x'); seen.push([budget.spent(), budget.remaining()]) } }
        catch (error) { return [seen, error.message.split(':')[0]] }";
    let transcript = run("b.js", &with_meta(body), &scenario);
    assert_eq!(
        transcript.end,
        json!({ "result": [[[10, 15], [20, 5], [30, 0]], "budget"] })
    );
}

#[test]
fn a_script_that_is_too_long_does_not_start() {
    let fits = with_meta(&format!(
        "return 1 //{}",
        "x".repeat(524_288 - with_meta("return 1 //").len())
    ));
    assert_eq!(
        run("a.js", &fits, &Scenario::default()).end,
        json!({ "result": 1 })
    );
    let end = run("a.js", &format!("{fits}x"), &Scenario::default()).end;
    assert!(
        end["error"].as_str().unwrap().contains("524289 characters"),
        "{end}"
    );
}

#[test]
fn deep_recursion_memory_and_regexes_are_errors_that_can_be_caught() {
    for (body, name) in [
        (
            "const f = () => f() + 1; try { f() } catch (e) { return e.name }",
            "RangeError",
        ),
        (
            "try { 'x'.repeat(2 ** 31) } catch (e) { return e.name }",
            "RangeError",
        ),
        (
            "const a = []; try { for (;;) a.push('x'.repeat(1 << 20) + a.length) } catch (e) { a.length = 0; return e.name }",
            "InternalError",
        ),
        (
            "try { new RegExp('('.repeat(100000)) } catch (e) { return e.name }",
            "SyntaxError",
        ),
        (
            "try { JSON.parse('['.repeat(1e6)) } catch (e) { return e.name }",
            "RangeError",
        ),
    ] {
        let end = run_body(body).end;
        let found = end["result"].as_str().unwrap_or_default();
        assert!(
            found == name || found == "InternalError" || found == "RangeError",
            "{body}: {end}"
        );
    }
    for body in [
        "const a = []; for (;;) a.push(new Array(1e6).fill(1))",
        // Each promise holds the one before: the memory is used up before the time is.
        "const again = () => Promise.resolve().then(() => again())\nawait again()",
    ] {
        let end = run_body(body).end;
        assert!(end["error"].as_str().unwrap().contains("memory"), "{end}");
    }
}

/// A pace that a test can wait for.
fn paced() -> Scenario {
    Scenario {
        limits: Some(json!({ "pace": 200 })),
        ..Scenario::default()
    }
}

#[test]
fn computing_without_end_is_named_by_its_line_and_nothing_catches_it() {
    for body in [
        "\nfor (;;) {}",
        "\ntry { for (;;) {} } catch { return 'caught' } finally { log('still here') }",
        "\nawait parallel([() => { for (;;) {} }, () => 1])",
        "\nawait pipeline([1], () => { try { while (true) {} } catch { return 2 } })",
        "\n/^(a+)+$/.test('a'.repeat(40) + 'b')",
        "\ntry { 'x'.repeat(64).match(/(x+x+)+y/) } catch { return 'caught' }",
        "await agent('first')\nfor (;;) {}",
        "\nreturn JSON.stringify({ toJSON() { for (;;) {} } })",
    ] {
        let end = run("endless.js", &with_meta(body), &paced()).end;
        let error = end["error"]
            .as_str()
            .unwrap_or_else(|| panic!("{body}: {end}"));
        assert!(
            error.starts_with("limit: the script computed for too long"),
            "{body}: {error}"
        );
        assert!(error.contains("endless.js:"), "{body}: {error}");
    }
}

/// Between two jobs of promises the script is at no line.
#[test]
fn promises_without_end_are_stopped_too() {
    let body = "const again = () => { Promise.resolve().then(again) }\nagain()\nawait new Promise(() => {})";
    let end = run("endless.js", &with_meta(body), &paced()).end;
    let error = end["error"].as_str().unwrap_or_default();
    assert!(
        error.starts_with("limit: the script computed for too long"),
        "{end}"
    );
}

#[test]
fn a_script_that_waits_now_and_then_may_compute_as_long_as_it_likes() {
    let body = "let sum = 0
        for (let round = 0; round < 20; round += 1) {
            for (let i = 0; i < 200_000; i += 1) sum += i % 3
            await agent(`round ${round}`)
        }
        return sum";
    let end = run("patient.js", &with_meta(body), &paced()).end;
    assert_eq!(end, json!({ "result": 3_999_980 }));
}
