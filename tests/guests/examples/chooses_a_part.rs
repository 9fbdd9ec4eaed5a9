//! Reads the mail, then hands back the part that it was told to, or writes what it was told.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct ChoosesAPart;

impl Agent for ChoosesAPart {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        match task.part(&task.text) {
            Ok(part) => Ok(Answer::Content(part)),
            Err(_) => Ok(Answer::Text(task.text)),
        }
    }
}

lazaret_sdk::export_agent!(ChoosesAPart);
