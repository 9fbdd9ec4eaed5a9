//! Does what a case asks.

use lazaret_sdk::bindings::types::DenialKind;
use lazaret_sdk::tools::{self, Call};
use lazaret_sdk::{Agent, Answer, Content, Error, Failure, Task, bindings, closed_enum, files, gate, log};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Input {
    case: String,
    value: Value,
}

#[derive(Deserialize)]
struct Person {
    name: String,
    years: u32,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Next {
    name: String,
    next: u32,
    tags: usize,
}

closed_enum! {
    /// How bad it is.
    enum Severity { Low = "low", High = "high" }
}

struct Conformance;

impl Agent for Conformance {
    fn run(task: Task) -> Result<Answer, Failure> {
        let Input { case, value } = task.input()?;
        match case.as_str() {
            "typed" => {
                let person: Person = serde_json::from_value(value).map_err(wrong)?;
                Answer::json(&Next {
                    name: person.name,
                    next: person.years + 1,
                    tags: person.tags.len(),
                })
            }
            "json" => Answer::json(&json!({ "value": value })),
            "unicode" => {
                let text: String = serde_json::from_value(value).map_err(wrong)?;
                Answer::json(&json!({ "text": text, "letters": text.chars().count() }))
            }
            "large" => {
                let length: usize = serde_json::from_value(value).map_err(wrong)?;
                let read = Content::text(&"x".repeat(length))?.read()?;
                Answer::json(&json!({ "length": read.len() }))
            }
            "handles" => {
                let mail = task.part("mail")?;
                let skeleton = json!({ "kept": null, "taint": mail.label()?.taint });
                Ok(Answer::Content(Content::compose(&skeleton, &[("/kept", mail)])?))
            }
            "forged" => {
                let error = Content::from_handle(12345).read().err();
                Answer::json(&json!({ "kind": error.map(|error| kind(&error)) }))
            }
            "denial" => told(&task.part("secret")?.read()),
            "missing-grant" => told(&Call::of("tracker.pay").with("amount", &1).make()),
            "tool" => {
                let call = Call::of("tracker.pay").with("amount", &7);
                let answer = call.with_content("note", task.part("mail")?).make()?;
                Ok(Answer::Content(answer))
            }
            "files" => Answer::json(&json!({ "text": files::read("vault/key.txt")?.read()? })),
            "gate" => {
                let value: Option<Severity> = gate::pass(task.part("mail")?, "verdict")?;
                Answer::json(&json!({ "value": value }))
            }
            "parallel" => parallel(),
            "failure" => Err(Failure::new("asked to fail")),
            "panic" => deepest(&[]),
            "deadline" => loop {
                std::hint::black_box(&task);
            },
            "log" => {
                log::debug("a line of debug");
                log::info("a line of info");
                log::warn("a line of warn");
                log::error("a line of error");
                Answer::json(&())
            }
            "clock" => Answer::json(&json!({ "now": bindings::clock::now() })),
            "random" => {
                let dice: Vec<String> = (0..3)
                    .map(|_| bindings::clock::random().to_string())
                    .collect();
                Answer::json(&json!({ "dice": dice }))
            }
            other => Err(Failure::new(format!("there is no case `{other}`"))),
        }
    }
}

#[inline(never)]
fn deepest(wheels: &[u32]) -> ! {
    panic!("the wheel came off: {} are left", wheels.len())
}

fn wrong(error: serde_json::Error) -> Failure {
    Failure::new(error.to_string())
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::Denied(denial) => match denial.kind {
            DenialKind::NotGranted => "not-granted",
            DenialKind::Taint => "taint",
            DenialKind::Readers => "readers",
            DenialKind::Clearance => "clearance",
            DenialKind::UnknownHandle => "unknown-handle",
            DenialKind::Gate => "gate",
            DenialKind::Limit => "limit",
            DenialKind::Refused => "refused",
        },
        Error::Invalid(_) => "invalid",
        Error::Failed(_) => "failed",
    }
}

fn told<T>(result: &Result<T, Error>) -> Result<Answer, Failure> {
    let Err(error @ Error::Denied(denial)) = result else {
        return Err(Failure::new("nothing was refused"));
    };
    let remedy = !denial.remedy.is_empty();
    Answer::json(&json!({ "kind": kind(error), "rule": denial.rule, "remedy": remedy }))
}

fn parallel() -> Result<Answer, Failure> {
    let answers = tools::make_all(vec![
        Call::of("tracker.pay").with("amount", &1),
        Call::of("tracker.publish").with("text", &"x"),
        Call::of("tracker.pay").with("amount", &2),
    ])?;
    let kinds: Vec<&str> = answers
        .iter()
        .map(|answer| answer.as_ref().map_or_else(kind, |_| "done"))
        .collect();
    Answer::json(&kinds)
}

lazaret_sdk::export_agent!(Conformance);
