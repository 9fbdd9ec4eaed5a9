//! `lazaret show`: one run from its journal, one agent of it, or the run while it goes on.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::Journal;
use lazaret_runtime::recount::count;
use lazaret_workflow::view::View;

use super::run::now_ms;
use crate::cli::Show;
use crate::{bits, home, render, stored, ui};

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
    for line in given(&journal, &view)? {
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

/// What the run gave, or why it gave nothing, marked as somebody else's text.
fn given(journal: &Journal, view: &View) -> Result<Vec<String>> {
    let (what, content) = match (&view.result, &view.failure) {
        (Some(result), _) => ("result", result),
        (None, Some(failure)) => ("failure", failure),
        (None, None) => return Ok(Vec::new()),
    };
    let bytes = journal.read_blob(content.digest.parse()?)?;
    let value = serde_json::from_slice(&bytes);
    let value = value.with_context(|| format!("the {what} in the journal is no JSON"))?;
    let taint = &content.label.taint;
    let head = format!("{what}: {}", render::origin(taint));
    Ok([vec![head], render::lines(&value, taint)].concat())
}

const fn depth(brief: bool) -> Depth {
    if brief { Depth::Agents } else { Depth::Acts }
}

/// Returns the step of an agent: by its number, or by its name where only one has it.
pub(super) fn find(view: &View, agent: &str) -> Result<u32> {
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
