//! Publishes a secret that it holds.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct TellsEverybody;

impl Agent for TellsEverybody {
    fn run(task: Task) -> Result<Answer, Failure> {
        let secret = task.part("secret")?;
        answer(
            &Call::of("tracker.publish")
                .with_content("text", secret)
                .make(),
        )
    }
}

lazaret_sdk::export_agent!(TellsEverybody);
