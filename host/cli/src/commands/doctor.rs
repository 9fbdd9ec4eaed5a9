//! `lazaret doctor`: what is there and what is missing.

use std::process::ExitCode;

use anyhow::Result;
use lazaret_journal::Journal;
use lazaret_runtime::Host;
use serde_json::{Value, json};

use crate::cli::Doctor;
use crate::ui::Tone;
use crate::{home, ui};

mod models;
mod names;

struct Finding {
    what: String,
    state: State,
    detail: String,
    /// The models that a provider offers.
    models: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    /// Good to know; nothing is wrong.
    Note,
    Missing,
}

impl State {
    /// Returns the worse of two.
    fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missing, _) | (_, Self::Missing) => Self::Missing,
            (Self::Note, _) | (_, Self::Note) => Self::Note,
            (Self::Ok, Self::Ok) => Self::Ok,
        }
    }
}

impl Finding {
    fn of(what: &str, result: Result<String>) -> Self {
        let state = if result.is_ok() {
            State::Ok
        } else {
            State::Missing
        };
        Self {
            what: what.to_owned(),
            state,
            detail: result.unwrap_or_else(|error| format!("{error:#}")),
            models: Vec::new(),
        }
    }

    fn json(&self) -> Value {
        let mut row = json!({
            "what": self.what,
            "ok": self.state != State::Missing,
            "detail": self.detail,
        });
        if let (false, Some(row)) = (self.models.is_empty(), row.as_object_mut()) {
            row.insert("models".to_owned(), json!(self.models));
        }
        row
    }
}

pub(crate) fn run(arguments: &Doctor) -> Result<ExitCode> {
    let mut findings = vec![engine(), journal(), workflows(), commands()];
    findings.extend(models::findings(arguments.policy.as_deref()));
    if arguments.json {
        let rows: Vec<Value> = findings.iter().map(Finding::json).collect();
        ui::out(&serde_json::to_string_pretty(&rows)?);
    } else {
        for finding in &findings {
            let mark = match finding.state {
                State::Ok => ui::paint_out(Tone::Good, "ok     "),
                State::Note => ui::paint_out(Tone::Dim, "note   "),
                State::Missing => ui::paint_out(Tone::Bad, "missing"),
            };
            ui::out(&format!("{mark} {:<14} {}", finding.what, finding.detail));
        }
    }
    let all = findings
        .iter()
        .all(|finding| finding.state != State::Missing);
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn engine() -> Finding {
    let made = home::compile_cache().and_then(|cache| {
        Host::new(1, &cache)?;
        Ok(format!(
            "compiled plugins are kept in `{}`",
            cache.display()
        ))
    });
    Finding::of("engine", made)
}

/// Whether this machine's kernel confines commands; without it they are refused.
fn commands() -> Finding {
    let confined = home::workshop().check().map_err(anyhow::Error::msg);
    let confined = confined.map(|()| "namespaces and Landlock confine them".to_owned());
    let mut finding = Finding::of("commands", confined);
    if finding.state == State::Missing {
        // Only a policy with `[command]` needs it.
        finding.state = State::Note;
        finding.detail = format!("refused here: {}", finding.detail);
    }
    finding
}

fn journal() -> Finding {
    let opened = home::journal().and_then(|path| {
        Journal::open(&path)?;
        Ok(format!("`{}`", path.display()))
    });
    Finding::of("journal", opened)
}

fn workflows() -> Finding {
    let places = home::installations();
    let names: Vec<String> = places
        .iter()
        .filter_map(|place| std::fs::read_dir(place.join("workflows")).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let looked: Vec<String> = places.iter().map(|one| one.display().to_string()).collect();
    let result = if names.is_empty() {
        Err(anyhow::anyhow!("none in {}", looked.join(", ")))
    } else {
        Ok(names.join(", "))
    };
    Finding::of("workflows", result)
}
