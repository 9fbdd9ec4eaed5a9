//! The quarantined reader: sees one report, says a closed verdict and one sentence.
//!
//! It was granted nothing, so that whatever a report makes it do stays in its answer.

use lazaret_sdk::{Agent, Answer, Failure, Task};
use serde::Deserialize;
use serde_json::json;
use triage_rules::{Report, classify, summarise};

/// A report in the shape that `gh issue list --json …` prints; other fields are ignored.
#[derive(Deserialize)]
struct Issue {
    title: String,
    body: String,
    #[serde(default)]
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Comment {
    body: String,
}

struct Reader;

impl Agent for Reader {
    fn run(task: Task) -> Result<Answer, Failure> {
        let issue: Issue = task.part("report")?.read_json()?;
        let report = Report {
            title: &issue.title,
            body: &issue.body,
            comments: issue.comments.iter().map(|one| one.body.as_str()).collect(),
        };
        let verdict = classify(&report);
        Answer::json(&json!({
            "verdict": {
                "kind": verdict.kind.as_str(),
                "severity": verdict.severity.as_str(),
                "area": verdict.area.as_str(),
                "needs_reply": verdict.needs_reply,
            },
            "summary": summarise(&report),
        }))
    }
}

lazaret_sdk::export_agent!(Reader);
