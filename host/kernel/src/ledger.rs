//! The ledger of bits: what untrusted content was able to decide, in all and by origin.

use std::collections::{BTreeMap, BTreeSet};

use crate::capacity::Bits;
use crate::origins::{Origin, Origins};
use crate::tables::GateId;

mod past;

pub use past::{PastCharge, Subject};

/// Through what a bit came down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A gate rule of the policy.
    Gate(GateId),
    /// The number of items of a list.
    Count,
    /// How a child ended.
    Outcome,
    /// A person vouched for the bytes.
    Endorsement,
}

/// Against whom a bit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payer {
    /// One source item.
    Item(Origin),
    /// Content that came from no item.
    Run,
    /// Content made of more items than are remembered.
    Many,
}

/// What has been charged so far in a run.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// What the run's budget limits.
    budgeted: Bits,
    /// What persons vouched for.
    endorsed: Bits,
    by_channel: BTreeMap<Channel, Bits>,
    by_payer: BTreeMap<(Payer, Channel), Bits>,
    answered: BTreeSet<(u64, Channel, u64)>,
    credits: BTreeMap<PastCharge, u32>,
}

/// Which budget a charge would overdraw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdrawn {
    Item,
    Run,
}

impl Ledger {
    /// Returns the bits charged in the whole run.
    pub fn total(&self) -> Bits {
        self.budgeted + self.endorsed
    }

    /// Returns the bits by channel, in channel order.
    pub fn by_channel(&self) -> impl Iterator<Item = (Channel, Bits)> {
        self.by_channel.iter().map(|(key, bits)| (*key, *bits))
    }

    /// Returns the bits by payer and channel, in that order.
    pub fn by_payer(&self) -> impl Iterator<Item = (Payer, Channel, Bits)> {
        self.by_payer
            .iter()
            .map(|((payer, channel), bits)| (*payer, *channel, *bits))
    }

    /// Returns whether this content's answer under this type was already paid for, by the
    /// same rule: another removes other tags and has a budget of its own.
    pub(crate) fn is_answered(&self, content: u64, channel: Channel, question: u64) -> bool {
        self.answered.contains(&(content, channel, question))
    }

    /// Remembers that an answer was paid for, so that asking again is free.
    pub(crate) fn remember(&mut self, content: u64, channel: Channel, question: u64) {
        self.answered.insert((content, channel, question));
    }

    /// Counts what a person vouched for. No budget limits a person's word, and it uses up
    /// none: the bits are told apart by their channel.
    pub(crate) fn endorse(&mut self, origins: &Origins, bits: Bits) {
        self.add(Channel::Endorsement, origins, bits);
        self.endorsed = self.endorsed + bits;
    }

    /// Charges `bits` in full against every payer, or nothing if a budget would be overdrawn.
    pub(crate) fn charge(
        &mut self,
        channel: Channel,
        origins: &Origins,
        bits: Bits,
        per_item: Bits,
        whole_run: Bits,
    ) -> Result<(), Overdrawn> {
        if overdraws(self.budgeted + bits, whole_run) {
            return Err(Overdrawn::Run);
        }
        if payers(origins).any(|payer| overdraws(self.charged(payer, channel) + bits, per_item)) {
            return Err(Overdrawn::Item);
        }
        self.add(channel, origins, bits);
        self.budgeted = self.budgeted + bits;
        Ok(())
    }

    fn add(&mut self, channel: Channel, origins: &Origins, bits: Bits) {
        for payer in payers(origins) {
            *self.by_payer.entry((payer, channel)).or_default() =
                self.charged(payer, channel) + bits;
        }
        let sum = self.by_channel.entry(channel).or_default();
        *sum = *sum + bits;
    }

    fn charged(&self, payer: Payer, channel: Channel) -> Bits {
        self.by_payer
            .get(&(payer, channel))
            .copied()
            .unwrap_or_default()
    }
}

/// A count that saturated is over every budget, an unbounded one included.
fn overdraws(sum: Bits, budget: Bits) -> bool {
    sum > budget || sum == Bits::UNBOUNDED
}

/// Returns against whom a charge for content of these origins is counted.
pub fn payers(origins: &Origins) -> impl Iterator<Item = Payer> + use<'_> {
    let nobody = origins.items().is_empty();
    let rest = nobody.then_some(if origins.is_many() {
        Payer::Many
    } else {
        Payer::Run
    });
    origins.items().iter().copied().map(Payer::Item).chain(rest)
}
