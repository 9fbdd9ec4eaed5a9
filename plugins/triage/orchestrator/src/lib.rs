//! Triage: split the list by handle, have each report read in quarantine, gate the
//! verdict, and have a trusted actor act on it.
//!
//! The orchestrator sees numbers and verdicts, never a word of a report.

use lazaret_sdk::flow::{self, Ended, Spawn};
use lazaret_sdk::tools::Call;
use lazaret_sdk::{Answer, Content, Error, Failure, Orchestrator, Task};
use serde::Deserialize;
use serde_json::{Value, json};
use triage_verdict::Verdict;

/// The most reports of one run. `log2` of it is what their number can tell.
const MAX_REPORTS: u32 = 1000;

/// What became of one report.
struct Outcome {
    number: u64,
    status: &'static str,
    verdict: Option<Verdict>,
    actions: Vec<String>,
    summary: Option<Content>,
}

struct Triage;

impl Orchestrator for Triage {
    async fn run(task: Task) -> Result<Answer, Failure> {
        let args = task.part("args")?;
        let listed = flow::split(args, MAX_REPORTS).await?;
        let repository = if listed.is_empty() {
            repository(args).await?
        } else {
            None
        };
        let (all, reports) = match &repository {
            Some(repo) => {
                let issues = Call::of("tracker.issues").with("repo", repo);
                let all = flow::call(issues).await?;
                (all, flow::split(all, MAX_REPORTS).await?)
            }
            None => (args, listed),
        };
        flow::phase("Triage").await;
        let triaged = reports
            .into_iter()
            .map(|report| triage(report, repository.as_deref()));
        let outcomes = flow::join_all(triaged).await;
        let outcomes = outcomes.into_iter().collect::<Result<Vec<_>, _>>()?;
        // Why no issues came is as untrusted as they are: the operator reads it, and nobody here.
        let failure = match &repository {
            Some(_) => Some(flow::project(all, "/error").await?),
            None => None,
        };
        Ok(Answer::Content(give(&outcomes, failure).await?))
    }
}

/// Returns the repository whose issues are asked for, where the operator named one. An empty
/// list of strangers' reports names none, and may not be looked into.
async fn repository(args: Content) -> Result<Option<String>, Error> {
    let repo = match flow::reveal(flow::project(args, "/repo").await?).await {
        Err(Error::Denied(_)) => return Ok(None),
        revealed => revealed?,
    };
    serde_json::from_str(&repo).map_err(|_no_text| Error::Invalid("`repo` is no text".to_owned()))
}

async fn triage(report: Content, repository: Option<&str>) -> Result<Outcome, Error> {
    let number = number(report).await?;
    let unread = |status| Outcome {
        number,
        status,
        verdict: None,
        actions: Vec::new(),
        summary: None,
    };
    let author = flow::project(report, "/author").await?;
    let reader = Spawn::of("reader", format!("read {number}"))
        .part("report", text_of(report).await?)
        .part("author", author);
    let Ended::Value(answer) = reader.run().await? else {
        return Ok(unread("unread"));
    };
    let closed = flow::project(answer, "/verdict").await?;
    let summary = flow::project(answer, "/summary").await?;
    let Some(verdict) = flow::gate::<Verdict>(closed, "verdict").await? else {
        return Ok(unread("no verdict"));
    };
    let login = flow::project(author, "/login").await?;
    let acted = act(number, &verdict, [summary, login], repository).await?;
    Ok(Outcome {
        number,
        status: if acted.is_some() {
            "done"
        } else {
            "not acted on"
        },
        verdict: Some(verdict),
        actions: acted.unwrap_or_default(),
        summary: Some(summary),
    })
}

/// What a reader needs: who wrote it stays out.
async fn text_of(report: Content) -> Result<Content, Error> {
    let title = flow::project(report, "/title").await?;
    let body = flow::project(report, "/body").await?;
    let comments = flow::project(report, "/comments").await?;
    flow::compose(
        &json!({ "title": null, "body": null, "comments": null }),
        &[("/title", title), ("/body", body), ("/comments", comments)],
    )
    .await
}

/// The number comes from the tracker itself, not from whoever wrote the report.
async fn number(report: Content) -> Result<u64, Error> {
    let number = flow::reveal(flow::project(report, "/number").await?).await?;
    number
        .parse()
        .map_err(|_not_a_number| Error::Invalid("the report's number is no number".to_owned()))
}

async fn act(
    number: u64,
    verdict: &Verdict,
    [summary, login]: [Content; 2],
    repository: Option<&str>,
) -> Result<Option<Vec<String>>, Error> {
    #[derive(Deserialize)]
    struct Acted {
        actions: Vec<String>,
    }
    let actor = Spawn::of("actor", format!("act on {number}"))
        .input(&json!({ "number": number, "verdict": verdict, "repo": repository }))?
        .part("summary", summary)
        .part("login", login);
    let Ended::Value(answer) = actor.run().await? else {
        return Ok(None);
    };
    let acted = flow::reveal(answer).await?;
    let acted: Acted =
        serde_json::from_str(&acted).map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(Some(acted.actions))
}

/// The result: one entry a report, with the summaries in it that nobody here has read.
async fn give(outcomes: &[Outcome], failure: Option<Content>) -> Result<Content, Error> {
    let entries: Vec<Value> = outcomes.iter().map(entry).collect();
    let places: Vec<(String, Content)> = outcomes
        .iter()
        .enumerate()
        .filter_map(|(index, outcome)| {
            Some((format!("/reports/{index}/summary"), outcome.summary?))
        })
        .collect();
    let mut leaves: Vec<(&str, Content)> = places
        .iter()
        .map(|(pointer, content)| (pointer.as_str(), *content))
        .collect();
    let Some(failure) = failure else {
        return flow::compose(&json!({ "reports": entries }), &leaves).await;
    };
    leaves.push(("/error", failure));
    flow::compose(&json!({ "reports": entries, "error": null }), &leaves).await
}

fn entry(outcome: &Outcome) -> Value {
    let verdict = outcome.verdict.as_ref();
    json!({
        "number": outcome.number,
        "status": outcome.status,
        "kind": verdict.map(|one| one.kind.as_str()),
        "severity": verdict.map(|one| one.severity.as_str()),
        "area": verdict.map(|one| one.area.as_str()),
        "needs_reply": verdict.map(|one| one.needs_reply),
        "actions": outcome.actions,
        "summary": null,
    })
}

lazaret_sdk::export_orchestrator!(Triage);
