//! What a run gave, for the command line and for machines.

pub use lazaret_kernel::capacity::Bits;
use lazaret_kernel::ledger::{Channel, Ledger};
use lazaret_policy::compiled::Compiled;
use lazaret_workflow::approval::Item;
use lazaret_workflow::event::LabelText;
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
    /// The taint tags of the result; empty is trusted.
    pub taint: Vec<String>,
    /// The label of the result, if there is one.
    pub label: Option<LabelText>,
    /// Agents started.
    pub started: u64,
    /// Agents that gave a value.
    pub completed: u64,
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
    /// What to do, where the run waits for a person.
    pub waiting: Option<String>,
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

/// One thing that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step, or the place in the input.
    pub place: String,
    /// What failed.
    pub message: String,
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
}

impl Report {
    /// A run whose bits do not add up has failed, whatever it gave.
    pub(crate) fn miscounted(&mut self, differences: Vec<String>) {
        self.status = Status::Failed;
        let failures = differences.iter().map(|difference| Failure {
            place: "recount".to_owned(),
            message: difference.clone(),
        });
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
        }
    }
}

pub(crate) fn channel_name(channel: Channel, compiled: &Compiled) -> String {
    match channel {
        Channel::Gate(gate) => compiled.gate_name(gate).unwrap_or("gate").to_owned(),
        Channel::Count => "count".to_owned(),
        Channel::Outcome => "outcome".to_owned(),
        Channel::Endorsement => "endorsement".to_owned(),
        Channel::Order => "order".to_owned(),
        Channel::Decision => "decision".to_owned(),
    }
}

/// Lists the effects that were not made because nothing is.
pub(crate) fn unmade(tally: &Tally) -> Vec<Failure> {
    let unmade = tally.unmade.iter().map(|(step, function)| Failure {
        place: format!("step {step}"),
        message: function.clone(),
    });
    unmade.collect()
}

/// Lists the failures in one place: items set aside first, then agents, then the workflow.
pub(crate) fn failures(
    refused: &[Refusal],
    tally: &Tally,
    workflow: Option<String>,
) -> Vec<Failure> {
    let items = refused.iter().map(|refusal| Failure {
        place: refusal.place.clone(),
        message: refusal.message.clone(),
    });
    let agents = tally.failures.iter().map(|(step, name, message)| Failure {
        place: format!("step {step}"),
        message: format!("{name}: {message}"),
    });
    let workflow = workflow.map(|message| Failure {
        place: "workflow".to_owned(),
        message,
    });
    items.chain(agents).chain(workflow).collect()
}
