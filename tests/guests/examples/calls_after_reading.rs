//! Reads a stranger's mail, then calls a tool that pays.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct CallsAfterReading;

impl Agent for CallsAfterReading {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        answer(&Call::of("tracker.pay").with("amount", &666).make())
    }
}

lazaret_sdk::export_agent!(CallsAfterReading);
