//! What test guests share: how they say what became of an attempt.

use lazaret_sdk::bindings::files;
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

/// Calls every function of `files`, and says what became of each. `own` is a text.
#[must_use]
pub fn everything_with_files(own: u64) -> Vec<(&'static str, String)> {
    vec![
        ("files.granted", format!("{} told", files::granted().len())),
        ("files.read", word(files::read("vault/key.txt"))),
        (
            "files.read-lines",
            word(files::read_lines("vault/key.txt", 1, 1)),
        ),
        ("files.stat", word(files::stat("vault/key.txt"))),
        ("files.list", word(files::list("vault/"))),
        ("files.glob", word(files::glob("vault/", "**"))),
        ("files.grep", word(files::grep("vault/", "key", None))),
        ("files.write", word(files::write("ledger/entry.txt", own))),
        (
            "files.edit",
            word(files::edit("ledger/entry.txt", "yes", own, false)),
        ),
        (
            "files.make-directory",
            word(files::make_directory("ledger/made")),
        ),
        (
            "files.rename",
            word(files::rename("ledger/made", "ledger/moved")),
        ),
        ("files.remove", word(files::remove("ledger/moved"))),
    ]
}

fn word<T>(result: Result<T, lazaret_sdk::bindings::types::Error>) -> String {
    said(&result.map_err(Error::from))
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
