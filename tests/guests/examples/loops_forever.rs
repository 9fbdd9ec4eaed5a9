//! Reads a mail and computes without end.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct LoopsForever;

impl Agent for LoopsForever {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        let mut turns = 0u64;
        loop {
            turns = std::hint::black_box(turns.wrapping_add(1));
        }
    }
}

lazaret_sdk::export_agent!(LoopsForever);
