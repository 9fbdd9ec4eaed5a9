//! Writes ten thousand lines of the length that the task says.

use lazaret_sdk::{Agent, Answer, Failure, Task, log};

struct FloodsTheLog;

impl Agent for FloodsTheLog {
    fn run(task: Task) -> Result<Answer, Failure> {
        let length: usize = task.input()?;
        let line = "x".repeat(length);
        for _ in 0..10_000 {
            log::info(&line);
        }
        Ok(Answer::Text("flooded".to_owned()))
    }
}

lazaret_sdk::export_agent!(FloodsTheLog);
