//! Reveals a mail, and answers with it.

use lazaret_sdk::{Answer, Failure, Orchestrator, Task, flow};

struct RevealsUntrusted;

impl Orchestrator for RevealsUntrusted {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let mail = flow::project(task.part("args")?, "/mail").await?;
        match flow::reveal(mail).await {
            Ok(text) => Ok(Answer::Text(text)),
            Err(error) => lazaret_guests::answer::<()>(&Err(error)),
        }
    }
}

lazaret_sdk::export_orchestrator!(RevealsUntrusted);
