//! Answers with a handle that it was not given.

use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct AnswersAStrangeHandle;

impl Agent for AnswersAStrangeHandle {
    fn run(_task: Task) -> Result<Answer, Failure> {
        Ok(Answer::Content(Content::from_handle(7)))
    }
}

lazaret_sdk::export_agent!(AnswersAStrangeHandle);
