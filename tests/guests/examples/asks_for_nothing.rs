//! Takes a turn that asks for nothing and is not the last.

use lazaret_sdk::bindings::orchestrator::Guest;
use lazaret_sdk::bindings::turns::{Batch, Turn};
use lazaret_sdk::bindings::types::Task;

struct AsksForNothing;

impl Guest for AsksForNothing {
    fn start(_task: Task) -> Turn {
        Turn {
            requests: Vec::new(),
            finished: None,
        }
    }

    fn resume(_batch: Batch) -> Turn {
        Turn {
            requests: Vec::new(),
            finished: None,
        }
    }
}

lazaret_sdk::bindings::orchestrator::export!(
    AsksForNothing with_types_in lazaret_sdk::bindings::orchestrator
);
