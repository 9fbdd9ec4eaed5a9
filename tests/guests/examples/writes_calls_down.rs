//! A tool that writes each call down in a directory of its own.

use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Content, Failure, Tool, files};
use serde_json::Value;

struct WritesCallsDown;

impl Tool for WritesCallsDown {
    fn functions() -> Vec<Function> {
        let named = |name| Function {
            name,
            description: "Writes the call down.",
            schema: "{}",
        };
        ["pay", "publish", "steal"].map(named).to_vec()
    }

    fn call(function: &str, arguments: Value) -> Result<Answer, Failure> {
        let text = Content::text(&arguments.to_string())?;
        files::write(&format!("desk/{function}.json"), text)?;
        Answer::json(&"written down")
    }
}

lazaret_sdk::export_tool!(WritesCallsDown);
