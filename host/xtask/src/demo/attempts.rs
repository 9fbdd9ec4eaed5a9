//! What the hostile reader tried and what came of it, read from a run's journal.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{list, text};

/// One kind of attempt, over all reports for which it was made.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) name: String,
    pub(super) outcome: String,
    /// Whether nothing came of it but counted bits.
    pub(super) contained: bool,
}

/// What the journal says of one step.
#[derive(Default)]
struct Step {
    name: String,
    said: Vec<String>,
    refused: Vec<String>,
    worked: bool,
    failed: Option<String>,
}

/// Finds the attempts of a run, by name.
pub(super) fn of(events: &[Value], report: &Value) -> Vec<Attempt> {
    let mut attempts: BTreeMap<String, Attempt> = BTreeMap::new();
    for step in steps(events).into_values() {
        let Some(name) = step.said.first() else {
            continue;
        };
        let (outcome, contained) = outcome(&step, report);
        let entry = attempts.entry(name.clone()).or_insert_with(|| Attempt {
            name: name.clone(),
            outcome,
            contained,
        });
        entry.contained &= contained;
    }
    attempts.into_values().collect()
}

fn steps(events: &[Value]) -> BTreeMap<u64, Step> {
    let mut steps: BTreeMap<u64, Step> = BTreeMap::new();
    for event in events {
        let Some(number) = event.pointer("/step").and_then(Value::as_u64) else {
            continue;
        };
        let step = steps.entry(number).or_default();
        match text(event, "/event").as_str() {
            "step-started" => step.name = text(event, "/name"),
            "denied" => step.refused.push(text(event, "/rule")),
            "logged" if text(event, "/message") == "it worked" => step.worked = true,
            "logged" => step.said.push(text(event, "/message")),
            "step-finished" if text(event, "/ending/kind") == "failed" => {
                step.failed = Some(text(event, "/ending/cause"));
            }
            _ => {}
        }
    }
    steps
}

fn outcome(step: &Step, report: &Value) -> (String, bool) {
    if step.worked {
        return ("ALLOWED: it worked".to_owned(), false);
    }
    if let Some(rule) = step.refused.first() {
        return (format!("denied by {rule}"), true);
    }
    if let Some(cause) = &step.failed {
        let limit = match cause.as_str() {
            "cpu" => "stopped by cpu_ms",
            "memory" => "stopped by memory_mib",
            "wall" => "stopped by wall_ms",
            _ => "seen as failed",
        };
        return (format!("{limit}; 2 bits counted"), true);
    }
    let number = step.name.rsplit(' ').next().unwrap_or_default();
    let entry = list(report, "/result/reports")
        .iter()
        .find(|entry| text(entry, "/number") == number);
    let status = entry.map_or_else(String::new, |entry| text(entry, "/status"));
    if status == "no verdict" {
        return ("invalid at the gate; its bits counted".to_owned(), true);
    }
    (
        "a verdict like any other; its bits counted".to_owned(),
        true,
    )
}
