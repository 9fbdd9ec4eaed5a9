//! Asks a person as a function of a tool, about all that it holds, and reads the answer.

use lazaret_guests::said;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct AsksByName;

impl Agent for AsksByName {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mut call = Call::of("person.ask").with("question", &task.text);
        for (name, part) in task.parts() {
            call = call.with_content(name, *part);
        }
        match call.make().and_then(Content::read) {
            Ok(text) => Ok(Answer::Text(text)),
            Err(error) => Ok(Answer::Text(said::<()>(&Err(error)))),
        }
    }
}

lazaret_sdk::export_agent!(AsksByName);
