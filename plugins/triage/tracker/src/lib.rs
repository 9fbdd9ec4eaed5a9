//! A tracker in one JSON file of the directory `tracker`: labels, escalations, drafts.

mod functions;
mod store;

use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Failure, Tool};
use serde_json::{Value, json};

struct Tracker;

impl Tool for Tracker {
    fn functions() -> Vec<Function> {
        functions::ALL.to_vec()
    }

    fn call(function: &str, arguments: Value) -> Result<Answer, Failure> {
        let mut tracker = store::load()?;
        functions::perform(&mut tracker, function, arguments)?;
        store::save(&tracker)?;
        Answer::json(&json!({ "ok": true }))
    }
}

lazaret_sdk::export_tool!(Tracker);
