//! Asks whether each secret that the task names is there.

use lazaret_sdk::{Agent, Answer, Failure, Task, secrets};

struct AsksForSecrets;

impl Agent for AsksForSecrets {
    fn run(task: Task) -> Result<Answer, Failure> {
        let there: Vec<&str> = task
            .text
            .split(' ')
            .filter(|name| secrets::exists(name))
            .collect();
        Answer::json(&there)
    }
}

lazaret_sdk::export_agent!(AsksForSecrets);
