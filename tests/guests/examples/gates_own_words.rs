//! Gates its own word about a mail, which it has read if the task says so.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task, gate};

struct GatesOwnWords;

impl Agent for GatesOwnWords {
    fn run(task: Task) -> Result<Answer, Failure> {
        if task.text == "read first" {
            task.part("mail")?.read()?;
        }
        answer(&gate::pass::<bool>(Content::json(&true)?, "verdict"))
    }
}

lazaret_sdk::export_agent!(GatesOwnWords);
