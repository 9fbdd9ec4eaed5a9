//! Calls the function that the task names, `FUNCTION {"ARGUMENT": …}`, and answers what came
//! back; `available` is what it is told of the functions that it has.

use lazaret_guests::answer;
use lazaret_sdk::tools::{self, Call};
use lazaret_sdk::{Agent, Answer, Content, Failure, Task, serde_json};
use serde_json::{Map, Value, json};

struct CallsByName;

impl Agent for CallsByName {
    fn run(task: Task) -> Result<Answer, Failure> {
        let (function, arguments) = task.text.split_once(' ').unwrap_or((&task.text, "{}"));
        if function == "available" {
            let told: Vec<Value> = tools::available()
                .into_iter()
                .map(|tool| json!([tool.function, tool.description, tool.schema]))
                .collect();
            return Answer::json(&told);
        }
        let mut call = Call::of(function);
        let arguments: Map<String, Value> = serde_json::from_str(arguments).unwrap_or_default();
        for (name, value) in &arguments {
            call = call.with(name, value);
        }
        match call.make().and_then(Content::read) {
            Ok(text) => Ok(Answer::Text(text)),
            Err(error) => answer::<()>(&Err(error)),
        }
    }
}

lazaret_sdk::export_agent!(CallsByName);
