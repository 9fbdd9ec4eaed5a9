//! Reads the mail; then loops for ever if it is told to, and else answers at once.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct LoopsIfTold;

impl Agent for LoopsIfTold {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        let mut turns = 0u64;
        while std::hint::black_box(&task.text) == "loop" {
            turns = std::hint::black_box(turns.wrapping_add(1));
        }
        Ok(Answer::Text("done".to_owned()))
    }
}

lazaret_sdk::export_agent!(LoopsIfTold);
