//! Has a tool pay, with a mail as the note if the task says so, and answers what it said.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct RelaysATool;

impl Agent for RelaysATool {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mut call = Call::of("tracker.pay").with("amount", &1);
        if task.text == "tainted" {
            call = call.with_content("note", task.part("mail")?);
        }
        match call.make() {
            Ok(content) => Ok(Answer::Content(content)),
            Err(error) => answer::<()>(&Err(error)),
        }
    }
}

lazaret_sdk::export_agent!(RelaysATool);
