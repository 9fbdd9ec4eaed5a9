//! A tracker that is a repository of GitHub, or of a server that speaks its API.
//!
//! The host adds the token, and grants the addresses: this component could ask for no other.

mod api;
mod functions;
mod issues;

use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Failure, Tool};
use serde_json::Value;

struct GitHub;

impl Tool for GitHub {
    fn functions() -> Vec<Function> {
        functions::ALL.to_vec()
    }

    fn call(function: &str, arguments: Value) -> Result<Answer, Failure> {
        Answer::json(&functions::perform(function, arguments)?)
    }
}

lazaret_sdk::export_tool!(GitHub);
