//! Makes JSON of as many levels as the task says.

use lazaret_guests::answer;
use lazaret_sdk::bindings::content as host;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct NestsJson;

impl Agent for NestsJson {
    fn run(task: Task) -> Result<Answer, Failure> {
        let levels: usize = task.input()?;
        let json = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        answer(&host::create_json(&json).map_err(Into::into))
    }
}

lazaret_sdk::export_agent!(NestsJson);
