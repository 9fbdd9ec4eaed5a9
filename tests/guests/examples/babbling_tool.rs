//! A tool that answers JSON which is none.

use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Failure, Tool};
use serde_json::Value;

struct BabblingTool;

impl Tool for BabblingTool {
    fn functions() -> Vec<Function> {
        vec![Function {
            name: "pay",
            description: "Pays.",
            schema: "{}",
        }]
    }

    fn call(_function: &str, _arguments: Value) -> Result<Answer, Failure> {
        Ok(Answer::Json("{\"paid\":".to_owned()))
    }
}

lazaret_sdk::export_tool!(BabblingTool);
