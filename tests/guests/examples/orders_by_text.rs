//! Puts a mail that it has not read into its child's task.

use lazaret_sdk::bindings::orchestrator::Guest;
use lazaret_sdk::bindings::turns::{
    Batch, NumberedRequest, Outcome, Projection, Reply, Request, Spawning, Turn,
};
use lazaret_sdk::bindings::types::{Answer, Piece, Task};

struct OrdersByText;

impl Guest for OrdersByText {
    fn start(task: Task) -> Turn {
        let args = task.parts.first().map_or(0, |part| part.content);
        ask(Request::Project(Projection {
            content: args,
            pointer: "/mail".to_owned(),
        }))
    }

    fn resume(batch: Batch) -> Turn {
        match batch.replies.into_iter().next().map(|reply| reply.reply) {
            Some(Reply::Content(mail)) => ask(Request::Spawn(Spawning {
                profile: "subject".to_owned(),
                name: "subject".to_owned(),
                phase: String::new(),
                text: vec![Piece::Content(mail)],
                parts: Vec::new(),
                options: "{}".to_owned(),
            })),
            Some(Reply::Denied(denial)) => end(Answer::Text(denial.rule)),
            Some(Reply::Outcome(Outcome::Value(answer))) => end(Answer::Content(answer)),
            _ => end(Answer::Text("something else".to_owned())),
        }
    }
}

fn ask(request: Request) -> Turn {
    Turn {
        requests: vec![NumberedRequest { id: 0, request }],
        finished: None,
    }
}

fn end(answer: Answer) -> Turn {
    Turn {
        requests: Vec::new(),
        finished: Some(Ok(answer)),
    }
}

lazaret_sdk::bindings::orchestrator::export!(
    OrdersByText with_types_in lazaret_sdk::bindings::orchestrator
);
