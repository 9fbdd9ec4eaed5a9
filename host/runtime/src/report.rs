//! What a run gave, for the command line and for machines.

use std::collections::BTreeSet;

pub use lazaret_kernel::capacity::Bits;
use lazaret_kernel::ledger::{Channel, Ledger};
use lazaret_policy::channel::ChannelName;
use lazaret_policy::compiled::Compiled;
use lazaret_workflow::approval::Item;
use lazaret_workflow::budget::{Budgets, Used};
use lazaret_workflow::event::{LabelText, Usage};
use lazaret_workflow::status::Status;
use serde_json::Value;

use crate::entry::Refusal;
use crate::run::{DeniedAct, Tally, payer_name};

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Report {
    /// The run's id.
    pub run: String,
    /// How it ended.
    pub status: Status,
    /// The result, if there is one.
    pub result: Option<Value>,
    /// The taint tags of the result or, where there is none, of why; empty is trusted.
    pub taint: Vec<String>,
    /// The label of the result, if there is one.
    pub label: Option<LabelText>,
    /// Agents started.
    pub started: u64,
    /// Agents that ended without having failed.
    pub completed: u64,
    /// Agents that failed; the others were not ended when the run was.
    pub failed: u64,
    /// Of all, how many an earlier part of the run has carried out.
    pub replayed: u64,
    /// Effects that an earlier part has made and that nobody asked for again. They stay made.
    pub unrequested: Vec<Failure>,
    /// Effects that would have been made, where none is.
    pub unmade: Vec<Failure>,
    /// What failed: agents, items, the workflow.
    pub failures: Vec<Failure>,
    /// What the monitor refused.
    pub denials: Vec<DeniedAct>,
    /// Refusals past the number that is kept.
    pub denials_dropped: u64,
    /// What untrusted content could decide.
    pub bits: GateBits,
    /// Where these bits differ from those that were counted again from the journal.
    pub miscounted: Vec<String>,
    /// Tokens sent to models.
    pub input_tokens: u64,
    /// Tokens that models wrote.
    pub output_tokens: u64,
    /// What they cost in millionths of a US dollar, as far as prices are known.
    pub cost_micros: u64,
    /// The models whose cost is not in it, since nobody knows their price.
    pub unpriced: Vec<String>,
    /// What a person was asked, and what came of it.
    pub approvals: Vec<Item>,
    /// Who used up what, earlier parts of the run included.
    pub spending: Spending,
    /// What to do, where the run waits for a person.
    pub waiting: Option<String>,
    /// What the one step gave that was to be run again, where that was all.
    pub step: Option<StepEnd>,
    /// What became of the run tree, where something in it has changed.
    pub tree: Option<TreeReport>,
}

/// What became of the run tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeReport {
    /// The files that are not what they were.
    pub changed: Vec<String>,
    /// Whether the operator's files are now what these have become.
    pub applied: bool,
    /// Why they are not.
    pub problem: Option<String>,
    /// The worktrees with changes that nobody merged. They are kept.
    pub worktrees: Vec<String>,
}

/// How one step ended that was run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepEnd {
    /// The value that it gave, or why it gave none.
    pub value: Result<Value, String>,
    /// The taint tags of the value.
    pub taint: Vec<String>,
}

/// Who used up what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// Each phase that used anything up, by title; the empty one is none.
    pub phases: Vec<(String, Share)>,
    /// The agents that used up most, by step: the most first.
    pub agents: Vec<(u32, String, Share)>,
}

/// What a phase or an agent used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Agents that were started.
    pub agents: u64,
    /// What models used up.
    pub usage: Usage,
    /// Bits through gate rules.
    pub bits: Bits,
}

/// The most agents whose use is listed; the journal has them all.
const MAX_SPENDERS: usize = 10;

impl Spending {
    pub(crate) fn of(budgets: &Budgets) -> Self {
        let share = |used: &Used| Share {
            agents: used.agents,
            usage: used.usage,
            bits: used.bits,
        };
        let is_some = |share: &Share| share.usage != Usage::default() || share.bits != Bits::ZERO;
        let phases = budgets
            .of_phases()
            .map(|(title, used)| (title.to_owned(), share(used)));
        let agents = budgets.of_agents();
        let agents = agents.map(|(step, name, used)| (step, name.to_owned(), share(used)));
        let mut agents: Vec<_> = agents.filter(|(_, _, share)| is_some(share)).collect();
        let most = |share: &Share| {
            (
                share.usage.cost_micros,
                share.usage.output_tokens,
                share.bits,
            )
        };
        agents.sort_by(|(one, _, first), (other, _, second)| {
            most(second).cmp(&most(first)).then(one.cmp(other))
        });
        agents.truncate(MAX_SPENDERS);
        Self {
            phases: phases.filter(|(_, share)| is_some(share)).collect(),
            agents,
        }
    }
}

/// One thing that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step, or the place in the input.
    pub place: String,
    /// What failed.
    pub message: String,
    /// The taint tags of these words; empty is trusted.
    pub taint: Vec<String>,
}

impl Failure {
    /// A failure that the host puts into words of its own.
    pub(crate) fn told(place: String, message: String) -> Self {
        Self {
            place,
            message,
            taint: Vec::new(),
        }
    }

    /// A failure of the workflow as a whole.
    pub(crate) fn of_workflow(message: String, taint: Vec<String>) -> Self {
        Self {
            place: "workflow".to_owned(),
            message,
            taint,
        }
    }
}

/// The bits that untrusted content could decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GateBits {
    /// In all.
    pub total: Bits,
    /// By channel: a gate rule's name, `count` or `outcome`.
    pub by_channel: Vec<(String, Bits)>,
    /// By payer: `item:N`, `run` or `many`.
    pub by_payer: Vec<(String, Bits)>,
    /// Of all, those whose price does not follow from their records, which are of an earlier
    /// version.
    pub unchecked: Bits,
}

impl Report {
    /// A run whose bits do not add up has failed, whatever it gave.
    pub(crate) fn miscounted(&mut self, differences: Vec<String>) {
        self.status = Status::Failed;
        let failures = differences
            .iter()
            .map(|difference| Failure::told("recount".to_owned(), difference.clone()));
        self.failures.extend(failures);
        self.miscounted = differences;
    }
}

impl GateBits {
    pub(crate) fn of(ledger: &Ledger, compiled: &Compiled) -> Self {
        let by_channel = ledger
            .by_channel()
            .map(|(channel, bits)| (channel_name(channel, compiled), bits))
            .collect();
        let mut by_payer: Vec<(String, Bits)> = Vec::new();
        for (payer, _, bits) in ledger.by_payer() {
            let name = payer_name(payer);
            match by_payer.last_mut() {
                Some((last, sum)) if *last == name => *sum = *sum + bits,
                _ => by_payer.push((name, bits)),
            }
        }
        Self {
            total: ledger.total(),
            by_channel,
            by_payer,
            unchecked: Bits::ZERO,
        }
    }
}

pub(crate) fn channel_name(channel: Channel, compiled: &Compiled) -> String {
    let name = match channel {
        Channel::Gate(gate) => {
            let name = compiled.gate_name(gate).unwrap_or("gate");
            ChannelName::Gate(name.to_owned())
        }
        Channel::Count => ChannelName::Count,
        Channel::Outcome => ChannelName::Outcome,
        Channel::Endorsement => ChannelName::Endorsement,
        Channel::Order => ChannelName::Order,
        Channel::Decision => ChannelName::Decision,
    };
    name.to_string()
}

/// Returns whether several agents ended and every one of them failed.
pub(crate) fn all_failed(tally: &Tally) -> bool {
    let ended: u64 = tally.phases.values().map(|(ended, _)| ended).sum();
    ended > 1 && failed(tally) == ended
}

/// Returns how many agents failed.
pub(crate) fn failed(tally: &Tally) -> u64 {
    tally.phases.values().map(|(_, failed)| failed).sum()
}

/// Says where every agent of a fan-out failed, or was refused: what the workflow made of their
/// answers was made of nothing. It names phases, which are the words of who started the agents.
pub(crate) fn lost(tally: &Tally) -> Option<Failure> {
    let lost = tally
        .phases
        .iter()
        .filter(|(_, (ended, failed))| *ended > 1 && ended == failed);
    let lost = lost.map(|(phase, (_, failed))| match phase.as_str() {
        "" => format!("all {failed} agents failed"),
        phase => format!("all {failed} agents of the phase {phase:?} failed"),
    });
    let refused = (tally.refused_agents > 0).then(|| {
        let refused = tally.refused_agents;
        format!("{refused} agents were refused, since `agents` in [budget] allows no more")
    });
    let lost: Vec<String> = lost.chain(refused).collect();
    let taint = tally.failures.iter().flat_map(|one| &one.taint);
    let taint: BTreeSet<&String> = taint.collect();
    let taint = taint.into_iter().cloned().collect();
    (!lost.is_empty()).then(|| Failure::of_workflow(lost.join("; "), taint))
}

/// Lists the effects that were not made because nothing is.
pub(crate) fn unmade(tally: &Tally) -> Vec<Failure> {
    let unmade = tally
        .unmade
        .iter()
        .map(|(step, function)| Failure::told(format!("step {step}"), function.clone()));
    unmade.collect()
}

/// Lists the failures in one place: items set aside first, then agents, then the workflow.
pub(crate) fn failures(
    refused: &[Refusal],
    tally: &Tally,
    workflow: Option<Failure>,
) -> Vec<Failure> {
    let items = refused
        .iter()
        .map(|refusal| Failure::told(refusal.place.clone(), refusal.message.clone()));
    let agents = tally.failures.iter().map(|failed| Failure {
        place: format!("step {}", failed.step),
        message: format!("{}: {}", failed.name, failed.message),
        taint: failed.taint.clone(),
    });
    items.chain(agents).chain(workflow).collect()
}
