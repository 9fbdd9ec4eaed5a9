//! `lazaret show`: one run from its journal: steps, labels, refusals, gates, effects.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lazaret_journal::{Journal, RunId, Sequence};
use lazaret_workflow::event::{Ending, Event, LabelText};

use crate::cli::Show;
use crate::ui::Tone;
use crate::{home, ui};

pub(crate) fn run(arguments: &Show) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = find(&journal, &arguments.run)?;
    let events = events(&journal, &id)?;
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
    Ok(ExitCode::SUCCESS)
}

/// The most runs that a shortened id is looked for in.
const MAX_SEARCHED: usize = 10_000;

fn find(journal: &Journal, text: &str) -> Result<RunId> {
    let runs = journal.runs(MAX_SEARCHED, None)?;
    let mut matching = runs.iter().filter(|run| run.id.as_str().starts_with(text));
    let Some(found) = matching.next() else {
        bail!(
            "there is no run `{}`; `lazaret runs` lists them",
            ui::escape(text)
        );
    };
    if matching.next().is_some() {
        bail!(
            "`{}` begins more than one run's id; type more of it",
            ui::escape(text)
        );
    }
    Ok(found.id.clone())
}

fn events(journal: &Journal, id: &RunId) -> Result<Vec<Event>> {
    journal
        .records(id, Sequence::FIRST)
        .map(|record| {
            let record = record?;
            serde_json::from_slice(record.payload())
                .with_context(|| format!("record {} is of no known kind", record.sequence().get()))
        })
        .collect()
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
    let mut lines = other;
    for (step, of_step) in steps {
        let mut of_step = of_step.into_iter();
        if step == 0 {
            lines.push("orchestrator".to_owned());
        } else {
            lines.extend(of_step.next());
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
        Event::EffectIntended { .. } | Event::Batch { .. } => return None,
        Event::EffectDone {
            step,
            ok,
            answer,
            effect,
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
        Event::Gated {
            step,
            channel,
            payers,
            bits,
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

fn label(label: &LabelText) -> String {
    let taint = if label.taint.is_empty() {
        "trusted".to_owned()
    } else {
        label.taint.join("+")
    };
    match &label.readers {
        None => format!("{taint}, public"),
        Some(readers) if readers.is_empty() => format!("{taint}, nobody"),
        Some(readers) => format!("{taint}, for {}", readers.join("+")),
    }
}
