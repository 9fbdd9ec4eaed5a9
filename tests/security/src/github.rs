//! A server that speaks the part of GitHub's REST API that triage uses. GitHub's own client
//! is held against it in `tests/others/github.rs`.

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::site::{Asked, Reply, Site};

/// Below this path is the one repository.
const REPOSITORY: &str = "/repos/octo/pond";

/// One issue, as the server keeps it.
#[derive(Clone, Debug, Default)]
pub struct Issue {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The texts of its comments.
    pub comments: Vec<String>,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether it is a pull request, which the API lists among the issues.
    pub pull_request: bool,
}

/// A running server with one repository, whose issues count from 1.
#[derive(Clone, Debug)]
pub struct GitHub {
    site: Site,
    issues: Arc<Mutex<Vec<Issue>>>,
}

impl GitHub {
    /// Serves these issues to who has the token.
    pub fn serve(token: &str, issues: Vec<Issue>) -> Self {
        let issues = Arc::new(Mutex::new(issues));
        let (kept, bearer) = (Arc::clone(&issues), format!("Bearer {token}"));
        let basic = format!("token {token}");
        let site = Site::serve(move |asked| {
            let given = asked.header("authorization");
            if given != bearer && given != basic {
                return error(401, "Bad credentials");
            }
            answer(&mut lock(&kept), asked)
        });
        Self { site, issues }
    }

    /// Returns the server behind it.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Returns the repository's address.
    pub fn repository(&self) -> String {
        self.site.url(REPOSITORY)
    }

    /// Returns the issues as they are now.
    pub fn issues(&self) -> Vec<Issue> {
        lock(&self.issues).clone()
    }
}

fn lock(issues: &Mutex<Vec<Issue>>) -> MutexGuard<'_, Vec<Issue>> {
    issues.lock().expect("the issues")
}

fn answer(issues: &mut [Issue], asked: &Asked) -> Reply {
    let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    let Some(rest) = path
        .strip_prefix(REPOSITORY)
        .and_then(|rest| rest.strip_prefix("/issues"))
    else {
        return error(404, "Not Found");
    };
    let mut parts = rest.trim_start_matches('/').split('/');
    let number: Option<usize> = parts.next().and_then(|part| part.parse().ok());
    let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
    let Some(number) = number else {
        return list(issues, query);
    };
    let Some(issue) = number.checked_sub(1).and_then(|at| issues.get_mut(at)) else {
        return error(404, "Not Found");
    };
    match (asked.method.as_str(), parts.next()) {
        ("GET", None) => told(200, &shown(number, issue)),
        ("PATCH", None) => {
            issue.closed = body["state"] == "closed";
            told(200, &shown(number, issue))
        }
        ("GET", Some("comments")) => {
            let comments = (1..)
                .zip(&issue.comments)
                .map(|(id, text)| comment(id, text));
            told(200, &comments.collect())
        }
        ("POST", Some("comments")) => {
            let text = body["body"].as_str().unwrap_or_default().to_owned();
            issue.comments.push(text.clone());
            told(201, &comment(issue.comments.len(), &text))
        }
        ("POST", Some("labels")) => {
            let names = body["labels"].as_array().cloned().unwrap_or_default();
            issue
                .labels
                .extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
            told(200, &labels(issue))
        }
        _ => error(404, "Not Found"),
    }
}

fn list(issues: &[Issue], query: &str) -> Reply {
    let parameter = |name: &str, otherwise: usize| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| *key == name);
        found
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(otherwise)
    };
    let (page, size) = (parameter("page", 1), parameter("per_page", 30));
    let open = (1..).zip(issues).filter(|(_, issue)| !issue.closed);
    let page = open.skip((page - 1) * size).take(size);
    told(
        200,
        &page.map(|(number, issue)| shown(number, issue)).collect(),
    )
}

fn shown(number: usize, issue: &Issue) -> Value {
    let mut shown = json!({
        "id": 1000 + number,
        "number": number,
        "title": issue.title,
        "body": issue.body,
        "user": { "login": "stranger", "id": 7, "type": "User" },
        "labels": labels(issue),
        "comments": issue.comments.len(),
        "state": if issue.closed { "closed" } else { "open" },
        "created_at": "2026-11-01T00:00:00Z",
        "html_url": format!("https://github.com/octo/pond/issues/{number}"),
    });
    if issue.pull_request {
        shown["pull_request"] = json!({ "url": "https://api.github.com/repos/octo/pond/pulls/1" });
    }
    shown
}

fn labels(issue: &Issue) -> Value {
    issue
        .labels
        .iter()
        .map(|name| json!({ "name": name }))
        .collect()
}

fn comment(id: usize, text: &str) -> Value {
    json!({ "id": id, "body": text, "user": { "login": "stranger" } })
}

fn told(status: u16, value: &Value) -> Reply {
    Reply::of("application/json; charset=utf-8", value.to_string()).status(status)
}

fn error(status: u16, message: &str) -> Reply {
    told(status, &json!({ "message": message }))
}
