//! Answers what time it is and what the dice say.

use lazaret_sdk::bindings::clock;
use lazaret_sdk::{Agent, Answer, Failure, Task};
use serde_json::json;

struct TellsTimeAndDice;

impl Agent for TellsTimeAndDice {
    fn run(_task: Task) -> Result<Answer, Failure> {
        let dice: Vec<String> = (0..3).map(|_| clock::random().to_string()).collect();
        Answer::json(&json!({ "now": clock::now(), "dice": dice }))
    }
}

lazaret_sdk::export_agent!(TellsTimeAndDice);
