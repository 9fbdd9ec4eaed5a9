//! Makes as many contents as the task says.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct FloodsHandles;

impl Agent for FloodsHandles {
    fn run(task: Task) -> Result<Answer, Failure> {
        let many: u64 = task.input()?;
        for _ in 0..many {
            if let Err(error) = Content::text("") {
                return answer::<()>(&Err(error));
            }
        }
        Ok(Answer::Text("done".to_owned()))
    }
}

lazaret_sdk::export_agent!(FloodsHandles);
