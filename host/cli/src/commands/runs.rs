//! `lazaret runs`: what ran, newest first.

use std::process::ExitCode;

use anyhow::Result;
use lazaret_journal::{Journal, RunInfo};
use serde_json::json;

use crate::cli::Runs;
use crate::{home, ui};

pub(crate) fn run(arguments: &Runs) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let runs = journal.runs(arguments.limit, None)?;
    if arguments.json {
        let rows: Vec<_> = runs
            .iter()
            .map(|run| {
                json!({
                    "run": run.id.as_str(), "title": run.title, "status": status(run),
                    "started_ms": run.started_ms, "records": run.head.count,
                })
            })
            .collect();
        ui::out(&serde_json::to_string_pretty(&rows)?);
    } else if runs.is_empty() {
        ui::note("nothing ran yet; try `lazaret run --help`");
    } else {
        for run in &runs {
            ui::out(&format!(
                "{:<16} {:<22} {:>7} records  {}",
                run.id,
                status(run),
                run.head.count,
                ui::escape(&run.title)
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A run without an end is going on or was interrupted.
fn status(run: &RunInfo) -> &str {
    run.status
        .as_ref()
        .map_or("running", lazaret_journal::Status::text)
}
