//! What each function changes.

use lazaret_sdk::Failure;
use lazaret_sdk::tools::Function;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::store::Tracker;

/// The functions, as the tool describes them.
pub(crate) const ALL: &[Function] = &[
    Function {
        name: "label",
        description: "Adds labels to a report.",
        schema: r#"{"type":"object","properties":{"number":{"type":"integer","minimum":1},"labels":{"type":"array","items":{"type":"string"},"maxItems":20}},"required":["number","labels"]}"#,
    },
    Function {
        name: "escalate",
        description: "Marks a report for the person on call.",
        schema: r#"{"type":"object","properties":{"number":{"type":"integer","minimum":1},"severity":{"type":"string"}},"required":["number","severity"]}"#,
    },
    Function {
        name: "draft",
        description: "Stores a reply for a person to post.",
        schema: r#"{"type":"object","properties":{"number":{"type":"integer","minimum":1},"body":{"type":"string"}},"required":["number","body"]}"#,
    },
    Function {
        name: "close",
        description: "Closes a report.",
        schema: r#"{"type":"object","properties":{"number":{"type":"integer","minimum":1}},"required":["number"]}"#,
    },
];

#[derive(Deserialize)]
struct Label {
    number: u64,
    labels: Vec<String>,
}

#[derive(Deserialize)]
struct Escalate {
    number: u64,
    severity: String,
}

#[derive(Deserialize)]
struct Draft {
    number: u64,
    body: String,
}

#[derive(Deserialize)]
struct Close {
    number: u64,
}

/// Applies one call. Nothing is changed where it fails.
pub(crate) fn perform(
    tracker: &mut Tracker,
    function: &str,
    arguments: Value,
) -> Result<(), Failure> {
    match function {
        "label" => {
            let Label { number, labels } = parse(arguments)?;
            if let Some(unknown) = labels.iter().find(|label| !tracker.labels.contains(label)) {
                return Err(Failure::new(format!(
                    "`{unknown}` is not among the labels of tracker.json (at `/labels`)"
                )));
            }
            let report = tracker.report(number);
            report.labels.extend(labels);
            report.labels.sort();
            report.labels.dedup();
        }
        "escalate" => {
            let Escalate { number, severity } = parse(arguments)?;
            tracker.report(number).escalated = Some(severity);
        }
        "draft" => {
            let Draft { number, body } = parse(arguments)?;
            tracker.report(number).draft = Some(body);
        }
        "close" => {
            let Close { number } = parse(arguments)?;
            tracker.report(number).closed = true;
        }
        other => return Err(Failure::new(format!("there is no function `{other}`"))),
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(arguments: Value) -> Result<T, Failure> {
    serde_json::from_value(arguments).map_err(|error| Failure::new(format!("arguments: {error}")))
}
