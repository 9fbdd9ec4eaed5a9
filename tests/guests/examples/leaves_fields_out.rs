//! Reads a mail and answers a verdict without the fields that it should have.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct LeavesFieldsOut;

impl Agent for LeavesFieldsOut {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        Ok(Answer::Json("{}".to_owned()))
    }
}

lazaret_sdk::export_agent!(LeavesFieldsOut);
