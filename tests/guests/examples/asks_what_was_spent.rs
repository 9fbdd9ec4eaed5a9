//! Starts one subject with a mail, reveals what it gives, and answers of how many tokens it was
//! told after each turn.

use std::cell::RefCell;

use lazaret_sdk::bindings::orchestrator::Guest;
use lazaret_sdk::bindings::turns::{
    Batch, NumberedRequest, Outcome, Projection, Reply, Request, Spawning, Turn,
};
use lazaret_sdk::bindings::types::{Answer, Part, Task};
use serde_json::json;

struct AsksWhatWasSpent;

thread_local! {
    static TOLD: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Guest for AsksWhatWasSpent {
    fn start(task: Task) -> Turn {
        let content = task.parts.first().map_or(0, |part| part.content);
        let pointer = "/mail".to_owned();
        ask(0, Request::Project(Projection { content, pointer }))
    }

    fn resume(batch: Batch) -> Turn {
        let told = TOLD.with_borrow_mut(|told| {
            told.push(batch.output_tokens);
            told.clone()
        });
        let reply = batch.replies.into_iter().next();
        match (told.len(), reply.map(|numbered| numbered.reply)) {
            (1, Some(Reply::Content(mail))) => ask(1, spawn(mail)),
            (2, Some(Reply::Outcome(Outcome::Value(answer)))) => ask(2, Request::Reveal(answer)),
            _ => Turn {
                requests: Vec::new(),
                finished: Some(Ok(Answer::Json(json!(told).to_string()))),
            },
        }
    }
}

fn spawn(mail: u64) -> Request {
    let part = Part {
        name: "mail".to_owned(),
        content: mail,
    };
    Request::Spawn(Spawning {
        profile: "subject".to_owned(),
        name: "subject".to_owned(),
        phase: String::new(),
        text: Vec::new(),
        parts: vec![part],
        options: "{}".to_owned(),
    })
}

fn ask(id: u32, request: Request) -> Turn {
    Turn {
        requests: vec![NumberedRequest { id, request }],
        finished: None,
    }
}

lazaret_sdk::bindings::orchestrator::export!(
    AsksWhatWasSpent with_types_in lazaret_sdk::bindings::orchestrator
);
