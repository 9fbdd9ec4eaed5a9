//! Starts a child of a profile that is called `ghost`.

use lazaret_sdk::flow::Spawn;
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};

struct SpawnsWhomItLikes;

impl Orchestrator for SpawnsWhomItLikes {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let _args = task.part("args")?;
        lazaret_guests::answer(&Spawn::of("ghost", "ghost").run().await)
    }
}

lazaret_sdk::export_orchestrator!(SpawnsWhomItLikes);
