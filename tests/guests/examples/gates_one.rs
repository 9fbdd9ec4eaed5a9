//! Starts one subject and lets its answer through the gate, as a verdict.

use lazaret_sdk::flow::{self, Ended, Spawn};
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};

lazaret_sdk::closed_enum! {
    /// How bad it is.
    pub enum Severity { Low = "low", High = "high" }
}
lazaret_sdk::closed_record! {
    /// What a subject may say.
    pub struct Verdict { pub severity: Severity, pub pay: bool }
}

struct GatesOne;

impl Orchestrator for GatesOne {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let mail = flow::project(task.part("args")?, "/mail").await?;
        let subject = Spawn::of("subject", "subject").part("mail", mail);
        let Ended::Value(answer) = subject.run().await? else {
            return Ok(Answer::Text("no answer".to_owned()));
        };
        Answer::json(&flow::gate::<Verdict>(answer, "verdict").await?)
    }
}

lazaret_sdk::export_orchestrator!(GatesOne);
