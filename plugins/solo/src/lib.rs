//! Starts one agent on the run's argument and gives its answer, neither of which it reads.
//!
//! The argument is the task's text, where the agent finds its typed input, and the part `args`.

use lazaret_sdk::flow::{Ended, Spawn};
use lazaret_sdk::{Answer, Failure, Orchestrator, Task};

/// The profile that a policy has to name.
const PROFILE: &str = "agent";

struct Solo;

impl Orchestrator for Solo {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        let agent = Spawn::of(PROFILE, PROFILE).held(args).part("args", args);
        match agent.run().await? {
            Ended::Value(answer) | Ended::Sealed(answer) => Ok(Answer::Content(answer)),
            Ended::None => Err(Failure::new("the agent was skipped")),
            Ended::Unfit => Err(Failure::new("no answer of the agent satisfied its schema")),
            Ended::Failed => Err(Failure::new("the agent failed")),
        }
    }
}

lazaret_sdk::export_orchestrator!(Solo);
