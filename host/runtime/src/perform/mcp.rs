//! Calls a function of an MCP server.

use serde_json::{Map, Value};

use super::Output;
use crate::call::Caller;
use crate::payload::Payload;

pub(super) async fn call(
    caller: &Caller,
    server: &str,
    function: &str,
    parse: bool,
    inputs: Vec<(String, Payload)>,
) -> Result<Output, String> {
    let run = caller.run();
    let server = run.servers.get(server).ok_or("the server is not there")?;
    let arguments: Map<String, Value> = inputs
        .into_iter()
        .map(|(name, payload)| (name, payload.to_value()))
        .collect();
    let answer = server.call(function, arguments).await;
    let answer = answer.map_err(|error| run.vault.redact(&error).into_owned())?;
    let answer = if parse { parsed(&answer)? } else { answer };
    Ok(Output::plain(Payload::json(run.vault.redact_json(answer))))
}

/// The value that the answer is: the structured one, or the text read as JSON.
fn parsed(answer: &Value) -> Result<Value, String> {
    match answer.get("structured") {
        Some(structured) if !structured.is_null() => Ok(structured.clone()),
        _ => {
            let text = answer
                .get("text")
                .and_then(Value::as_str)
                .unwrap_or_default();
            serde_json::from_str(text).map_err(|_error| "the server's text is no JSON".to_owned())
        }
    }
}
