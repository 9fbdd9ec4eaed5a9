//! The open issues of a repository, in the form that `gh issue list --json` prints.

use lazaret_sdk::Failure;
use serde_json::{Value, json};

use crate::api::Repository;

/// Issues of a page: the most that the API gives.
const PAGE: usize = 100;

/// The most issues that are asked for.
const MAX_ISSUES: usize = 1_000;

/// The most comments of one issue that are asked for: one page.
const COMMENTS: &str = "/comments?per_page=100";

/// Returns the open issues with their comments, newest first. Pull requests are left out.
pub(crate) fn open(repository: &Repository) -> Result<Value, Failure> {
    let mut all = Vec::new();
    for page in 1..=MAX_ISSUES / PAGE {
        let path = format!("/issues?state=open&per_page={PAGE}&page={page}");
        let told = repository.get(&path)?;
        let issues = told.as_array().map(Vec::as_slice).unwrap_or_default();
        for issue in issues
            .iter()
            .filter(|issue| issue.get("pull_request").is_none())
        {
            all.push(one(repository, issue)?);
        }
        if issues.len() < PAGE {
            break;
        }
    }
    Ok(Value::Array(all))
}

fn one(repository: &Repository, issue: &Value) -> Result<Value, Failure> {
    let number = issue
        .get("number")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let has_comments = issue.get("comments").and_then(Value::as_u64) > Some(0);
    let comments = if has_comments {
        repository.get(&format!("/issues/{number}{COMMENTS}"))?
    } else {
        json!([])
    };
    let comments = comments.as_array().map(Vec::as_slice).unwrap_or_default();
    let comments: Vec<Value> = comments
        .iter()
        .map(|comment| json!({ "body": text(comment, "/body"), "author": { "login": text(comment, "/user/login") } }))
        .collect();
    let labels = issue.get("labels").and_then(Value::as_array);
    let labels: Vec<Value> = labels
        .into_iter()
        .flatten()
        .map(|label| json!({ "name": text(label, "/name") }))
        .collect();
    Ok(json!({
        "number": number,
        "title": text(issue, "/title"),
        "body": text(issue, "/body"),
        "author": { "login": text(issue, "/user/login") },
        "labels": labels,
        "comments": comments,
        "createdAt": text(issue, "/created_at"),
        "url": text(issue, "/html_url"),
    }))
}

/// A missing text is an empty one: an issue may have no body, and its author may be gone.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
