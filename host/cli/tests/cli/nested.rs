//! `workflow()` and the token budget, through the binary: nested scripts, their labels, their
//! failures, what they share, and how a run with them goes on.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::binary::report;
use crate::model::{Model, Said, last_text};
use crate::place::Place;
use serde_json::json;

fn echo() -> Model {
    Model::start(|request| Said::Text(format!("<{}>", last_text(request))))
}

#[test]
fn a_nested_script_gives_its_value_and_has_its_arguments() {
    let model = echo();
    let place = Place::new(&model, "float", "");
    place.script(
        "helper.js",
        "return { said: await agent(args.word), twice: args.n * 2 }",
    );
    place.script(
        "main.js",
        "const a = await workflow({ scriptPath: './helper.js' }, { word: 'hi', n: 21 })\nreturn a",
    );
    place.lazaret(&["trust", "helper.js"]);
    let (code, report) = place.run(&["main.js"]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["result"], json!({ "said": "<hi>", "twice": 42 }));
    assert_eq!(report["taint"], json!([]));
    assert_eq!(report["agents"]["completed"], 1);
}

#[test]
fn a_saved_name_is_found_and_left_out_arguments_are_undefined() {
    let model = echo();
    let place = Place::new(&model, "opaque", "");
    place.script("home/.claude/workflows/kind.js", "return typeof args");
    place.script(
        "main.js",
        "return [await workflow('kind'), await workflow('kind', [1])]",
    );
    let (code, report) = place.run(&["main.js"]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["result"], json!(["undefined", "object"]));
}

#[test]
fn what_cannot_be_run_throws_where_it_was_called_and_the_script_goes_on() {
    let model = echo();
    let place = Place::new(&model, "float", "");
    place.script("home/.lazaret/workflows/wrong.js", "const = 1");
    place.script(
        "home/.lazaret/workflows/throws.js",
        "\nthrow new Error('so it is')",
    );
    place.script(
        "home/.lazaret/workflows/deep.js",
        "return await workflow('kind')",
    );
    place.script(
        "main.js",
        "const said = []
        for (const target of ['nobody', { scriptPath: './gone.js' }, 'wrong', 'throws', 'deep']) {
            try { said.push(await workflow(target)) } catch (error) { said.push(error.message) }
        }
        return said",
    );
    let (_, report) = place.run(&["main.js"]);
    let said = report["result"]
        .as_array()
        .unwrap_or_else(|| panic!("{report}"));
    let begins = [
        "unknown: there is no workflow `nobody`",
        "unknown: `./gone.js`",
    ];
    for (said, begin) in said.iter().zip(begins) {
        assert!(said.as_str().unwrap().starts_with(begin), "{said}");
    }
    for (said, part) in said[2..]
        .iter()
        .zip(["wrong.js:2", "throws.js:3", "nest one level deep"])
    {
        assert!(said.as_str().unwrap().contains(part), "{said}");
    }
}

#[test]
fn an_untrusted_script_of_the_project_runs_tainted_and_shadows_nobody() {
    let model = echo();
    let place = Place::new(&model, "float", "");
    place.script(".claude/workflows/local.js", "return 'local'");
    place.script("main.js", "return await workflow('local')");
    let (code, report) = place.run(&["main.js"]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(
        (&report["result"], &report["taint"]),
        (&json!("local"), &json!(["unknown"]))
    );
    // The user's own of the same name wins over it, until it is trusted.
    place.script("home/.claude/workflows/local.js", "return 'home'");
    let (_, report) = place.run(&["local"]);
    assert_eq!(
        (&report["result"], &report["taint"]),
        (&json!("home"), &json!([]))
    );
    place.lazaret(&["trust", "--all"]);
    let (_, report) = place.run(&["local"]);
    assert_eq!(
        (&report["result"], &report["taint"]),
        (&json!("local"), &json!([]))
    );
}

#[test]
fn an_opaque_script_does_not_start_what_nobody_trusts() {
    let model = echo();
    let place = Place::new(&model, "opaque", "");
    place.script(".claude/workflows/local.js", "return 'local'");
    place.script(
        "main.js",
        "try { return await workflow('local') } catch (error) { return error.message }",
    );
    let (_, report) = place.run(&["main.js"]);
    let said = report["result"].as_str().unwrap();
    assert!(said.starts_with("denied:"), "{report}");
}

#[test]
fn a_trusted_script_that_changed_shows_the_difference_and_does_not_run() {
    let model = echo();
    let place = Place::new(&model, "float", "");
    place.script(".lazaret/workflows/local.js", "return 'one'");
    assert_eq!(place.lazaret(&["trust", "--all"]).status.code(), Some(0));
    place.script(".lazaret/workflows/local.js", "return 'another'");
    let output = place.lazaret(&["run", "local"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("-return 'one'") && said.contains("+return 'another'"),
        "{said}"
    );
    assert!(said.contains("lazaret trust"), "{said}");
}

#[test]
fn nested_scripts_share_the_counter_of_agents() {
    let model = echo();
    let place = Place::new(&model, "float", "[budget]\nagents = 3");
    place.script(
        "home/.lazaret/workflows/two.js",
        "return (await parallel([() => agent('a'), () => agent('b')])).filter(Boolean).length",
    );
    place.script(
        "main.js",
        "return [await workflow('two'), await workflow('two')]",
    );
    let (_, report) = place.run(&["main.js"]);
    assert_eq!(report["result"], json!([2, 1]), "{report}");
}

#[test]
fn a_quarantine_violation_in_a_nested_script_ends_the_run_whatever_is_caught() {
    let model = echo();
    let place = Place::new(&model, "opaque", "");
    place.write("args.json", r#"{"secret": "from outside"}"#);
    place.script(
        "home/.lazaret/workflows/peek.js",
        "return args.secret.length",
    );
    place.script(
        "main.js",
        "try { return await workflow('peek', args) } catch { return 'caught' }",
    );
    let (code, report) = place.run(&["main.js", "--args", "@args.json"]);
    assert_eq!(code, Some(6), "{report}");
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(message.contains("peek.js:2"), "{message}");
}

#[test]
fn the_token_budget_is_hard_for_the_whole_run() {
    let model = echo();
    let place = Place::new(&model, "float", "[budget]\nanswer_tokens = 5");
    place.script(
        "home/.lazaret/workflows/one.js",
        "await agent('nested'); return budget.spent()",
    );
    place.script(
        "main.js",
        "const seen = [budget.total, await workflow('one')]
        try { for (;;) { await agent('more'); seen.push(budget.remaining()) } }
        catch (error) { seen.push(error.message.split(':')[0]) }
        return seen",
    );
    // The model says that each answer has five output tokens.
    let (code, report) = place.run(&["main.js", "--tokens", "12"]);
    // For a third answer are two left.
    assert_eq!(report["result"], json!([12, 5, 2, "budget"]), "{report}");
    assert_eq!(report["tokens"]["output"], 10, "{report}");
    assert_eq!(code, Some(0), "{report}");
    place.script("main.js", "for (;;) await agent('more')");
    let (code, report) = place.run(&["main.js", "--tokens", "12"]);
    assert_eq!(code, Some(4), "{report}");
    assert_eq!(report["status"], "budget-exhausted");
}

#[test]
fn the_policys_budget_stands_where_the_command_line_gives_more() {
    let model = echo();
    let place = Place::new(&model, "float", "[budget]\ntokens = 7");
    place.script("main.js", "return budget.total");
    assert_eq!(place.run(&["main.js"]).1["result"], 7);
    assert_eq!(place.run(&["main.js", "--tokens", "100"]).1["result"], 7);
    assert_eq!(place.run(&["main.js", "--tokens", "3"]).1["result"], 3);
}

#[test]
fn a_run_with_nested_scripts_goes_on_without_doing_finished_work_again() {
    let model = echo();
    let place = Place::new(&model, "float", "");
    place.script(
        "home/.lazaret/workflows/pair.js",
        "return (await parallel([0, 1].map(i => () => agent(`${args}${i}`)))).join('')",
    );
    let main = "const all = await parallel(['a', 'b'].map(x => () => workflow('pair', x)))\n";
    place.script("main.js", &format!("{main}return all.join('')"));
    let (_, first) = place.run(&["main.js"]);
    assert_eq!(first["result"], "<a0><a1><b0><b1>", "{first}");
    // The saved script changes meanwhile: this run keeps the one that it had found.
    place.script("home/.lazaret/workflows/pair.js", "return 'another'");
    let run = first["run"].as_str().unwrap();
    let again = report(&place.lazaret(&["resume", run, "--json"]));
    assert_eq!(again["result"], first["result"], "{again}");
    assert_eq!(again["agents"]["replayed"], 4);
    // An edited script does only what is new.
    place.script(
        "edited.js",
        &format!("{main}return all.join('') + await agent('new')"),
    );
    let edited = report(&place.lazaret(&["resume", run, "--script", "edited.js", "--json"]));
    assert_eq!(edited["result"], "<a0><a1><b0><b1><new>", "{edited}");
    assert_eq!(edited["agents"]["replayed"], 4);
    assert_eq!(model.asked.lock().unwrap().len(), 5);
}

#[test]
fn a_floating_script_gets_results_as_they_end() {
    // The slow answer comes only once what follows on the quick one was asked.
    let (sender, receiver) = std::sync::mpsc::channel();
    let (sender, receiver) = (Mutex::new(sender), Mutex::new(receiver));
    let model = Model::start(move |request| {
        let text = last_text(request);
        match text.as_str() {
            "slow" => drop(
                receiver
                    .lock()
                    .unwrap()
                    .recv_timeout(Duration::from_secs(30)),
            ),
            "then" => sender.lock().unwrap().send(()).unwrap(),
            _ => {}
        }
        Said::Text(text)
    });
    let place = Place::new(&model, "float", "");
    place.script(
        "main.js",
        "const order = []
        await pipeline(['slow', 'quick'], x => agent(x), async (said) => {
            order.push(said)
            return said === 'quick' ? agent('then') : said
        })
        return order",
    );
    let (_, report) = place.run(&["main.js"]);
    assert_eq!(report["result"], json!(["quick", "slow"]), "{report}");
    assert_eq!(report["taint"], json!([]));
}

#[test]
fn a_run_starts_a_thousand_scripts_and_not_one_more() {
    let model = echo();
    let place = Place::new(&model, "float", "");
    place.script("home/.lazaret/workflows/kind.js", "return 1");
    place.script(
        "main.js",
        "let done = 0
        for (let batch = 0; batch < 10; batch++)
            done += (await parallel(Array.from({ length: 100 }, () => () => workflow('kind')))).length
        try { await workflow('kind') } catch (error) { return [done, error.message] }
        return 'one more'",
    );
    let (code, report) = place.run(&["main.js"]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["result"][0], 1_000, "{report}");
    let said = report["result"][1].as_str().unwrap();
    assert!(
        said.contains("workflows") && said.contains("1000"),
        "{said}"
    );
}

/// Requests that are being answered, the most of them so far, and whether there were sixteen.
#[derive(Default)]
struct Asked {
    now: usize,
    most: usize,
    were_sixteen: bool,
}

#[test]
fn sixteen_scripts_run_at_the_same_time_and_the_seventeenth_waits() {
    let (asked, changed) = (Mutex::new(Asked::default()), Condvar::new());
    let model = Model::start(move |_| {
        let mut held = asked.lock().unwrap();
        held.now += 1;
        held.most = held.most.max(held.now);
        held.were_sixteen |= held.now == 16;
        changed.notify_all();
        // Nobody is answered before all sixteen ask, nor before a seventeenth could have.
        let (held, late) = changed
            .wait_timeout_while(held, Duration::from_mins(2), |asked| !asked.were_sixteen)
            .unwrap();
        assert!(!late.timed_out(), "fewer than sixteen ask at the same time");
        drop(held);
        std::thread::sleep(Duration::from_millis(500));
        let mut held = asked.lock().unwrap();
        held.now -= 1;
        Said::Text(held.most.to_string())
    });
    let place = Place::new(&model, "float", "[limits]\nagents_at_once = 64\n");
    place.script(
        "home/.lazaret/workflows/one.js",
        "return Number(await agent('how many?'))",
    );
    place.script(
        "main.js",
        "const seen = await parallel(Array.from({ length: 40 }, () => () => workflow('one')))
        return [seen.length, Math.max(...seen)]",
    );
    let (code, report) = place.run(&["main.js"]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report["result"], json!([40, 16]), "{report}");
}
