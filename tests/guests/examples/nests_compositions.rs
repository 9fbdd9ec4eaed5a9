//! Nests JSON of thirty-two levels in itself, as often as the task says, and reads it.

use lazaret_sdk::bindings::content as host;
use lazaret_sdk::bindings::types::Leaf;
use lazaret_sdk::{Agent, Answer, Content, Error, Failure, Task};

struct NestsCompositions;

impl Agent for NestsCompositions {
    fn run(task: Task) -> Result<Answer, Failure> {
        let times: u32 = task.input()?;
        let skeleton = format!("{}null{}", "[".repeat(32), "]".repeat(32));
        let leaf = "/0".repeat(32);
        let mut nested = Content::json(&1)?.handle();
        for _ in 0..times {
            let leaf = Leaf {
                pointer: leaf.clone(),
                content: nested,
            };
            nested = host::compose_json(&skeleton, &[leaf]).map_err(Error::from)?;
        }
        let read = host::read(nested).map_err(Error::from)?;
        Ok(Answer::Text(format!("{} bytes", read.len())))
    }
}

lazaret_sdk::export_agent!(NestsCompositions);
