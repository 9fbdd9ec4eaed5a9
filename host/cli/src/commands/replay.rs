//! `lazaret replay`: decides a run again, under another policy, and makes nothing.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::Journal;
use lazaret_runtime::approval::Asking;
use lazaret_runtime::rehearse::Difference;
use lazaret_runtime::report::Failure;
use lazaret_runtime::{Host, resume};
use serde_json::{Value, json};

use super::run;
use crate::cli::Replay;
use crate::progress::Display;
use crate::ui::Tone;
use crate::{home, secrets, stored, ui};

/// The exit status where a decision differs.
const EXIT_DIFFERS: u8 = 1;

pub(crate) fn run(arguments: &Replay) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let display = Display::new(false);
    let keys = secrets::keys();
    let mut launch = resume::launch(&journal, &id, keys, display.observer())?;
    if let Some(file) = &arguments.policy {
        super::resume::policy(&mut launch, file)?;
    }
    let scratch = tempfile::tempdir().context("a scratch directory could not be made")?;
    let difference = run::carry(Asking::nobody(), async |host: &Host| {
        Box::pin(host.rehearse(launch, scratch.path())).await
    });
    display.finish();
    let Some(difference) = difference? else {
        bail!("interrupted; nothing was changed");
    };
    if arguments.json {
        ui::out(&as_json(&difference).to_string());
    } else {
        print(&difference);
    }
    Ok(if difference.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EXIT_DIFFERS)
    })
}

fn as_json(difference: &Difference) -> Value {
    let list = |all: &[Failure]| -> Vec<Value> {
        let rows = all.iter();
        rows.map(|one| json!({"place": one.place, "what": one.message}))
            .collect()
    };
    json!({
        "run": difference.report.run,
        "status": difference.report.status.as_str(),
        "refused": list(&difference.refused),
        "allowed": list(&difference.allowed),
        "unmade": list(&difference.unmade),
    })
}

fn print(difference: &Difference) {
    if difference.is_none() {
        ui::out("every decision is what it was; nothing was made");
        return;
    }
    for (what, tone, all) in [
        ("would be refused", Tone::Bad, &difference.refused),
        ("would be allowed", Tone::Warn, &difference.allowed),
        ("would be made anew", Tone::Warn, &difference.unmade),
    ] {
        for one in all {
            let line = format!("{what}: {}, {}", one.place, ui::escape(&one.message));
            ui::out(&ui::paint_out(tone, &line));
        }
    }
    let status = difference.report.status.as_str();
    ui::note(&format!("the run would end {status}; nothing was made"));
}
