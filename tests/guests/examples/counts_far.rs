//! Counts as far as the task says.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct CountsFar;

impl Agent for CountsFar {
    fn run(task: Task) -> Result<Answer, Failure> {
        let far: u64 = task.input()?;
        let mut at = 0u64;
        while std::hint::black_box(at) < far {
            at += 1;
        }
        Ok(Answer::Text(at.to_string()))
    }
}

lazaret_sdk::export_agent!(CountsFar);
