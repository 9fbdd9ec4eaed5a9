//! Reads every part of its task.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct ReadsWhatItHolds;

impl Agent for ReadsWhatItHolds {
    fn run(task: Task) -> Result<Answer, Failure> {
        let mut seen = Vec::new();
        for (_, content) in task.parts() {
            match content.read() {
                Ok(text) => seen.push(text),
                Err(error) => return answer::<()>(&Err(error)),
            }
        }
        Answer::json(&seen)
    }
}

lazaret_sdk::export_agent!(ReadsWhatItHolds);
