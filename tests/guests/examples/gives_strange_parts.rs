//! Gives its child a handle that it was not given itself.

use lazaret_sdk::flow::Spawn;
use lazaret_sdk::{Answer, Content, Failure, Orchestrator, Task};

struct GivesStrangeParts;

impl Orchestrator for GivesStrangeParts {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let _args = task.part("args")?;
        let strange = Content::from_handle(7);
        let child = Spawn::of("subject", "subject")
            .part("mail", strange)
            .run()
            .await;
        lazaret_guests::answer(&child)
    }
}

lazaret_sdk::export_orchestrator!(GivesStrangeParts);
