//! How many bits could untrusted content decide? Counted again, from the records alone.
//!
//! Naive on purpose, and no line of it is shared with the monitor's ledger: what one of the two
//! gets wrong, the other shows. It knows what a record says and how much each kind of answer can
//! carry, and nothing of policies, budgets or what was charged before. What an answer of a type
//! costs is computed from the type's text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::event::Event;

mod letters;
mod price;
mod values;

pub use price::Types;
use price::{Priced, Prices};

/// Bits in thousandths: in all, by gate and by payer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// In all.
    pub total: u64,
    /// By gate: a rule's name, `count`, `outcome` and others.
    pub by_gate: BTreeMap<String, u64>,
    /// By payer: `item:N`, `run` or `many`.
    pub by_payer: BTreeMap<String, u64>,
    /// Of all, those of older records, which do not say from what their price follows.
    pub unchecked: u64,
}

/// Where the records disagree with themselves, or with what somebody else counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// What was counted.
    pub what: String,
    /// Thousandths that are stated.
    pub stated: u64,
    /// Thousandths that were counted.
    pub counted: u64,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stated, counted) = (words(self.stated), words(self.counted));
        let what = &self.what;
        write!(f, "{what}: {stated} bits are stated, {counted} are counted")
    }
}

/// Counts all records of a run, in their order. `types` has the texts of the types that they name.
pub fn recount<'e>(
    events: impl IntoIterator<Item = &'e Event>,
    types: &Types,
) -> Result<Recount, Vec<Disagreement>> {
    let mut count = Recount::default();
    let mut wrong = Vec::new();
    let mut prices = Prices::new(types);
    for (event, number) in events.into_iter().zip(1u64..) {
        match event {
            Event::Gated {
                channel,
                payers,
                bits,
                question,
                basis,
                ..
            } => {
                count.add(channel, payers, *bits);
                let what = || format!("record {number}, gate {channel}");
                match prices.of(channel, question, *basis) {
                    Priced::At(price) => {
                        let right = price.instead_of(*bits);
                        wrong.extend(right.map(|right| disagreement(what(), *bits, right)));
                    }
                    Priced::Unsaid => count.unchecked = count.unchecked.saturating_add(*bits),
                    Priced::Wrongly => {
                        let what = what() + ": nothing has this price";
                        wrong.push(disagreement(what, *bits, 0));
                    }
                }
                if payers.iter().collect::<BTreeSet<_>>().len() != payers.len() || payers.is_empty()
                {
                    let what = format!("record {number}, gate {channel}: payers");
                    wrong.push(disagreement(what, *bits, 0));
                }
            }
            Event::RunFinished { bits, .. } if *bits != count.total => {
                let what = format!("record {number}, the run's end");
                wrong.push(disagreement(what, *bits, count.total));
            }
            _ => {}
        }
    }
    if wrong.is_empty() {
        Ok(count)
    } else {
        Err(wrong)
    }
}

impl Recount {
    /// Compares with what somebody else counted. A gate, and with it its payers, may be missing
    /// there where the policy does not have it any more: then `total` alone has all.
    pub fn compare(
        &self,
        total: u64,
        by_gate: &[(String, u64)],
        by_payer: &[(String, u64)],
    ) -> Vec<Disagreement> {
        let mut wrong = Vec::new();
        if total != self.total {
            wrong.push(disagreement("in all".to_owned(), total, self.total));
        }
        let stated = sums(by_gate);
        for (gate, stated) in &stated {
            let counted = self.by_gate.get(gate).copied().unwrap_or(0);
            if *stated != counted {
                wrong.push(disagreement(format!("gate {gate}"), *stated, counted));
            }
        }
        let complete = self.by_gate.keys().all(|gate| stated.contains_key(gate));
        let stated = sums(by_payer);
        let all = stated.keys().chain(self.by_payer.keys());
        let all: BTreeSet<&String> = all.filter(|_| complete).collect();
        for payer in all {
            let stated = stated.get(payer).copied().unwrap_or(0);
            let counted = self.by_payer.get(payer).copied().unwrap_or(0);
            if stated != counted {
                wrong.push(disagreement(payer.clone(), stated, counted));
            }
        }
        wrong
    }

    fn add(&mut self, gate: &str, payers: &[String], bits: u64) {
        self.total = self.total.saturating_add(bits);
        let sum = self.by_gate.entry(gate.to_owned()).or_default();
        *sum = sum.saturating_add(bits);
        for payer in payers {
            let sum = self.by_payer.entry(payer.clone()).or_default();
            *sum = sum.saturating_add(bits);
        }
    }
}

fn sums(all: &[(String, u64)]) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for (name, bits) in all {
        let sum: &mut u64 = sums.entry(name.clone()).or_default();
        *sum = sum.saturating_add(*bits);
    }
    sums
}

fn disagreement(what: String, stated: u64, counted: u64) -> Disagreement {
    Disagreement {
        what,
        stated,
        counted,
    }
}

fn words(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}
