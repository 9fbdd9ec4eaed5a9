//! Calls a tool with every argument that the task lists.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct NamesArguments;

impl Agent for NamesArguments {
    fn run(task: Task) -> Result<Answer, Failure> {
        let names: Vec<String> = task.input()?;
        let call = names
            .iter()
            .fold(Call::of("tracker.pay"), |call, name| call.with(name, &1));
        answer(&call.make())
    }
}

lazaret_sdk::export_agent!(NamesArguments);
