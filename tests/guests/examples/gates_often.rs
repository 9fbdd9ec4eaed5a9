//! Asks a gate about the mail that it holds, as often as it is told, each time another question.

use lazaret_sdk::bindings::gate as host;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct GatesOften;

impl Agent for GatesOften {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mail = task.part("mail")?.handle();
        let times: u32 = task.input()?;
        for time in 0..times {
            let schema = format!(r#"{{"type":"boolean","$comment":"{time}"}}"#);
            // What is refused is for the host to say.
            drop(host::pass(mail, &schema, "verdict"));
        }
        Ok(Answer::Text("asked".to_owned()))
    }
}

lazaret_sdk::export_agent!(GatesOften);
