//! The trusted actor: acts on a verdict that came through a gate.
//!
//! It holds the summary as a handle and is cleared for nothing tainted: it can put the
//! summary into a draft, and cannot be told anything by it.

use lazaret_sdk::bindings::types::Piece;
use lazaret_sdk::tools::{self, Call};
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};
use serde::Deserialize;
use serde_json::json;
use triage_verdict::{Severity, Verdict};

#[derive(Deserialize)]
struct Input {
    number: u64,
    verdict: Verdict,
    /// Where the report is, if the tracker has more than one place.
    #[serde(default)]
    repo: Option<String>,
}

struct Actor;

impl Agent for Actor {
    fn run(task: Task) -> Result<Answer, Failure> {
        let Input {
            number,
            verdict,
            repo,
        } = task.input()?;
        let reply = reply(task.part("login")?, task.part("summary")?)?;
        let (names, calls): (Vec<_>, Vec<_>) = plan(number, &verdict, reply, repo.as_deref())
            .into_iter()
            .unzip();
        let answers = tools::make_all(calls)?;
        let mut done = Vec::new();
        for (name, answer) in names.into_iter().zip(answers) {
            answer.map_err(|error| Failure::new(format!("report {number}, {name}: {error}")))?;
            done.push(name);
        }
        Answer::json(&json!({ "actions": done }))
    }
}

/// Which calls a verdict leads to, by name.
fn plan(
    number: u64,
    verdict: &Verdict,
    reply: Content,
    repo: Option<&str>,
) -> Vec<(&'static str, Call)> {
    let labels = [
        verdict.kind.as_str().to_owned(),
        format!("area/{}", verdict.area.as_str()),
        format!("severity/{}", verdict.severity.as_str()),
    ];
    let call = |function: &str| {
        let call = Call::of(function).with("number", &number);
        match repo {
            Some(repo) => call.with("repo", &repo),
            None => call,
        }
    };
    let label = call("tracker.label").with("labels", &labels);
    let mut calls = vec![("label", label)];
    if verdict.severity >= Severity::High {
        let escalate = call("tracker.escalate").with("severity", &verdict.severity.as_str());
        calls.push(("escalate", escalate));
    }
    if verdict.needs_reply {
        let draft = call("tracker.draft").with_content("body", reply);
        calls.push(("draft", draft));
    }
    calls
}

/// A reply around two contents that stay unread.
fn reply(login: Content, summary: Content) -> Result<Content, Failure> {
    Ok(Content::concat(&[
        Piece::Literal("Thank you for the report, @".to_owned()),
        Piece::Content(login.handle()),
        Piece::Literal(". As we understand it: ".to_owned()),
        Piece::Content(summary.handle()),
        Piece::Literal("\n\nSomebody will look at it.".to_owned()),
    ])?)
}

lazaret_sdk::export_agent!(Actor);
