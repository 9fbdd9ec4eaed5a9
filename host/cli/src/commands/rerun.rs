//! `lazaret run --step`: one agent of a recorded run once more, for its author.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_journal::Journal;
use lazaret_runtime::rehearse::Rerun;
use lazaret_runtime::{approval::Asking, resume};
use serde_json::{Value, json};

use super::{resume as resuming, run};
use crate::cli::Run;
use crate::progress::Display;
use crate::ui::{self, Tone};
use crate::{home, render, secrets, stored};

pub(crate) fn run(arguments: &Run, of: &str, agent: &str) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, of)?;
    let display = Display::new(arguments.output.verbose);
    let mut launch = resume::launch(&journal, &id, secrets::keys(), display.observer())?;
    resuming::plugins(&mut launch, &arguments.plugin)?;
    let scratch = tempfile::tempdir().context("there is no room for a scratch journal")?;
    let ran = run::carry(Asking::nobody(), async |host| {
        Box::pin(host.rerun(launch, scratch.path(), agent, arguments.live)).await
    });
    display.finish();
    let Some(rerun) = ran? else {
        return Ok(ExitCode::FAILURE);
    };
    if arguments.output.json {
        ui::out(&as_json(&rerun).to_string());
    } else {
        print(&rerun);
    }
    let answered = rerun.end.as_ref().is_some_and(|end| end.value.is_ok());
    Ok(if answered && rerun.unmade.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(rerun: &Rerun) {
    let name = ui::escape(&rerun.name);
    let step = rerun.step;
    match &rerun.end {
        None => ui::note(&format!(
            "the run did not come to step {step} {name}: an earlier part of it is no longer as recorded"
        )),
        Some(end) => match &end.value {
            Ok(value) => {
                for line in render::lines(value, &end.taint) {
                    ui::out(&line);
                }
                let origin = render::origin(&end.taint);
                ui::note(&format!("step {step} {name} answered; {origin}"));
            }
            Err(why) => {
                let text = format!("step {step} {name} {}", ui::escape(why));
                ui::note(&ui::paint(Tone::Bad, &text));
                if !end.taint.is_empty() {
                    ui::note(&format!("  that is {}", render::origin(&end.taint)));
                }
            }
        },
    }
    for denial in &rerun.denials {
        let (act, rule) = (ui::escape(&denial.act), ui::escape(&denial.rule));
        ui::note(&format!("  refused {act} by {rule}"));
    }
    for effect in &rerun.unmade {
        let function = ui::escape(&effect.message);
        ui::note(&ui::paint(
            Tone::Warn,
            &format!("  `{function}` is not in the journal, and failed; --live makes it"),
        ));
    }
}

fn as_json(rerun: &Rerun) -> Value {
    let end = rerun.end.as_ref();
    let denials = rerun.denials.iter();
    let unmade = rerun.unmade.iter();
    json!({
        "step": rerun.step,
        "name": rerun.name,
        "reached": end.is_some(),
        "answer": end.and_then(|end| end.value.as_ref().ok()),
        "failure": end.and_then(|end| end.value.as_ref().err()),
        "taint": end.map_or(&[][..], |end| &end.taint),
        "denials": denials.map(|one| json!({"act": one.act, "rule": one.rule})).collect::<Vec<_>>(),
        "unmade": unmade.map(|one| one.message.clone()).collect::<Vec<_>>(),
    })
}
