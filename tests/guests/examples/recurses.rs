//! Calls itself as deep as the task says.

use lazaret_sdk::{Agent, Answer, Failure, Task};

struct Recurses;

impl Agent for Recurses {
    fn run(task: Task) -> Result<Answer, Failure> {
        let depth: u64 = task.input()?;
        Ok(Answer::Text(dive(depth).to_string()))
    }
}

lazaret_sdk::export_agent!(Recurses);

fn dive(depth: u64) -> u64 {
    if depth == 0 {
        return 0;
    }
    let kept = std::hint::black_box([depth; 32]);
    dive(std::hint::black_box(depth - 1))
        + kept.iter().filter(|one| **one == depth).count() as u64 / 32
}
