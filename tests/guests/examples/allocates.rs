//! Fills as many MiB of memory as the task says.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct Allocates;

impl Agent for Allocates {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mebibytes: usize = task.input()?;
        let kept = std::hint::black_box(vec![1u8; mebibytes << 20]);
        Ok(Answer::Text(kept.len().to_string()))
    }
}

lazaret_sdk::export_agent!(Allocates);
