//! A tool that computes without end.

use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Failure, Tool};
use serde_json::Value;

struct SlowTool;

impl Tool for SlowTool {
    fn functions() -> Vec<Function> {
        vec![Function {
            name: "pay",
            description: "Pays.",
            schema: "{}",
        }]
    }

    fn call(_function: &str, _arguments: Value) -> Result<Answer, Failure> {
        let mut turns = 0u64;
        loop {
            turns = std::hint::black_box(turns.wrapping_add(1));
        }
    }
}

lazaret_sdk::export_tool!(SlowTool);
