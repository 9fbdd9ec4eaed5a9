//! `--dry-run`, and the question before a large run: what a workflow would ask for, with
//! answers that are made up.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use lazaret_policy::policy::Policy;
use lazaret_runtime::foresee::{Foreseen, Foresight, waves};
use serde_json::{Value, json};

use crate::{prompt, render, ui};

/// The most groups of one phase that are listed.
const MAX_GROUPS: usize = 40;

/// The most notes that are listed.
const MAX_NOTES: usize = 12;

/// From what estimate on a run begins only after a question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold {
    agents: u64,
    usd: u64,
    /// Whether the policy says so: then a run that nobody can be asked about does not begin.
    is_written: bool,
}

impl Threshold {
    pub(super) fn of(policy: &Policy) -> Self {
        let (agents, usd) = policy.asks_from();
        Self {
            agents: agents.unwrap_or(USUAL_AGENTS),
            usd: usd.unwrap_or(USUAL_USD),
            is_written: agents.is_some() || usd.is_some(),
        }
    }

    /// Whether anything could come of an estimate.
    pub(super) fn may_ask(self) -> bool {
        self.is_written || prompt::has_person()
    }
}

/// A run of more agents is large, where the policy does not say.
const USUAL_AGENTS: u64 = 200;

/// A run that may cost more dollars is large, where the policy does not say.
const USUAL_USD: u64 = 20;

/// A sum over agents.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    agents: usize,
    input: [u64; 2],
    output: [u64; 2],
    /// Millionths of a dollar of those whose price is known.
    micros: [u64; 2],
    unpriced: usize,
}

impl Sum {
    fn add(&mut self, agent: &Foreseen) {
        self.agents += 1;
        for (side, tokens) in agent.tokens.iter().enumerate() {
            if let (Some(input), Some(output)) =
                (self.input.get_mut(side), self.output.get_mut(side))
            {
                *input = input.saturating_add(tokens.input);
                *output = output.saturating_add(tokens.output);
            }
        }
        match agent.cost_micros {
            None => self.unpriced += 1,
            Some(cost) => {
                for (sum, cost) in self.micros.iter_mut().zip(cost) {
                    *sum = sum.saturating_add(cost);
                }
            }
        }
    }

    fn of<'a>(agents: impl IntoIterator<Item = &'a Foreseen>) -> Self {
        let mut sum = Self::default();
        for agent in agents {
            sum.add(agent);
        }
        sum
    }
}

/// Prints what a workflow would ask for.
pub(super) fn print(foresight: &Foresight) {
    for line in tree(&foresight.agents) {
        ui::out(&line);
    }
    for line in totals(foresight) {
        ui::out(&line);
    }
}

/// The agents by phase, then by profile, model and tools.
fn tree(agents: &[Foreseen]) -> Vec<String> {
    let mut lines = Vec::new();
    for (phase, agents) in by_phase(agents) {
        let sum = Sum::of(agents.iter().copied());
        let title = if phase.is_empty() {
            "(no phase)"
        } else {
            phase
        };
        lines.push(format!(
            "{}  {}  {}",
            ui::escape(title),
            counted(sum.agents, "agent"),
            money(&sum)
        ));
        let groups = groups(&agents);
        for (group, names) in groups.iter().take(MAX_GROUPS) {
            lines.push(format!("  {} × {}", names.len(), ui::escape(group)));
            lines.push(format!("      {}", ui::escape(&some(names))));
        }
        if groups.len() > MAX_GROUPS {
            lines.push(format!("  … and {} more groups", groups.len() - MAX_GROUPS));
        }
    }
    if agents.is_empty() {
        lines.push("no agents".to_owned());
    }
    lines
}

/// In the order in which the phases would begin.
fn by_phase(agents: &[Foreseen]) -> Vec<(&str, Vec<&Foreseen>)> {
    let mut phases: Vec<(&str, Vec<&Foreseen>)> = Vec::new();
    for agent in agents {
        match phases.iter_mut().find(|(phase, _)| *phase == agent.phase) {
            Some((_, list)) => list.push(agent),
            None => phases.push((&agent.phase, vec![agent])),
        }
    }
    phases
}

fn groups<'a>(agents: &[&'a Foreseen]) -> BTreeMap<String, Vec<&'a str>> {
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for agent in agents {
        groups.entry(group(agent)).or_default().push(&agent.name);
    }
    groups
}

fn group(agent: &Foreseen) -> String {
    let effort = match agent.effort.as_str() {
        "" => String::new(),
        effort => format!(", effort {effort}"),
    };
    let tools = if agent.tools.is_empty() {
        "no tools".to_owned()
    } else {
        agent.tools.join(" ")
    };
    format!("{} [{}{effort}] {tools}", agent.profile, agent.model)
}

fn some(names: &[&str]) -> String {
    let shown: Vec<&str> = names.iter().take(4).copied().collect();
    let more = names.len() - shown.len();
    match more {
        0 => shown.join(", "),
        more => format!("{}, … {more} more", shown.join(", ")),
    }
}

fn totals(foresight: &Foresight) -> Vec<String> {
    let sum = Sum::of(&foresight.agents);
    let waves = waves(&foresight.agents);
    let widest = waves.iter().copied().max().unwrap_or(0);
    let [input_low, input_high] = sum.input;
    let [output_low, output_high] = sum.output;
    let mut lines = vec![
        String::new(),
        format!(
            "{} in {} one after the other, at most {widest} in one",
            counted(sum.agents, "agent"),
            counted(waves.len(), "wave")
        ),
        format!("tokens: {input_low} to {input_high} read, {output_low} to {output_high} written"),
        format!("cost: {}", money(&sum)),
        format!("formula: {}", formula(&sum, &waves)),
    ];
    if let Some(failure) = foresight
        .report
        .failures
        .iter()
        .find(|one| one.place == "workflow")
    {
        let from = match failure.taint.as_slice() {
            [] => String::new(),
            taint => format!(" ({})", render::origin(taint)),
        };
        lines.push(format!(
            "with made-up answers the workflow ends in an error{from}: {}",
            ui::escape(failure.message.lines().next().unwrap_or_default())
        ));
    }
    if !foresight.unforeseen.is_empty() {
        lines.push("what answers decide, and was guessed:".to_owned());
        let notes = foresight.unforeseen.iter();
        lines.extend(
            notes
                .take(MAX_NOTES)
                .map(|note| format!("  {}", ui::escape(note))),
        );
        if foresight.unforeseen.len() > MAX_NOTES {
            lines.push(format!(
                "  … and {} more",
                foresight.unforeseen.len() - MAX_NOTES
            ));
        }
    }
    lines
}

/// The waves' widths, times what one agent costs.
fn formula(sum: &Sum, waves: &[usize]) -> String {
    if sum.agents == 0 {
        return "0".to_owned();
    }
    let widths: Vec<String> = waves.iter().take(12).map(ToString::to_string).collect();
    let more = if waves.len() > 12 { " + …" } else { "" };
    let count = u64::try_from(sum.agents).unwrap_or(u64::MAX);
    let [low, high] = sum.output.map(|tokens| tokens / count);
    format!(
        "depth {} × fan-out ({}{more}) × {low} to {high} tokens written by each",
        waves.len(),
        widths.join(" + ")
    )
}

fn money(sum: &Sum) -> String {
    if sum.unpriced == sum.agents && sum.agents > 0 {
        return "no price is known".to_owned();
    }
    let [low, high] = sum.micros.map(dollars);
    match sum.unpriced {
        0 => format!("${low} to ${high}"),
        unpriced => {
            let agents = counted(unpriced, "agent");
            format!("${low} to ${high}, and {agents} whose price is not known")
        }
    }
}

/// One thing or several, by number.
fn counted(many: usize, what: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{many} {what}{plural}")
}

fn dollars(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000_000, micros % 1_000_000 / 10_000)
}

/// The same for machines.
pub(super) fn json(foresight: &Foresight) -> Value {
    let sum = Sum::of(&foresight.agents);
    let agents = foresight.agents.iter().map(|agent| {
        json!({
            "name": agent.name, "phase": agent.phase, "profile": agent.profile,
            "model": agent.model, "effort": agent.effort, "tools": agent.tools,
            "schema": agent.has_schema, "wave": agent.wave, "script": agent.script,
        })
    });
    let range = |[low, high]: [u64; 2]| json!({"low": low, "high": high});
    json!({
        "status": "dry-run",
        "agents": agents.collect::<Vec<_>>(),
        "waves": waves(&foresight.agents),
        "tokens": {"input": range(sum.input), "output": range(sum.output)},
        "cost_usd_micros": range(sum.micros),
        "unpriced_agents": sum.unpriced,
        "unforeseen": foresight.unforeseen,
        "ends": foresight.report.status.as_str(),
        "result": foresight.report.result,
    })
}

/// Asks whether a large run shall begin; a small one begins without a question.
pub(super) fn consent(foresight: &Foresight, threshold: Threshold) -> Result<bool> {
    let sum = Sum::of(&foresight.agents);
    let [_, micros] = sum.micros;
    let dear = micros / 1_000_000 >= threshold.usd;
    let many = u64::try_from(sum.agents).unwrap_or(u64::MAX) > threshold.agents;
    if !(dear || many) {
        return Ok(true);
    }
    for line in totals(foresight) {
        ui::note(&line);
    }
    if prompt::has_person() {
        return Ok(prompt::yes("Run it?"));
    }
    bail!(
        "a run of about {} agents starts only after a question, and nobody is here to be asked: `--yes` agrees to it, or raise `ask_agents` and `ask_usd` in [budget]",
        sum.agents
    )
}
