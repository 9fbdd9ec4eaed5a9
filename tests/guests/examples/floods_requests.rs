//! Asks for a hundred thousand and one things in one turn, and counts the replies.

use lazaret_sdk::bindings::orchestrator::Guest;
use lazaret_sdk::bindings::turns::{Batch, NumberedRequest, Reply, Request, Turn};
use lazaret_sdk::bindings::types::{Answer, Task};

struct FloodsRequests;

impl Guest for FloodsRequests {
    fn start(_task: Task) -> Turn {
        let requests = (0..100_001).map(|id| NumberedRequest {
            id,
            request: Request::Cancel(0),
        });
        Turn {
            requests: requests.collect(),
            finished: None,
        }
    }

    fn resume(batch: Batch) -> Turn {
        let denied = batch.replies.iter().find_map(|reply| match &reply.reply {
            Reply::Denied(denial) => Some(denial.rule.clone()),
            _ => None,
        });
        let told = format!(
            "{} replies, {}",
            batch.replies.len(),
            denied.unwrap_or_default()
        );
        Turn {
            requests: Vec::new(),
            finished: Some(Ok(Answer::Text(told))),
        }
    }
}

lazaret_sdk::bindings::orchestrator::export!(
    FloodsRequests with_types_in lazaret_sdk::bindings::orchestrator
);
