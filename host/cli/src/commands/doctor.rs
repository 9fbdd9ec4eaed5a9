//! `lazaret doctor`: what is there and what is missing.

use std::process::ExitCode;

use anyhow::Result;
use lazaret_journal::Journal;
use lazaret_runtime::Host;
use serde_json::json;

use crate::cli::Doctor;
use crate::ui::Tone;
use crate::{home, ui};

struct Finding {
    what: &'static str,
    ok: bool,
    detail: String,
}

pub(crate) fn run(arguments: &Doctor) -> Result<ExitCode> {
    let findings = [engine(), journal(), workflows()];
    if arguments.json {
        let rows: Vec<_> = findings
            .iter()
            .map(|one| json!({"what": one.what, "ok": one.ok, "detail": one.detail}))
            .collect();
        ui::out(&serde_json::to_string_pretty(&rows)?);
    } else {
        for finding in &findings {
            let mark = if finding.ok {
                ui::paint(Tone::Good, "ok     ")
            } else {
                ui::paint(Tone::Bad, "missing")
            };
            ui::out(&format!("{mark} {:<12} {}", finding.what, finding.detail));
        }
    }
    let all = findings.iter().all(|finding| finding.ok);
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn finding(what: &'static str, result: Result<String>) -> Finding {
    let ok = result.is_ok();
    let detail = result.unwrap_or_else(|error| format!("{error:#}"));
    Finding { what, ok, detail }
}

fn engine() -> Finding {
    let made = home::compile_cache().and_then(|cache| {
        Host::new(1, &cache)?;
        Ok(format!(
            "compiled plugins are kept in `{}`",
            cache.display()
        ))
    });
    finding("engine", made)
}

fn journal() -> Finding {
    let opened = home::journal().and_then(|path| {
        Journal::open(&path)?;
        Ok(format!("`{}`", path.display()))
    });
    finding("journal", opened)
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
    finding("workflows", result)
}
