//! Reads a file as often as the task says, and holds what it is given.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Failure, Task, files};

struct ReadsOften;

impl Agent for ReadsOften {
    fn run(task: Task) -> Result<Answer, Failure> {
        let many: usize = task.input()?;
        for _ in 0..many {
            if let Err(error) = files::read("vault/large.txt") {
                return answer::<()>(&Err(error));
            }
        }
        Ok(Answer::Text("done".to_owned()))
    }
}

lazaret_sdk::export_agent!(ReadsOften);
