//! Has a model judge a mail that it never reads, gates the judgement, and acts on it.

use lazaret_guests::answer;
use lazaret_sdk::model::{self, Block, Message, Role};
use lazaret_sdk::{Agent, Answer, Content, Failure, Task, files, gate};

lazaret_sdk::closed_enum! {
    /// What is to be done.
    pub enum Judgement {
        /// Pay.
        Pay = "pay",
        /// Do nothing.
        Leave = "leave",
    }
}

struct JudgesUnread;

impl Agent for JudgesUnread {
    fn run(task: Task) -> Result<Answer, Failure> {
        let question = "Is this a bill that was agreed on? Answer `pay` or `leave`.";
        let mail = task.part("mail")?;
        let request = model::request(vec![
            model::message(Role::System, question),
            Message {
                role: Role::User,
                blocks: vec![Block::Content(mail.handle())],
            },
        ]);
        let said = model::ask(&request)?.project("/text")?;
        let judgement = gate::pass::<Judgement>(said, "verdict")?;
        let entry = judgement.map_or("not understood", Judgement::as_str);
        answer(&files::write(&task.text, Content::text(entry)?))
    }
}

lazaret_sdk::export_agent!(JudgesUnread);
