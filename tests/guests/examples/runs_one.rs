//! Starts one subject with the order and the parts that the operator names, and gives its answer unread.

use lazaret_guests::{said, trusted};
use lazaret_sdk::flow::{self, Ended, Spawn};
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};
use serde_json::json;

struct RunsOne;

impl Orchestrator for RunsOne {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        let order: String = trusted(args, "/order").await?;
        let parts: Vec<String> = trusted(args, "/parts").await?;
        let mut subject = Spawn::of("subject", "subject").text(order);
        for pointer in &parts {
            let part = flow::project(args, pointer).await?;
            subject = subject.part(pointer.trim_start_matches(['/']), part);
        }
        let (ended, answer) = match subject.run().await {
            Ok(Ended::Value(answer)) => ("value".to_owned(), Some(answer)),
            Ok(Ended::None) => ("none".to_owned(), None),
            Ok(Ended::Unfit) => ("unfit".to_owned(), None),
            Ok(Ended::Failed) => ("failed".to_owned(), None),
            Ok(Ended::Sealed(answer)) => ("sealed".to_owned(), Some(answer)),
            Err(error) => (said::<()>(&Err(error)), None),
        };
        let leaves: Vec<_> = answer.iter().map(|answer| ("/answer", *answer)).collect();
        let whole = flow::compose(&json!({ "ended": ended, "answer": null }), &leaves).await?;
        Ok(Answer::Content(whole))
    }
}

lazaret_sdk::export_orchestrator!(RunsOne);
