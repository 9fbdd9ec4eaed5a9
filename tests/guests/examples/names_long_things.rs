//! Names a tool, a file and a gate rule by a name of a million characters.

use lazaret_guests::said;
use lazaret_sdk::bindings::gate;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task, files};

struct NamesLongThings;

impl Agent for NamesLongThings {
    fn run(task: Task) -> Result<Answer, Failure> {
        let long = "x".repeat(1_000_000);
        let mail = task.part("mail")?.handle();
        let passed = gate::pass(mail, r#"{"type":"boolean"}"#, &long).map_err(Into::into);
        Answer::json(&[
            said(&Call::of(&long).make()),
            said(&files::read(&long)),
            said(&passed),
        ])
    }
}

lazaret_sdk::export_agent!(NamesLongThings);
