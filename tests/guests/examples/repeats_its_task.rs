//! Answers with the text of its task.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct RepeatsItsTask;

impl Agent for RepeatsItsTask {
    fn run(task: Task) -> Result<Answer, Failure> {
        Ok(Answer::Text(task.text))
    }
}

lazaret_sdk::export_agent!(RepeatsItsTask);
