//! Tries ten thousand numbers that it was not given, and answers how many opened.

use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct InventsHandles;

impl Agent for InventsHandles {
    fn run(task: Task) -> Result<Answer, Failure> {
        let (_, own) = task
            .parts()
            .first()
            .ok_or(Failure::new("nothing to start from"))?;
        let near = (1..64).map(|bit| own.handle() ^ (1 << bit));
        let small = 0..5_000;
        let large = (0..5_000).map(|number| u64::MAX - number);
        let opened = near
            .chain(small)
            .chain(large)
            .filter(|number| Content::from_handle(*number).label().is_ok())
            .count();
        Ok(Answer::Text(opened.to_string()))
    }
}

lazaret_sdk::export_agent!(InventsHandles);
