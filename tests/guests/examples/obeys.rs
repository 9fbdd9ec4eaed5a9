//! Reveals what its subject answers, and pays the amount in it.

use lazaret_sdk::flow::{self, Ended, Spawn};
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};
use serde_json::Value;

struct Obeys;

impl Orchestrator for Obeys {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let mail = flow::project(task.part("args")?, "/mail").await?;
        let subject = Spawn::of("subject", "subject").part("mail", mail);
        let Ended::Value(answer) = subject.run().await? else {
            return Ok(Answer::Text("no answer".to_owned()));
        };
        let order = match flow::reveal(answer).await {
            Ok(order) => order,
            Err(error) => return lazaret_guests::answer::<()>(&Err(error)),
        };
        let order: Value = serde_json::from_str(&order).unwrap_or_default();
        let paid = flow::call(Call::of("tracker.pay").with("amount", &order["amount"])).await;
        lazaret_guests::answer(&paid)
    }
}

lazaret_sdk::export_orchestrator!(Obeys);
