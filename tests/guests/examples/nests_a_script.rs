//! Hands a mail, unread, to another script, and answers with what that gives.

use std::cell::Cell;

use lazaret_sdk::bindings::orchestrator::Guest;
use lazaret_sdk::bindings::turns::{
    Batch, NestedWorkflow, NumberedRequest, Outcome, Projection, Reply, Request, Turn,
};
use lazaret_sdk::bindings::types::{Answer, Failure, Task};

struct NestsAScript;

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

impl Guest for NestsAScript {
    fn start(task: Task) -> Turn {
        let content = task.parts.first().map_or(0, |part| part.content);
        let pointer = "/mail".to_owned();
        ask(Request::Project(Projection { content, pointer }))
    }

    fn resume(batch: Batch) -> Turn {
        let reply = batch
            .replies
            .into_iter()
            .next()
            .map(|numbered| numbered.reply);
        match reply {
            Some(Reply::Content(arguments)) if ASKED.get() == 1 => {
                let target = "other".to_owned();
                ask(Request::Workflow(NestedWorkflow { target, arguments }))
            }
            Some(Reply::Outcome(Outcome::Value(handle)) | Reply::Content(handle)) => {
                end(Ok(Answer::Content(handle)))
            }
            Some(Reply::Outcome(Outcome::Failed(message)) | Reply::Failed(message)) => {
                end(Err(Failure { message }))
            }
            other => end(Ok(Answer::Text(format!("{other:?}")))),
        }
    }
}

fn ask(request: Request) -> Turn {
    let id = ASKED.get();
    ASKED.set(id + 1);
    Turn {
        requests: vec![NumberedRequest { id, request }],
        finished: None,
    }
}

fn end(finished: Result<Answer, Failure>) -> Turn {
    Turn {
        requests: Vec::new(),
        finished: Some(finished),
    }
}

lazaret_sdk::bindings::orchestrator::export!(
    NestsAScript with_types_in lazaret_sdk::bindings::orchestrator
);
