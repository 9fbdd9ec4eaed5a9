//! Starts two children under one number, and tells the replies.

use lazaret_sdk::bindings::orchestrator::Guest;
use std::cell::RefCell;

use lazaret_sdk::bindings::turns::{Batch, NumberedRequest, Reply, Request, Spawning, Turn};
use lazaret_sdk::bindings::types::{Answer, Task};

thread_local! {
    static REPLIES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct ReusesNumbers;

impl Guest for ReusesNumbers {
    fn start(_task: Task) -> Turn {
        let child = Spawning {
            profile: "subject".to_owned(),
            name: "subject".to_owned(),
            phase: String::new(),
            text: Vec::new(),
            parts: Vec::new(),
            options: "{}".to_owned(),
        };
        let request = || NumberedRequest {
            id: 7,
            request: Request::Spawn(child.clone()),
        };
        Turn {
            requests: vec![request(), request()],
            finished: None,
        }
    }

    fn resume(batch: Batch) -> Turn {
        let both = batch.replies.iter().filter(|reply| reply.id == 7);
        let said = both.map(|reply| match &reply.reply {
            Reply::Failed(message) => message.clone(),
            Reply::Outcome(_) => "outcome".to_owned(),
            _ => "something else".to_owned(),
        });
        REPLIES.with_borrow_mut(|all| all.extend(said));
        let finished =
            REPLIES.with_borrow(|all| (all.len() >= 2).then(|| Ok(Answer::Text(all.join(", ")))));
        let wait = NumberedRequest {
            id: 8,
            request: Request::Wait(1),
        };
        let requests = if finished.is_none() {
            vec![wait]
        } else {
            Vec::new()
        };
        Turn { requests, finished }
    }
}

lazaret_sdk::bindings::orchestrator::export!(
    ReusesNumbers with_types_in lazaret_sdk::bindings::orchestrator
);
