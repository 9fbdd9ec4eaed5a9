//! `lazaret show`: one run from its journal, one agent of it, or the run while it goes on.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, RunId};
use lazaret_runtime::recount::count;
use lazaret_workflow::view::View;

use super::run::now_ms;
use crate::cli::Show;
use crate::ui::{self, Tone};
use crate::{bits, home, render, stored};

mod acts;
mod conversation;
mod tree;
mod watch;

use tree::Depth;

pub(crate) fn run(arguments: &Show) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    if arguments.watch {
        return watch::follow(&journal, &id, depth(arguments.brief));
    }
    let events = stored::events(&journal, &id)?;
    if let Some(agent) = &arguments.agent {
        let view = View::of(events);
        let step = find(&view, agent)?;
        let told = conversation::of(&journal, &view, step)?;
        if arguments.json {
            ui::out(&serde_json::to_string_pretty(&told.json())?);
        } else {
            for line in told.lines() {
                ui::out(&line);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.json {
        for event in &events {
            ui::out(&serde_json::to_string(event)?);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let head = journal.verify(&id)?;
    ui::out(&format!(
        "run {id}: {} records, hash chain intact",
        head.count
    ));
    let goes_on = watch::is_driven(&journal, &id).then(now_ms);
    let view = View::of(events);
    for line in tree::lines(&view, depth(arguments.brief), goes_on) {
        ui::out(&line);
    }
    for line in result(&journal, &view)? {
        ui::out(&line);
    }
    let count = count(&journal, &id)?;
    let (by_gate, by_payer): (Vec<_>, Vec<_>) = (
        count.by_gate.into_iter().collect(),
        count.by_payer.into_iter().collect(),
    );
    let lines = bits::lines(count.total, &by_gate, &by_payer);
    for line in lines.into_iter().chain(bits::unchecked(count.unchecked)) {
        ui::out(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// What the run gave, marked as somebody else's text.
fn result(journal: &Journal, view: &View) -> Result<Vec<String>> {
    let Some(result) = &view.result else {
        return Ok(Vec::new());
    };
    let bytes = journal.read_blob(result.digest.parse()?)?;
    let value = serde_json::from_slice(&bytes).context("the result in the journal is no JSON")?;
    let taint = &result.label.taint;
    let head = if taint.is_empty() {
        "result: trusted".to_owned()
    } else {
        let from = taint.join(", ");
        let from = format!("untrusted, may come from {from}");
        format!("result: {}", ui::paint(Tone::Warn, &from))
    };
    Ok([vec![head], render::lines(&value, taint)].concat())
}

const fn depth(brief: bool) -> Depth {
    if brief { Depth::Agents } else { Depth::Acts }
}

/// Returns the view of a run, and the step of one of its agents.
pub(super) fn agent(journal: &Journal, id: &RunId, agent: &str) -> Result<(View, u32)> {
    let view = View::of(stored::events(journal, id)?);
    let step = find(&view, agent)?;
    Ok((view, step))
}

/// Returns the step of an agent: by its number, or by its name where only one has it.
fn find(view: &View, agent: &str) -> Result<u32> {
    if let Some(step) = agent
        .parse()
        .ok()
        .filter(|step| view.agents.contains_key(step))
    {
        return Ok(step);
    }
    let named = view.agents.iter().filter(|(_, one)| one.name == agent);
    let steps: Vec<u32> = named.map(|(step, _)| *step).collect();
    match steps.as_slice() {
        [step] => Ok(*step),
        [] => bail!(
            "the run has no agent `{}`; `lazaret show RUN` lists them",
            ui::escape(agent)
        ),
        several => bail!(
            "{} agents are named `{}`; give the number of a step: {several:?}",
            several.len(),
            ui::escape(agent)
        ),
    }
}
