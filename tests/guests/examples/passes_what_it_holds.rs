//! Passes a mail that it has not read to the argument that the task names.

use lazaret_guests::answer;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct PassesWhatItHolds;

impl Agent for PassesWhatItHolds {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mail = task.part("mail")?;
        answer(
            &Call::of("tracker.pay")
                .with_content(&task.text, mail)
                .make(),
        )
    }
}

lazaret_sdk::export_agent!(PassesWhatItHolds);
