//! A tool that never says which functions it has.

use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Failure, Tool};
use serde_json::Value;

struct SilentTool;

impl Tool for SilentTool {
    fn functions() -> Vec<Function> {
        loop {
            std::hint::spin_loop();
        }
    }

    fn call(_function: &str, _arguments: Value) -> Result<Answer, Failure> {
        Ok(Answer::Text(String::new()))
    }
}

lazaret_sdk::export_tool!(SilentTool);
