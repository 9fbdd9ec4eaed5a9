//! Lets a mail through a gate, as the type that the task says.

use lazaret_guests::answer;
use lazaret_sdk::bindings::gate as host;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct GatesAsAsked;

impl Agent for GatesAsAsked {
    fn run(task: Task) -> Result<Answer, Failure> {
        let verdict = host::pass(task.part("mail")?.handle(), &task.text, "verdict");
        match verdict {
            Ok(host::Verdict::Value(value)) => Ok(Answer::Json(value)),
            Ok(host::Verdict::Invalid) => Ok(Answer::Text("not of the type".to_owned())),
            Err(error) => answer::<()>(&Err(error.into())),
        }
    }
}

lazaret_sdk::export_agent!(GatesAsAsked);
