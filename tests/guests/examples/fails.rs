//! Reads a mail and fails with what it says.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct Fails;

impl Agent for Fails {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mail = task.part("mail")?.read_json::<String>()?;
        Err(Failure::new(mail))
    }
}

lazaret_sdk::export_agent!(Fails);
