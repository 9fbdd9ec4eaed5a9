//! Calls a tool many times at once.

use lazaret_guests::said;
use lazaret_sdk::tools::{Call, make_all};
use lazaret_sdk::{Agent, Answer, Failure, Task};
use serde_json::json;

struct CallsMany;

impl Agent for CallsMany {
    fn run(task: Task) -> Result<Answer, Failure> {
        let many: usize = task.input()?;
        let calls = (0..many)
            .map(|_| Call::of("tracker.pay").with("amount", &1))
            .collect();
        let mut answers: Vec<String> = make_all(calls)?.iter().map(said).collect();
        let count = answers.len();
        answers.dedup();
        Answer::json(&json!({ "answers": count, "said": answers }))
    }
}

lazaret_sdk::export_agent!(CallsMany);
