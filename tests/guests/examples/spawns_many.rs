//! Starts as many children as the operator says.

use lazaret_guests::{said, trusted};
use lazaret_sdk::flow::{self, Spawn};
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};

struct SpawnsMany;

impl Orchestrator for SpawnsMany {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let order: String = trusted(task.part("args")?, "/order").await?;
        let many: usize = order.parse().unwrap_or_default();
        let children = (0..many).map(|_| Spawn::of("subject", "subject").run());
        let mut words: Vec<_> = flow::join_all(children).await.iter().map(said).collect();
        words.dedup();
        Answer::json(&words)
    }
}

lazaret_sdk::export_orchestrator!(SpawnsMany);
