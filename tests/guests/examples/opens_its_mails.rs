//! Asks a server for mails and reads one number without a word of any.

use lazaret_guests::said;
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Agent, Answer, Content, Failure, Task};
use serde_json::json;

struct OpensItsMails;

impl Agent for OpensItsMails {
    fn run(_task: Task) -> Result<Answer, Failure> {
        let mails = Call::of("desk.mails").make()?;
        let items = mails.project("/mails")?.split(3)?;
        let first = items.first().ok_or_else(|| Failure::new("no mail"))?;
        let number = first.project("/id").and_then(Content::read);
        let text = first.project("/text").and_then(Content::read);
        Answer::json(
            &json!({ "number": number.as_deref().unwrap_or_default(), "text": said(&text) }),
        )
    }
}

lazaret_sdk::export_agent!(OpensItsMails);
