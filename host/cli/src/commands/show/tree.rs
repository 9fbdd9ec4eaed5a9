//! A run as a tree: its phases, their agents with times, tokens, cost and labels, and what each
//! did.

use std::collections::BTreeSet;

use lazaret_workflow::event::{Event, Usage};
use lazaret_workflow::view::{Agent, Standing, View};

use super::acts;
use crate::render::label;
use crate::ui::{self, Tone};

/// Writes the tree; brief, without what each agent did.
pub(super) fn lines(view: &View, brief: bool) -> Vec<String> {
    let mut lines = vec![head(view)];
    lines.extend(view.notes.iter().filter_map(acts::note));
    let replayed = view.replayed();
    if !replayed.is_empty() {
        let count = replayed.len();
        lines.push(format!("{count} agents replayed: {}", numbers(&replayed)));
    }
    if let Some(orchestrator) = view.agents.get(&0) {
        lines.push("orchestrator".to_owned());
        if !brief {
            lines.extend(acts::lines(&orchestrator.acts, "  "));
        }
    }
    let phases = view.phases.iter().map(String::as_str);
    let without = (!view.phases.iter().any(String::is_empty)).then_some("");
    for phase in without.into_iter().chain(phases) {
        lines.extend(of_phase(view, phase, brief));
    }
    lines.extend(end(view));
    lines
}

/// The first line: the workflow, how long it took, what it used up.
fn head(view: &View) -> String {
    let policy: String = view.policy.chars().take(12).collect();
    let agents = view.agents.keys().filter(|step| **step > 0).count();
    let went_on = match view.resumed {
        0 => String::new(),
        1 => ", went on once".to_owned(),
        times => format!(", went on {times} times"),
    };
    format!(
        "workflow {}, {} plugins, policy {policy}{went_on}; {agents} agents{}{}",
        ui::escape(&view.workflow),
        view.plugins,
        time(Some(view.began_ms), Some(view.last_ms)),
        used(view.usage()),
    )
}

fn of_phase(view: &View, phase: &str, brief: bool) -> Vec<String> {
    let agents: Vec<(u32, &Agent)> = view.of_phase(phase).collect();
    let mut lines = Vec::new();
    if !phase.is_empty() {
        let mut usage = Usage::default();
        for (_, agent) in &agents {
            usage.add(agent.usage);
        }
        let began = agents.iter().filter_map(|(_, agent)| agent.began_ms).min();
        let last = agents.iter().filter_map(|(_, agent)| agent.ended_ms).max();
        let title = ui::paint(Tone::Bold, &format!("phase {}", ui::escape(phase)));
        let failed = agents.iter().filter(|(_, agent)| is_failed(agent)).count();
        let failed = match failed {
            0 => String::new(),
            failed => ui::paint(Tone::Bad, &format!(", {failed} failed")),
        };
        lines.push(format!(
            "{title}: {} agents{failed}{}{}",
            agents.len(),
            time(began, last),
            used(usage)
        ));
    }
    for (step, agent) in agents {
        lines.push(format!("  {}", of_agent(step, agent)));
        if !brief {
            lines.extend(acts::lines(&agent.acts, "      "));
        }
    }
    lines
}

fn is_failed(agent: &Agent) -> bool {
    matches!(agent.standing, Standing::Failed(..))
}

/// One agent's line.
pub(super) fn of_agent(step: u32, agent: &Agent) -> String {
    let (mark, tone) = match &agent.standing {
        Standing::Running => ("…", Tone::Dim),
        Standing::Answered => ("✓", Tone::Good),
        Standing::None => ("–", Tone::Dim),
        Standing::Failed(..) => ("✗", Tone::Bad),
    };
    let labels = agent
        .labels
        .as_ref()
        .map_or_else(String::new, |(start, most)| {
            format!("{} … {}", label(start), label(most))
        });
    let at = agent.risen.as_ref();
    let at = at.map_or_else(String::new, |risen| format!(" at {}", label(risen)));
    let replayed = if agent.replayed { " (replayed)" } else { "" };
    format!(
        "{} step {step} {} [{}] {labels}: {}{at}{}{}{replayed}",
        ui::paint(tone, mark),
        ui::escape(&agent.name),
        ui::escape(&agent.profile),
        standing(&agent.standing),
        time(agent.began_ms, agent.ended_ms),
        used(agent.usage),
    )
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Running => "not ended".to_owned(),
        Standing::Answered => "answered".to_owned(),
        Standing::None => "stopped".to_owned(),
        Standing::Failed(cause, message) => {
            let first = message.lines().next().unwrap_or_default();
            let text = format!("failed ({cause}) {}", ui::escape(first));
            ui::paint(Tone::Warn, text.trim_end())
        }
    }
}

fn end(view: &View) -> Option<String> {
    let ended = view.ended?;
    let bits = format!("{}.{:03}", view.bits / 1000, view.bits % 1000);
    Some(format!("ended {}, {bits} bits", ended.as_str()))
}

/// How long something took, where both ends are known.
pub(super) fn time(began: Option<u64>, ended: Option<u64>) -> String {
    let (Some(began), Some(ended)) = (began, ended) else {
        return String::new();
    };
    let passed = ended.saturating_sub(began);
    let (minutes, seconds) = (passed / 60_000, passed % 60_000);
    let (whole, tenth) = (seconds / 1000, seconds % 1000 / 100);
    match minutes {
        0 => format!(", {whole}.{tenth} s"),
        minutes => format!(", {minutes} min {whole} s"),
    }
}

/// What models used up, where any was asked.
pub(super) fn used(usage: Usage) -> String {
    if usage == Usage::default() {
        return String::new();
    }
    let cost = match usage.cost_micros {
        0 => String::new(),
        micros => format!(", {}.{:06} USD", micros / 1_000_000, micros % 1_000_000),
    };
    format!(
        ", {} tokens in, {} out{cost}",
        usage.input_tokens, usage.output_tokens
    )
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

/// Says in a line what has just happened, for who follows a run without a terminal.
pub(super) fn news(event: &Event, view: &View) -> Option<String> {
    match event {
        Event::StepStarted { step, name, .. } => {
            Some(format!("step {step} {} began", ui::escape(name)))
        }
        Event::StepFinished { step, .. } => {
            let agent = view.agents.get(step)?;
            Some(of_agent(*step, agent))
        }
        Event::Phase { title } => Some(format!("phase {}", ui::escape(title))),
        Event::Resumed { .. } => Some("went on".to_owned()),
        Event::Recalled { steps } => Some(format!("{} agents replayed", steps.len())),
        Event::RunFinished { .. } => end(view),
        Event::Denied { .. } | Event::Gated { .. } | Event::ApprovalAsked { .. } => {
            acts::line(event)
        }
        Event::ApprovalSaid { .. } | Event::ApprovalUsed { .. } | Event::InputRefused { .. } => {
            acts::note(event)
        }
        _ => None,
    }
}
