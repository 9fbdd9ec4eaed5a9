//! `[budget]`: what a run, its phases and its agents may use up.

use std::collections::BTreeMap;

use lazaret_kernel::tables::KernelLimits;

use super::BudgetDraft;
use crate::compiled::Allowance;
use lazaret_manifest::name::Name;
use lazaret_manifest::reader::Section;
use lazaret_manifest::text::Report;

/// The most agents of a run, and how many it may start where the policy says nothing.
const MAX_AGENTS: u64 = 1_000_000;
const DEFAULT_AGENTS: u64 = 1_000;

/// The most output tokens of one agent: a hundred of the longest answers.
pub(super) const MAX_TOKENS: u64 = 100_000_000;

/// The most dollars that a question can begin at.
const MAX_USD: u64 = 1_000_000;

/// The most output tokens of a run.
const MAX_RUN_TOKENS: u64 = 1_000_000_000_000;

/// The most tokens of one answer, and what is set aside where neither request nor policy says.
const MAX_ANSWER: u64 = 1_000_000;
const DEFAULT_ANSWER: u64 = 16_384;

pub(super) fn budget(root: &mut Section<'_>, report: &mut Report) -> BudgetDraft {
    let mut draft = BudgetDraft {
        agents: DEFAULT_AGENTS,
        ask_agents: None,
        ask_usd: None,
        run: Allowance::default(),
        agent: Allowance::default(),
        phases: BTreeMap::new(),
        answer_tokens: DEFAULT_ANSWER,
        kernel: KernelLimits::default(),
    };
    let Some(mut section) = root.section(report, "budget") else {
        return draft;
    };
    if let Some(agents) = section.number(report, "agents", 1..=MAX_AGENTS) {
        draft.agents = agents;
    }
    if let Some(bits) = section.bits(report, "gate_bits_per_item") {
        draft.kernel.outcome_bits_per_item = bits;
    }
    if let Some(bits) = section.bits(report, "gate_bits") {
        draft.kernel.gate_bits = bits;
    }
    if let Some(tokens) = section.number(report, "answer_tokens", 1..=MAX_ANSWER) {
        draft.answer_tokens = tokens;
    }
    draft.run = models(&mut section, report);
    draft.ask_agents = section.number(report, "ask_agents", 0..=MAX_AGENTS);
    draft.ask_usd = section.number(report, "ask_usd", 0..=MAX_USD);
    draft.run.wall_ms = section.minutes(report, "wall_minutes");
    let agent_ms = section.minutes(report, "agent_minutes");
    if let Some(mut agent) = section.section(report, "agent") {
        draft.agent = models(&mut agent, report);
        draft.agent.gate_bits = agent.bits(report, "gate_bits");
        agent.finish(report);
    }
    draft.agent.wall_ms = agent_ms;
    for (title, mut phase) in section.named(report, "phase", Name::Title) {
        let mut allowance = models(&mut phase, report);
        allowance.wall_ms = phase.minutes(report, "wall_minutes");
        allowance.agents = phase.number(report, "agents", 1..=MAX_AGENTS);
        allowance.gate_bits = phase.bits(report, "gate_bits");
        phase.finish(report);
        draft.phases.insert(title.value, allowance);
    }
    section.finish(report);
    draft
}

fn models(section: &mut Section<'_>, report: &mut Report) -> Allowance {
    Allowance {
        tokens: section.number(report, "tokens", 1..=MAX_RUN_TOKENS),
        micros: section.usd(report, "usd"),
        ..Allowance::default()
    }
}
