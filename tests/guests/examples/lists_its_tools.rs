//! Answers which tools it is told of, and calls each of those that the task names.

use lazaret_guests::said;
use lazaret_sdk::{Agent, Answer, Failure, Task, tools};
use serde_json::json;

struct ListsItsTools;

impl Agent for ListsItsTools {
    fn run(task: Task) -> Result<Answer, Failure> {
        let told: Vec<_> = tools::available()
            .into_iter()
            .map(|tool| (tool.function, tool.description))
            .collect();
        let names: Vec<String> = task.input()?;
        let called = names.iter().map(|name| said(&tools::Call::of(name).make()));
        Answer::json(&json!({ "told": told, "called": called.collect::<Vec<_>>() }))
    }
}

lazaret_sdk::export_agent!(ListsItsTools);
