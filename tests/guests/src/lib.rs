//! What test guests share: how they say what became of an attempt.

use lazaret_sdk::serde::de::DeserializeOwned;
use lazaret_sdk::serde_json;
use lazaret_sdk::{Answer, Content, Error, Failure, flow};

/// Says in a word what became of a call: `done`, the rule that refused it, or the reason.
pub fn said<T>(result: &Result<T, Error>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(Error::Denied(denial)) => denial.rule.clone(),
        Err(Error::Invalid(message)) => format!("invalid: {message}"),
        Err(Error::Failed(message)) => format!("failed: {message}"),
    }
}

/// Answers with what became of a call.
pub fn answer<T>(result: &Result<T, Error>) -> Result<Answer, Failure> {
    Ok(Answer::Text(said(result)))
}

/// Reads a field of the launch argument that its policy trusts.
pub async fn trusted<T: DeserializeOwned>(args: Content, pointer: &str) -> Result<T, Error> {
    let text = flow::reveal(flow::project(args, pointer).await?).await?;
    serde_json::from_str(&text).map_err(|error| Error::Invalid(error.to_string()))
}
