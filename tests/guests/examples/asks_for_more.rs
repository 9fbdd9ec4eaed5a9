//! Asks a model as often as its task says, and tells its limit.

use lazaret_sdk::model::{self, Role};
use lazaret_sdk::{Agent, Answer, Failure, Task, clock};

struct AsksForMore;

impl Agent for AsksForMore {
    fn run(task: Task) -> Result<Answer, Failure> {
        let times: u32 = task.text.trim().parse().unwrap_or(0);
        for _ in 0..times {
            let message = model::message(Role::User, "more");
            model::ask(&model::request(vec![message]))?;
        }
        let limit = clock::budget().output_tokens;
        let limit = limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
        Ok(Answer::Text(format!("{times} of {limit}")))
    }
}

lazaret_sdk::export_agent!(AsksForMore);
