//! Reads a secret, then publishes a word of its own.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct TellsAfterReading;

impl Agent for TellsAfterReading {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("secret")?.read()?;
        answer(&Call::of("tracker.publish").with("text", &"yes").make())
    }
}

lazaret_sdk::export_agent!(TellsAfterReading);
