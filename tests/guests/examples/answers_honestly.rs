//! Reads a mail and answers the verdict that it was asked for.

use lazaret_sdk::{Agent, Answer, Failure, Task};
use serde_json::json;

struct AnswersHonestly;

impl Agent for AnswersHonestly {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        Answer::json(&json!({ "severity": "low", "pay": false }))
    }
}

lazaret_sdk::export_agent!(AnswersHonestly);
