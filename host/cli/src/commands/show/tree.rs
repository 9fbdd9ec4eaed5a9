//! A run as a tree: its phases, their agents with times, tokens, cost and labels, and what each
//! did.

use std::collections::BTreeSet;

use lazaret_workflow::event::{Event, Usage};
use lazaret_workflow::view::{Agent, Standing, View};

use super::acts;
use crate::render::label;
use crate::ui::{self, Tone};

/// How much of a run is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// What each agent did.
    Acts,
    /// The agents.
    Agents,
    /// Some of those agents that run or have failed: the others are in their phases' numbers.
    Open,
    /// The phases.
    Phases,
}

/// The most agents of a phase that are written where only those are that run or have failed.
const MAX_OPEN: usize = 6;

/// Writes the tree. `now_ms` is the time where the run goes on: what runs has taken until then.
pub(super) fn lines(view: &View, depth: Depth, now_ms: Option<u64>) -> Vec<String> {
    let mut lines = vec![head(view, now_ms)];
    lines.extend(view.notes.iter().filter_map(acts::note));
    let replayed = view.replayed();
    if !replayed.is_empty() {
        let count = replayed.len();
        lines.push(format!("{count} agents replayed: {}", numbers(&replayed)));
    }
    if let Some(orchestrator) = view.agents.get(&0) {
        lines.push("orchestrator".to_owned());
        if depth == Depth::Acts {
            lines.extend(acts::lines(&orchestrator.acts, "  "));
        }
    }
    let phases = view.phases.iter().map(String::as_str);
    let without = (!view.phases.iter().any(String::is_empty)).then_some("");
    for phase in without.into_iter().chain(phases) {
        lines.extend(of_phase(view, phase, depth, now_ms));
    }
    lines.extend(end(view));
    lines
}

/// The first line: the workflow, how long it took, what it used up.
fn head(view: &View, now_ms: Option<u64>) -> String {
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
        time(Some(view.began_ms), now_ms.or(Some(view.last_ms))),
        used(view.usage()),
    )
}

fn of_phase(view: &View, phase: &str, depth: Depth, now_ms: Option<u64>) -> Vec<String> {
    let agents: Vec<(u32, &Agent)> = view.of_phase(phase).collect();
    let mut lines = Vec::new();
    if !phase.is_empty() || (depth >= Depth::Open && !agents.is_empty()) {
        lines.push(phase_line(phase, &agents, now_ms));
    }
    let shown: Vec<(u32, &Agent)> = match depth {
        Depth::Acts | Depth::Agents => agents,
        Depth::Open => open(agents),
        Depth::Phases => Vec::new(),
    };
    for (step, agent) in shown {
        lines.push(format!("  {}", of_agent(step, agent, now_ms)));
        if depth == Depth::Acts {
            lines.extend(acts::lines(&agent.acts, "      "));
        }
    }
    lines
}

/// The first agents that run or have failed.
fn open(agents: Vec<(u32, &Agent)>) -> Vec<(u32, &Agent)> {
    let open = |agent: &Agent| is_running(agent) || is_failed(agent);
    let agents = agents.into_iter();
    agents
        .filter(|(_, agent)| open(agent))
        .take(MAX_OPEN)
        .collect()
}

/// A phase's line: how many agents, how they stand, how long they took, what they used up.
fn phase_line(phase: &str, agents: &[(u32, &Agent)], now_ms: Option<u64>) -> String {
    let mut usage = Usage::default();
    for (_, agent) in agents {
        usage.add(agent.usage);
    }
    let count = |is: fn(&Agent) -> bool| agents.iter().filter(|(_, agent)| is(agent)).count();
    let (running, failed) = (count(is_running), count(is_failed));
    let began = agents.iter().filter_map(|(_, agent)| agent.began_ms).min();
    let last = agents.iter().filter_map(|(_, agent)| agent.ended_ms).max();
    let last = now_ms.filter(|_| running > 0).or(last);
    let title = match phase {
        "" => "no phase".to_owned(),
        phase => format!("phase {}", ui::escape(phase)),
    };
    let running = match (running, now_ms) {
        (0, _) => String::new(),
        (running, Some(_)) => format!(", {running} running"),
        (running, None) => format!(", {running} not ended"),
    };
    let failed = match failed {
        0 => String::new(),
        failed => ui::paint(Tone::Bad, &format!(", {failed} failed")),
    };
    let title = ui::paint(Tone::Bold, &title);
    let (all, took, used) = (agents.len(), time(began, last), used(usage));
    format!("{title}: {all} agents{running}{failed}{took}{used}")
}

fn is_failed(agent: &Agent) -> bool {
    matches!(agent.standing, Standing::Failed(..))
}

fn is_running(agent: &Agent) -> bool {
    agent.standing == Standing::Running
}

/// One agent's line. What changes comes first: a terminal may cut the rest off.
pub(super) fn of_agent(step: u32, agent: &Agent, now_ms: Option<u64>) -> String {
    let (mark, tone) = match &agent.standing {
        Standing::Running => ("…", Tone::Dim),
        Standing::Answered => ("✓", Tone::Good),
        Standing::None => ("–", Tone::Dim),
        Standing::Failed(..) => ("✗", Tone::Bad),
    };
    let replayed = if agent.replayed { " (replayed)" } else { "" };
    format!(
        "{} step {step}{} [{}]: {}{}{}{replayed}{}",
        ui::paint(tone, mark),
        named(&agent.name),
        ui::escape(&agent.profile),
        standing(&agent.standing, now_ms.is_some()),
        time(
            agent.began_ms,
            agent
                .ended_ms
                .or_else(|| now_ms.filter(|_| is_running(agent)))
        ),
        used(agent.usage),
        labels(agent),
    )
}

/// An agent's name after its step, where it has one.
fn named(name: &str) -> String {
    if name.is_empty() {
        return String::new();
    }
    format!(" {}", ui::escape(name))
}

/// The label that an agent has risen to, between the one that it started at and the highest that
/// it may reach.
fn labels(agent: &Agent) -> String {
    let Some((start, most)) = &agent.labels else {
        return String::new();
    };
    let at = agent.risen.as_ref();
    let at = at.map_or_else(String::new, |risen| format!("at {}, of ", label(risen)));
    format!("; {at}{} … {}", label(start), label(most))
}

fn standing(standing: &Standing, goes_on: bool) -> String {
    match standing {
        Standing::Running if goes_on => "running".to_owned(),
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
        Event::StepStarted { step, name, .. } => Some(format!("step {step}{} began", named(name))),
        Event::StepFinished { step, .. } => {
            let agent = view.agents.get(step)?;
            Some(of_agent(*step, agent, None))
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
