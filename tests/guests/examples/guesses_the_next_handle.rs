//! Reads the handle after its first one.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct GuessesTheNextHandle;

impl Agent for GuessesTheNextHandle {
    fn run(task: Task) -> Result<Answer, Failure> {
        let (_, first) = task
            .parts()
            .first()
            .ok_or(Failure::new("nothing to count from"))?;
        match Content::from_handle(first.handle() + 1).read() {
            Ok(text) => Ok(Answer::Text(text)),
            Err(error) => answer::<()>(&Err(error)),
        }
    }
}

lazaret_sdk::export_agent!(GuessesTheNextHandle);
