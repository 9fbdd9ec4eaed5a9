use lazaret_sdk::serde_json::{Value, json};
use lazaret_sdk::tools::Function;
use lazaret_sdk::{Answer, Failure, Tool};

struct Counter;

impl Tool for Counter {
    fn functions() -> Vec<Function> {
        vec![Function {
            name: "count",
            description: "Counts the words and the letters of a text",
            schema: r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#,
        }]
    }

    fn call(function: &str, arguments: Value) -> Result<Answer, Failure> {
        let text = arguments["text"].as_str().unwrap_or_default();
        match function {
            "count" => Answer::json(&json!({
                "words": text.split_whitespace().count(),
                "letters": text.chars().count(),
            })),
            other => Err(Failure::new(format!("there is no function `{other}`"))),
        }
    }
}

lazaret_sdk::export_tool!(Counter);
