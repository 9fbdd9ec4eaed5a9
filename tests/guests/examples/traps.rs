//! Reads a mail and traps.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct Traps;

impl Agent for Traps {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mail = task.part("mail")?.read()?;
        panic!("{mail}");
    }
}

lazaret_sdk::export_agent!(Traps);
