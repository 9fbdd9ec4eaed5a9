//! `lazaret gc`: removes old runs, and what no run uses any more.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use lazaret_journal::{Collect, Journal};
use serde_json::json;

use super::run::now_ms;
use crate::cli::Gc;
use crate::{home, ui};

const DAY: u64 = 24 * 60 * 60;

pub(crate) fn run(arguments: &Gc) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let age = Duration::from_secs(arguments.older_than_days.saturating_mul(DAY));
    let before = Duration::from_millis(now_ms()).saturating_sub(age);
    let removed = journal.gc(Collect {
        ended_before_ms: u64::try_from(before.as_millis()).unwrap_or(u64::MAX),
        keep_latest: arguments.keep,
    })?;
    if arguments.json {
        let shown = json!({
            "runs": removed.runs, "locked": removed.locked, "records": removed.records,
            "contents": removed.blobs, "bytes": removed.bytes,
        });
        ui::out(&serde_json::to_string_pretty(&shown)?);
        return Ok(ExitCode::SUCCESS);
    }
    ui::note(&format!(
        "removed {} runs with {} records, and {} contents: {} bytes",
        removed.runs, removed.records, removed.blobs, removed.bytes
    ));
    if removed.locked > 0 {
        ui::note(&format!("{} more are in use", removed.locked));
    }
    Ok(ExitCode::SUCCESS)
}
