//! Asks a model about a mail that it has not read.

use lazaret_guests::answer;
use lazaret_sdk::bindings::model as host;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};

struct AsksAModel;

impl Agent for AsksAModel {
    fn run(task: Task) -> Result<Answer, Failure> {
        let content = task.part("mail")?.handle();
        let asked = host::ask(&host::Request {
            model: String::new(),
            effort: None,
            max_output_tokens: Some(16),
            messages: vec![host::Message {
                role: host::Role::User,
                blocks: vec![host::Block::Content(content)],
            }],
            tools: Vec::new(),
            schema: None,
        });
        match asked {
            Ok(handle) => Ok(Answer::Content(Content::from_handle(handle))),
            Err(error) => answer::<()>(&Err(error.into())),
        }
    }
}

lazaret_sdk::export_agent!(AsksAModel);
