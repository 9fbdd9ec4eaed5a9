//! Starts a subject for each mail at once, and tells only how each ended.

use lazaret_sdk::flow::{self, Ended, Spawn};
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};

struct RunsEach;

impl Orchestrator for RunsEach {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        let mails = flow::split(flow::project(args, "/mails").await?, 16).await?;
        let subjects = mails
            .into_iter()
            .map(|mail| Spawn::of("subject", "subject").part("mail", mail).run());
        let ended = flow::join_all(subjects).await;
        let words = ended.iter().map(|ended| match ended {
            Ok(Ended::Value(_)) => "value".to_owned(),
            Ok(Ended::None) => "none".to_owned(),
            Ok(Ended::Unfit) => "unfit".to_owned(),
            Ok(Ended::Failed) => "failed".to_owned(),
            Ok(Ended::Sealed(_)) => "sealed".to_owned(),
            Err(error) => error.to_string(),
        });
        Answer::json(&words.collect::<Vec<_>>())
    }
}

lazaret_sdk::export_orchestrator!(RunsEach);
