//! `lazaret gc`: removes old runs, and what no run uses any more.

use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Result;
use lazaret_journal::{Collect, Journal, RunId};
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
    let trees = forget_trees(&journal)?;
    forget_logs(&journal, before)?;
    if arguments.json {
        let shown = json!({
            "runs": removed.runs, "locked": removed.locked, "records": removed.records,
            "contents": removed.blobs, "bytes": removed.bytes, "trees": trees,
        });
        ui::out(&serde_json::to_string_pretty(&shown)?);
        return Ok(ExitCode::SUCCESS);
    }
    ui::note(&format!(
        "removed {} runs with {} records, and {} contents: {} bytes",
        removed.runs, removed.records, removed.blobs, removed.bytes
    ));
    if trees > 0 {
        ui::note(&format!(
            "removed {trees} copies of your files that no run uses any more"
        ));
    }
    if removed.locked > 0 {
        ui::note(&format!("{} more are in use", removed.locked));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes away what runs in the background have said that the journal no longer has. One that has
/// just begun may not be in it yet.
fn forget_logs(journal: &Journal, before: Duration) -> Result<()> {
    for (run, path) in journal.files_beside()? {
        let changed = path.metadata().and_then(|file| file.modified());
        let changed = changed.map(|changed| changed.duration_since(UNIX_EPOCH).unwrap_or_default());
        if journal.run(&run).is_err() && changed.is_ok_and(|changed| changed < before) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Takes away the trees of runs that the journal no longer has.
fn forget_trees(journal: &Journal) -> Result<u64> {
    let mut removed = 0;
    let Ok(entries) = std::fs::read_dir(home::trees()?) else {
        return Ok(0);
    };
    for entry in entries {
        let entry = entry?;
        let id = entry.file_name().to_string_lossy().parse::<RunId>();
        if id.is_ok_and(|id| journal.run(&id).is_err()) {
            std::fs::remove_dir_all(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}
