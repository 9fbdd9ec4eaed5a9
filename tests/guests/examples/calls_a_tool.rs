//! Calls a tool that pays, having read nothing.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct CallsATool;

impl Agent for CallsATool {
    fn run(_task: Task) -> Result<Answer, Failure> {
        answer(&Call::of("tracker.pay").with("amount", &666).make())
    }
}

lazaret_sdk::export_agent!(CallsATool);
