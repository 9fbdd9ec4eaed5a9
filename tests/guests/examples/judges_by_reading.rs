//! Has a model judge a mail, reads the judgement, and acts on it.

use lazaret_guests::answer;
use lazaret_sdk::model::{self, Block, Message, Role};
use lazaret_sdk::{Agent, Answer, Content, Failure, Task, files};

struct JudgesByReading;

impl Agent for JudgesByReading {
    fn run(task: Task) -> Result<Answer, Failure> {
        let request = model::request(vec![Message {
            role: Role::User,
            blocks: vec![Block::Content(task.part("mail")?.handle())],
        }]);
        let said: model::Response = model::ask(&request)?.read_json()?;
        answer(&files::write(&task.text, Content::text(&said.text)?))
    }
}

lazaret_sdk::export_agent!(JudgesByReading);
