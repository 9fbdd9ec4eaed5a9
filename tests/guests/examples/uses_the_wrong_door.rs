//! Asks the tools for effects that have doors of their own.

use lazaret_guests::said;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct UsesTheWrongDoor;

impl Agent for UsesTheWrongDoor {
    fn run(_task: Task) -> Result<Answer, Failure> {
        let arguments = |function| {
            Call::of(function)
                .with("path", &"key.txt")
                .with("value", &"said by the reader")
        };
        let doors = ["files.vault.read", "run.print", "model.default"];
        let tried = doors.map(|function| said(&arguments(function).make()));
        Answer::json(&tried)
    }
}

lazaret_sdk::export_agent!(UsesTheWrongDoor);
