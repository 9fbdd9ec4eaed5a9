//! `lazaret show`: one run from its journal: steps, labels, refusals, gates, effects.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use anyhow::Result;
use lazaret_journal::Journal;
use lazaret_runtime::recount::count;
use lazaret_workflow::event::{Decision, Ending, Event};

use crate::cli::Show;
use crate::render::label;
use crate::ui::Tone;
use crate::{bits, home, stored, ui};

pub(crate) fn run(arguments: &Show) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    let events = stored::events(&journal, &id)?;
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
    for line in lines(&events) {
        ui::out(&line);
    }
    let count = count(&journal, &id)?;
    let (by_gate, by_payer): (Vec<_>, Vec<_>) = (
        count.by_gate.into_iter().collect(),
        count.by_payer.into_iter().collect(),
    );
    for line in bits::lines(count.total, &by_gate, &by_payer) {
        ui::out(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// Groups what a step did under the line of its start.
fn lines(events: &[Event]) -> Vec<String> {
    let mut steps: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut other = Vec::new();
    for event in events {
        match line(event) {
            Some((Some(step), line)) => steps.entry(step).or_default().push(line),
            Some((None, line)) => other.push(line),
            None => {}
        }
    }
    let replayed = replayed(events);
    let mut lines = other;
    if !replayed.is_empty() {
        let count = replayed.len();
        lines.push(format!("{count} agents replayed: {}", numbers(&replayed)));
    }
    for (step, of_step) in steps {
        let mut of_step = of_step.into_iter();
        if step == 0 {
            lines.push("orchestrator".to_owned());
        } else {
            let mark = if replayed.contains(&step) {
                " (replayed)"
            } else {
                ""
            };
            lines.extend(of_step.next().map(|line| line + mark));
        }
        lines.extend(of_step.map(|line| format!("    {line}")));
    }
    lines
}

fn line(event: &Event) -> Option<(Option<u32>, String)> {
    Some(match event {
        Event::RunStarted {
            workflow,
            policy,
            plugins,
            ..
        } => {
            let short: String = policy.chars().take(12).collect();
            (
                None,
                format!(
                    "workflow {workflow}, {} plugins, policy {short}",
                    plugins.len()
                ),
            )
        }
        Event::InputRefused { place, message } => {
            let text = format!("set aside {}: {}", ui::escape(place), ui::escape(message));
            (None, ui::paint(Tone::Warn, &text))
        }
        Event::Resumed { policy, .. } => {
            let short: String = policy.chars().take(12).collect();
            (None, format!("went on, policy {short}"))
        }
        Event::Decided { step, decision } => {
            let how = match decision {
                Decision::Retry => "to be run again",
                Decision::Skip => "skipped",
            };
            (Some(*step), format!("{how}, as a person decided"))
        }
        Event::Phase { title } => (None, format!("phase {}", ui::escape(title))),
        Event::StepStarted {
            step,
            name,
            profile,
            start,
            clearance,
            ..
        } => {
            let labels = format!("{} … {}", label(start), label(clearance));
            (
                Some(*step),
                format!("step {step} {} [{profile}] {labels}", ui::escape(name)),
            )
        }
        Event::EffectIntended { .. }
        | Event::Batch { .. }
        | Event::ScriptFound { .. }
        | Event::Offered { .. }
        | Event::Recalled { .. } => return None,
        Event::EffectDone {
            step,
            ok,
            answer,
            effect,
            ..
        } => {
            let how = if *ok { "done" } else { "failed" };
            (
                Some(*step),
                format!("effect {effect} {how} → {}", label(&answer.label)),
            )
        }
        Event::Denied {
            step, act, rule, ..
        } => {
            let text = format!("refused {} by {}", ui::escape(act), ui::escape(rule));
            (Some(*step), ui::paint(Tone::Bad, &text))
        }
        Event::Ruled {
            step,
            function,
            counted,
        } => {
            let text = format!(
                "the rule over {} refused call {}",
                ui::escape(function),
                counted.calls + 1
            );
            (Some(*step), ui::paint(Tone::Bad, &text))
        }
        Event::ApprovalAsked { item, call } => {
            let text = format!(
                "item {item}: asked a person about {} with {}",
                ui::escape(&call.function),
                label(&call.label)
            );
            (Some(call.step), ui::paint(Tone::Warn, &text))
        }
        Event::ApprovalSaid { item, said } => {
            let word = said.word.as_str();
            (
                None,
                format!("item {item}: {word} by {}", ui::escape(&said.by)),
            )
        }
        Event::ApprovalUsed { item } => (None, format!("item {item}: the run went on with it")),
        Event::Gated {
            step,
            channel,
            payers,
            bits,
            ..
        } => {
            let amount = format!("{}.{:03}", bits / 1000, bits % 1000);
            (
                Some(*step),
                format!("gate {channel}: {amount} bits of {}", payers.join(", ")),
            )
        }
        Event::Logged {
            step,
            level,
            message,
        } => {
            let text = format!("{level}: {}", ui::escape(message));
            (Some(*step), ui::paint(Tone::Dim, &text))
        }
        Event::StepFinished {
            step,
            ending,
            label: risen,
            ..
        } => (
            Some(*step),
            format!("{} at {}", ended(ending), label(risen)),
        ),
        Event::RunFinished { status, bits, .. } => {
            let amount = format!("{}.{:03}", bits / 1000, bits % 1000);
            (None, format!("ended {}, {amount} bits", status.as_str()))
        }
    })
}

fn ended(ending: &Ending) -> String {
    match ending {
        Ending::Value { .. } => "answered".to_owned(),
        Ending::None => "stopped".to_owned(),
        Ending::Failed { cause, message } => {
            let first = message.lines().next().unwrap_or_default();
            ui::paint(
                Tone::Warn,
                &format!("failed ({cause}) {}", ui::escape(first)),
            )
        }
    }
}

/// The steps whose answers the last part of the run took from an earlier one.
fn replayed(events: &[Event]) -> BTreeSet<u32> {
    let mut replayed = BTreeSet::new();
    for event in events {
        match event {
            Event::Resumed { .. } => replayed.clear(),
            Event::Recalled { steps } => replayed.extend(steps),
            _ => {}
        }
    }
    replayed
}

/// Writes ascending numbers as ranges: `1-3, 7`.
fn numbers(steps: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for step in steps {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *step => *last = *step,
            _ => ranges.push((*step, *step)),
        }
    }
    let written = ranges.iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    written.collect::<Vec<_>>().join(", ")
}
