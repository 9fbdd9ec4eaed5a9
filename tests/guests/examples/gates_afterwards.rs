//! Starts one subject, and then, in the same phase, asks a gate about one mail after the other until
//! it is refused; says how often it was answered.

use lazaret_guests::trusted;
use lazaret_sdk::flow::{self, Spawn};
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};
use serde_json::json;

/// More questions than any test has bits for.
const MOST: u32 = 20;

struct GatesAfterwards;

impl Orchestrator for GatesAfterwards {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        let order: String = trusted(args, "/order").await?;
        let mail = flow::project(args, "/mail").await?;
        flow::phase("Ask").await;
        let subject = Spawn::of("subject", "subject").text(order);
        subject.part("mail", mail).run().await?;
        let mut passed = 0;
        for number in 0..MOST {
            let other = flow::project(args, &format!("/mails/{number}")).await?;
            if flow::gate::<bool>(other, "verdict").await.is_err() {
                break;
            }
            passed += 1;
        }
        Answer::json(&json!({ "passed": passed }))
    }
}

lazaret_sdk::export_orchestrator!(GatesAfterwards);
