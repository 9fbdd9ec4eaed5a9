//! Composes ten of ten of ten, as many levels as the task says, and answers with it.

use lazaret_sdk::bindings::types::Piece;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct LaughsABillion;

impl Agent for LaughsABillion {
    fn run(task: Task) -> Result<Answer, Failure> {
        let levels: u32 = task.input()?;
        let mut laugh = Content::text("lol")?;
        for _ in 0..levels {
            let ten = vec![Piece::Content(laugh.handle()); 10];
            laugh = Content::concat(&ten)?;
        }
        Ok(Answer::Content(laugh))
    }
}

lazaret_sdk::export_agent!(LaughsABillion);
