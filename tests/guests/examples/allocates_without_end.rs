//! Reads a mail and asks for memory until there is none.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct AllocatesWithoutEnd;

impl Agent for AllocatesWithoutEnd {
    fn run(task: Task) -> Result<Answer, Failure> {
        task.part("mail")?.read()?;
        let mut kept: Vec<Vec<u8>> = Vec::new();
        loop {
            kept.push(std::hint::black_box(vec![1; 1 << 20]));
        }
    }
}

lazaret_sdk::export_agent!(AllocatesWithoutEnd);
