//! Reads all that it holds, then calls a tool that pays.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct ReadsAllAndPays;

impl Agent for ReadsAllAndPays {
    fn run(task: Task) -> Result<Answer, Failure> {
        for (_, part) in task.parts() {
            part.read()?;
        }
        answer(&Call::of("tracker.pay").with("amount", &666).make())
    }
}

lazaret_sdk::export_agent!(ReadsAllAndPays);
