//! Calls a tool that takes as long as it may.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct WaitsForATool;

impl Agent for WaitsForATool {
    fn run(_task: Task) -> Result<Answer, Failure> {
        answer(&Call::of("tracker.pay").with("amount", &1).make())
    }
}

lazaret_sdk::export_agent!(WaitsForATool);
