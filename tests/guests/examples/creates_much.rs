//! Makes contents of the sizes that the task lists.

use lazaret_guests::answer;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct CreatesMuch;

impl Agent for CreatesMuch {
    fn run(task: Task) -> Result<Answer, Failure> {
        let sizes: Vec<usize> = task.input()?;
        for size in sizes {
            if let Err(error) = Content::text(&"x".repeat(size)) {
                return answer::<()>(&Err(error));
            }
        }
        Ok(Answer::Text("done".to_owned()))
    }
}

lazaret_sdk::export_agent!(CreatesMuch);
