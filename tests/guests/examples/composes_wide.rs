//! Composes a text of one content as many times as the task says.

use lazaret_guests::answer;
use lazaret_sdk::bindings::types::Piece;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct ComposesWide;

impl Agent for ComposesWide {
    fn run(task: Task) -> Result<Answer, Failure> {
        let many: usize = task.input()?;
        let one = Content::text("")?;
        answer(&Content::concat(&vec![Piece::Content(one.handle()); many]))
    }
}

lazaret_sdk::export_agent!(ComposesWide);
