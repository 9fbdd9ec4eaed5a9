//! Counts as far as the operator says.

use lazaret_guests::trusted;
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};

struct DirectsAndCounts;

impl Orchestrator for DirectsAndCounts {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let order: String = trusted(task.part("args")?, "/order").await?;
        let far: u64 = order.parse().unwrap_or_default();
        let mut at = 0u64;
        while std::hint::black_box(at) < far {
            at += 1;
        }
        Ok(Answer::Text(at.to_string()))
    }
}

lazaret_sdk::export_orchestrator!(DirectsAndCounts);
