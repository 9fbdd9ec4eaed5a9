//! Reads the mail; then loops for ever if it is told to, and else answers at once.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct LoopsIfTold;

impl Agent for LoopsIfTold {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        while task.text == "loop" {
            std::hint::black_box(&task.text);
        }
        Ok(Answer::Text("done".to_owned()))
    }
}

lazaret_sdk::export_agent!(LoopsIfTold);
