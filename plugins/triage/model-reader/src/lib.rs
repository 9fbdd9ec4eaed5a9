//! The quarantined reader that asks a model: a closed verdict and one sentence.
//!
//! It was granted one model and no tool, so that whatever a report makes either of them say
//! stays in the answer. A summary is passed on unread by whoever started this.

mod answer;
mod prompt;

use lazaret_sdk::model::{self, Role};
use lazaret_sdk::{Agent, Answer, Failure, Task, log};
use serde_json::json;
use triage_verdict::Verdict;

use answer::Read;

/// How often the model is asked, the first time included.
const MAX_ATTEMPTS: u32 = 5;

/// The most tokens of one answer: a verdict and a sentence.
const MAX_TOKENS: u32 = 400;

struct ModelReader;

impl Agent for ModelReader {
    fn run(task: Task) -> Result<Answer, Failure> {
        let report = task.part("report")?;
        let mut messages = vec![
            model::message(Role::System, prompt::system()),
            prompt::report(report),
        ];
        let mut problem = String::new();
        for attempt in 1..=MAX_ATTEMPTS {
            let request = model::Request {
                max_output_tokens: Some(MAX_TOKENS),
                schema: Some(prompt::schema().to_string()),
                ..model::request(messages.clone())
            };
            let response: model::Response = model::ask(&request)?.read_json()?;
            match answer::read(&response.text) {
                Ok(Read { verdict, summary }) => return give(&verdict, &summary),
                Err(wrong) => problem = wrong,
            }
            log::info(&format!("attempt {attempt}: {problem}"));
            messages.push(model::message(Role::Assistant, response.text));
            messages.push(model::message(
                Role::User,
                format!("That does not fit: {problem}. Answer with the JSON object only."),
            ));
        }
        Err(Failure::new(format!(
            "schema: the model missed the schema {MAX_ATTEMPTS} times; the last time: {problem}"
        )))
    }
}

fn give(verdict: &Verdict, summary: &str) -> Result<Answer, Failure> {
    Answer::json(&json!({ "verdict": verdict, "summary": summary }))
}

lazaret_sdk::export_agent!(ModelReader);
