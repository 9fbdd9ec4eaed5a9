//! Hard budgets from end to end: of tokens, money and time, of a run, a phase and an agent. What
//! is spent stops the run with exit status 4, and it goes on with more.

use std::path::Path;
use std::process::Output;

use crate::binary;
use crate::model::{Model, Said, last_text};
use serde_json::Value;

const POLICY: &str = r#"
version = 1
[readers]
private = ["operator", "models"]
[model.default]
provider = "openai"
model = "MODEL"
base_url = "ADDRESS"
key = "env:TEST_KEY"
[profile.general-purpose]
plugin = "agent"
reads = "*"
use = ["model.default"]
[limits]
wall_ms = 600000
"#;

const FOUR: &str = "export const meta = { name: 'four', description: 'asks four' }
    const all = await parallel(['a', 'b', 'c', 'd'].map(x => () => agent(x, { label: x, phase: 'Find' })))
    return all.join('')";

const FORTY: &str = "export const meta = { name: 'forty', description: 'asks forty' }
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    const all = await parallel(numbers.map(n => () => agent('agent ' + n)))
    return all.join('')";

/// A directory to run in, with a state of its own and a model whose every answer has five
/// tokens.
struct Place {
    directory: tempfile::TempDir,
    model: Model,
}

impl Place {
    fn new(script: &str) -> Self {
        Self::with(script, |request| {
            Said::Text(format!("<{}>", last_text(request)))
        })
    }

    fn with(script: &str, answer: impl Fn(&Value) -> Said + Send + Sync + 'static) -> Self {
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
            model: Model::start(answer),
        };
        std::fs::write(place.path().join("script.js"), script).unwrap();
        place
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn policy(&self, name: &str, model: &str, budget: &str) {
        let policy = POLICY
            .replace("MODEL", model)
            .replace("ADDRESS", &self.model.address);
        std::fs::write(self.path().join(name), policy + budget).unwrap();
    }

    fn lazaret(&self, arguments: &[&str]) -> Output {
        binary::command(self.path(), arguments)
            // Where there is no key, nobody sends a bill.
            .env("TEST_KEY", "k")
            .output()
            .unwrap()
    }

    /// Runs the script under a budget: the exit status and the report.
    fn run(&self, model: &str, budget: &str) -> (i32, Value) {
        self.policy("lazaret.toml", model, budget);
        report(&self.lazaret(&["run", "script.js", "--json"]))
    }

    /// Goes on under another budget.
    fn resume(&self, run: &Value, model: &str, budget: &str) -> (i32, Value) {
        self.policy("more.toml", model, budget);
        let run = run["run"].as_str().unwrap();
        report(&self.lazaret(&["resume", run, "--policy", "more.toml", "--json"]))
    }

    fn asked(&self) -> usize {
        self.model.asked.lock().unwrap().len()
    }
}

fn report(output: &Output) -> (i32, Value) {
    (output.status.code().unwrap(), binary::report(output))
}

fn first_failure(report: &Value) -> &str {
    report["failures"].as_array().unwrap().last().unwrap()["message"]
        .as_str()
        .unwrap()
}

#[test]
fn tokens_of_calls_at_the_same_time_never_pass_the_budget_and_the_run_goes_on_with_more() {
    let place = Place::new(FOUR);
    let (status, spent) = place.run("test", "[budget]\ntokens = 12\nanswer_tokens = 5\n");
    assert_eq!((status, &spent["status"]), (4, &"budget-exhausted".into()));
    // Two answers of five; for a third are two left.
    assert_eq!((place.asked(), &spent["tokens"]["output"]), (2, &10.into()));
    let message = first_failure(&spent);
    assert!(
        message.contains("the run has used 10 of its 12 output tokens; raise `tokens` in [budget]"),
        "{message}"
    );
    assert_eq!(spent["spending"]["phases"][0]["phase"], "Find");
    assert_eq!(spent["spending"]["agents"].as_array().unwrap().len(), 2);
    let agents = &spent["agents"];
    assert_eq!(
        (&agents["completed"], &agents["failed"]),
        (&2.into(), &0.into())
    );
    let most = place.model.asked.lock().unwrap()[0]["max_tokens"].clone();
    assert_eq!(most, 5, "the model is told how much it may write");

    let (status, done) = place.resume(
        &spent,
        "test",
        "[budget]\ntokens = 100\nanswer_tokens = 5\n",
    );
    assert_eq!((status, &done["result"]), (0, &"<a><b><c><d>".into()));
    assert_eq!((place.asked(), &done["tokens"]["output"]), (4, &20.into()));
    assert_eq!(done["agents"]["replayed"], 2);
}

#[test]
fn who_used_up_what_is_told_where_nothing_is_limited() {
    let place = Place::new(FOUR);
    let (status, done) = place.run("test", "");
    assert_eq!(status, 0, "{done}");
    let spending = &done["spending"];
    assert_eq!(spending["phases"][0]["phase"], "Find");
    assert_eq!(spending["phases"][0]["tokens"]["output"], 20);
    assert_eq!(spending["agents"].as_array().unwrap().len(), 4);
}

#[test]
fn the_tokens_of_the_command_line_are_the_same_budget_and_resume_gives_more() {
    let place = Place::new(FOUR);
    place.policy(
        "lazaret.toml",
        "test",
        "[budget]\nanswer_tokens = 5\ntokens = 17\n",
    );
    let (status, spent) = report(&place.lazaret(&["run", "script.js", "--tokens", "12", "--json"]));
    assert_eq!((status, place.asked()), (4, 2), "{spent}");
    let run = spent["run"].as_str().unwrap();
    let more = format!("`lazaret resume {run} --tokens N`");
    assert!(first_failure(&spent).ends_with(&more), "{spent}");
    // More than the policy's is none.
    let resume = ["resume", run, "--tokens", "100", "--json"];
    let (status, spent) = report(&place.lazaret(&resume));
    assert_eq!((status, place.asked()), (4, 3), "{spent}");
    assert!(
        first_failure(&spent).contains("raise `tokens` in [budget]"),
        "{spent}"
    );
    place.policy("more.toml", "test", "[budget]\nanswer_tokens = 5\n");
    let (status, done) =
        report(&place.lazaret(&[&resume[..], &["--policy", "more.toml"]].concat()));
    assert_eq!((status, &done["result"]), (0, &"<a><b><c><d>".into()));
    assert_eq!(place.asked(), 4);
}

#[test]
fn agents_and_scripts_that_wait_for_a_place_do_not_keep_a_spent_run_from_ending() {
    let script = "export const meta = { name: 'waits', description: 'asks one after the other' }
        return await Promise.all([agent('a'), agent('b'), agent('c'), workflow({ scriptPath: 'one.js' })])";
    let place = Place::new(script);
    let one = "export const meta = { name: 'one', description: 'asks one' }
        return await agent('nested')";
    std::fs::write(place.path().join("one.js"), one).unwrap();
    // Where one agent runs at a time, the others and the other script wait for its place.
    let budget = "agents_at_once = 1\n[budget]\nanswer_tokens = 5\ntokens = 12\n";
    let (status, spent) = place.run("test", budget);
    assert_eq!((status, place.asked()), (4, 2), "{spent}");
    let (status, done) = place.resume(&spent, "test", "");
    assert_eq!((status, place.asked()), (0, 4), "{done}");
    assert_eq!(
        done["result"],
        serde_json::json!(["<a>", "<b>", "<c>", "<nested>"])
    );
}

#[test]
fn money_is_held_by_the_price_of_the_model_that_is_asked() {
    let place = Place::new(FORTY);
    let budget = "[budget]\nusd = 0.002\nanswer_tokens = 100\n";
    let (status, spent) = place.run("gpt-5", budget);
    assert_eq!(status, 4, "{spent}");
    let cost = spent["cost_usd"].as_f64().unwrap();
    assert!(cost > 0.0 && cost <= 0.002, "{cost}");
    // 40 answers cost 0.00252.
    assert!(place.asked() < 40);
    assert!(first_failure(&spent).contains("USD; raise `usd` in [budget]"));
    let (status, done) = place.resume(&spent, "gpt-5", "[budget]\nusd = 1\n");
    assert_eq!((status, place.asked()), (0, 40), "{done}");
}

#[test]
fn a_model_without_a_price_is_not_asked_where_money_is_limited() {
    let place = Place::new(FOUR);
    place.policy("lazaret.toml", "unheard-of", "[budget]\nusd = 1\n");
    let elsewhere = std::fs::read_to_string(place.path().join("lazaret.toml")).unwrap();
    let elsewhere = elsewhere.replace("http://127.0.0.1", "https://models.invalid");
    std::fs::write(place.path().join("lazaret.toml"), elsewhere).unwrap();
    let (status, report) =
        report(&place.lazaret(&["run", "script.js", "--json", "--policy", "lazaret.toml"]));
    assert_eq!(status, 1, "{report}");
    let message = report["failures"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("no-price: the price of the model `unheard-of`"),
        "{message}"
    );
    // The twin: a model on this machine costs nothing.
    let (status, _) = place.run("unheard-of", "[budget]\nusd = 1\n");
    assert_eq!((status, place.asked()), (0, 4));
}

#[test]
fn an_agent_that_has_spent_its_own_budget_fails_alone_and_goes_on_with_more() {
    let script = "export const meta = { name: 'two', description: 'asks two' }
        const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
        const all = await parallel([
            () => agent('number', { label: 'number', schema }),
            () => agent('text', { label: 'text' }),
        ])
        return all";
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let place = Place::with(script, move |request| {
        if !request.to_string().contains("number") {
            return Said::Text("a text".to_owned());
        }
        // The third answer fits the schema.
        match tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 | 1 => Said::Text("no number".to_owned()),
            _ => Said::Text("{\"n\": 1}".to_owned()),
        }
    });
    let budget =
        |tokens| format!("[budget]\nanswer_tokens = 5\n[budget.agent]\ntokens = {tokens}\n");
    let (status, spent) = place.run("test", &budget(12));
    assert_eq!(status, 5, "{spent}");
    assert_eq!(spent["result"][1], "a text");
    let message = first_failure(&spent);
    assert!(
        message
            .contains("number (budget): the agent of step 1 has used 10 of its 12 output tokens"),
        "{message}"
    );
    assert_eq!(place.asked(), 3);
    // It goes on with its third request; nothing of what it was told is asked again.
    let (status, done) = place.resume(&spent, "test", &budget(20));
    assert_eq!((status, &done["result"][0]["n"]), (0, &1.into()), "{done}");
    assert_eq!(place.asked(), 4);
}

#[test]
fn a_phase_has_budgets_of_its_own() {
    let place = Place::new(FOUR);
    let budget = "[budget]\nanswer_tokens = 5\n[budget.phase.Find]\ntokens = 10\n";
    let (status, spent) = place.run("test", budget);
    assert_eq!((status, place.asked()), (4, 2), "{spent}");
    let message = first_failure(&spent);
    assert!(
        message.contains("the phase \"Find\" has used 10 of its 10 output tokens"),
        "{message}"
    );
    let (status, few) = place.resume(&spent, "test", "[budget.phase.Find]\nagents = 3\n");
    assert_eq!(status, 5, "{few}");
    assert_eq!(few["denials"][0]["rule"], "limit:phase-agents");
}

#[test]
fn a_run_whose_time_is_over_stops_and_goes_on_with_more() {
    let slow = std::sync::atomic::AtomicBool::new(true);
    let place = Place::with(FOUR, move |request| {
        let is_last = last_text(request).contains('d');
        if is_last && slow.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return Said::Silence;
        }
        Said::Text(format!("<{}>", last_text(request)))
    });
    let (status, spent) = place.run("test", "[budget]\nwall_minutes = 0.02\n");
    assert_eq!(status, 4, "{spent}");
    let message = first_failure(&spent);
    assert!(
        message.contains("the run has used its 0.020 minutes; raise `wall_minutes` in [budget]"),
        "{message}"
    );
    let (status, done) = place.resume(&spent, "test", "[budget]\nwall_minutes = 5\n");
    assert_eq!((status, &done["result"]), (0, &"<a><b><c><d>".into()));
    assert_eq!(done["agents"]["replayed"], 3);
}

#[test]
fn a_fan_out_in_which_every_agent_failed_is_no_success() {
    let place = Place::with(FOUR, |_request| Said::Status(400));
    let (status, failed) = place.run("test", "");
    assert_eq!((status, &failed["status"]), (1, &"failed".into()));
    assert_eq!(
        failed["result"], "",
        "what it returned is shown all the same"
    );
    assert_eq!(
        first_failure(&failed),
        "all 4 agents of the phase \"Find\" failed"
    );
    // The twin: one that answers is enough for a result with failures.
    let place = Place::with(FOUR, |request| {
        if last_text(request).contains('d') {
            Said::Text("d".to_owned())
        } else {
            Said::Status(400)
        }
    });
    let (status, partly) = place.run("test", "");
    assert_eq!((status, &partly["result"]), (5, &"d".into()));
}
