//! What each function asks of the API. `repo` is `owner/name`.

use lazaret_sdk::tools::Function;
use lazaret_sdk::{Content, Failure, files};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::api::Repository;
use crate::issues;

/// The functions, as the tool describes them.
pub(crate) const ALL: &[Function] = &[
    Function {
        name: "issues",
        description: "Gives the open issues of a repository with their comments.",
        schema: r#"{"type":"object","properties":{"repo":{"type":"string"}},"required":["repo"]}"#,
    },
    Function {
        name: "label",
        description: "Adds labels to an issue.",
        schema: r#"{"type":"object","properties":{"repo":{"type":"string"},"number":{"type":"integer","minimum":1},"labels":{"type":"array","items":{"type":"string"},"maxItems":20}},"required":["repo","number","labels"]}"#,
    },
    Function {
        name: "escalate",
        description: "Marks an issue for the person on call, with the label `escalated`.",
        schema: r#"{"type":"object","properties":{"repo":{"type":"string"},"number":{"type":"integer","minimum":1},"severity":{"type":"string"}},"required":["repo","number","severity"]}"#,
    },
    Function {
        name: "draft",
        description: "Keeps a reply in a file for a person to look at. Posts nothing.",
        schema: r#"{"type":"object","properties":{"repo":{"type":"string"},"number":{"type":"integer","minimum":1},"body":{"type":"string"}},"required":["repo","number","body"]}"#,
    },
    Function {
        name: "post",
        description: "Posts a comment on an issue.",
        schema: r#"{"type":"object","properties":{"repo":{"type":"string"},"number":{"type":"integer","minimum":1},"body":{"type":"string"}},"required":["repo","number","body"]}"#,
    },
    Function {
        name: "close",
        description: "Closes an issue.",
        schema: r#"{"type":"object","properties":{"repo":{"type":"string"},"number":{"type":"integer","minimum":1}},"required":["repo","number"]}"#,
    },
];

/// What every function but the first is about.
#[derive(Deserialize)]
struct Issue {
    repo: String,
    number: u64,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
struct Whole {
    repo: String,
}

/// Performs one call.
pub(crate) fn perform(function: &str, arguments: Value) -> Result<Value, Failure> {
    if function == "issues" {
        let Whole { repo } = parse(arguments)?;
        return issues::open(&Repository::parse(&repo)?);
    }
    let issue: Issue = parse(arguments)?;
    let repository = Repository::parse(&issue.repo)?;
    let path = format!("/issues/{}", issue.number);
    match function {
        "label" => repository.send(
            "post",
            &format!("{path}/labels"),
            &json!({ "labels": issue.labels }),
        )?,
        "escalate" => repository.send(
            "post",
            &format!("{path}/labels"),
            &json!({ "labels": ["escalated"] }),
        )?,
        "post" => repository.send(
            "post",
            &format!("{path}/comments"),
            &json!({ "body": issue.body }),
        )?,
        "close" => repository.send("patch", &path, &json!({ "state": "closed" }))?,
        "draft" => {
            files::write(
                &format!("drafts/{}.md", issue.number),
                Content::text(&issue.body)?,
            )?;
            Value::Null
        }
        other => return Err(Failure::new(format!("there is no function `{other}`"))),
    };
    Ok(json!({ "ok": true }))
}

fn parse<T: DeserializeOwned>(arguments: Value) -> Result<T, Failure> {
    serde_json::from_value(arguments).map_err(|error| Failure::new(format!("arguments: {error}")))
}
