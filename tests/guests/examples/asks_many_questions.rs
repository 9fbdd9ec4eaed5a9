//! Asks a gate as many long questions as the task says, each another one.

use lazaret_guests::answer;
use lazaret_sdk::bindings::gate;
use lazaret_sdk::{Agent, Answer, Failure, Task};

struct AsksManyQuestions;

impl Agent for AsksManyQuestions {
    fn run(task: Task) -> Result<Answer, Failure> {
        let many: usize = task.input()?;
        let mail = task.part("mail")?.handle();
        let long = "x".repeat(60_000);
        for number in 0..many {
            let schema = format!(r#"{{"enum":["{number}{long}"]}}"#);
            if let Err(error) = gate::pass(mail, &schema, "verdict") {
                return answer::<()>(&Err(error.into()));
            }
        }
        Ok(Answer::Text("done".to_owned()))
    }
}

lazaret_sdk::export_agent!(AsksManyQuestions);
