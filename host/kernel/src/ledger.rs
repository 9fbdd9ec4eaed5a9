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
    /// Which of several children ended first.
    Order,
    /// A decision by what the caller may not know.
    Decision,
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

/// From whose bits a charge is taken: the run's, or what was reserved for one child.
///
/// Who could be steered by what its parent does not know has a pool of its own, fixed when it
/// starts: what it spends there shows in nothing that anybody else is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PoolId(usize);

impl PoolId {
    /// The run's own bits.
    pub(crate) const RUN: Self = Self(0);
}

/// Bits that may be spent, and what was.
#[derive(Clone, Debug, Default)]
struct Pool {
    limit: Bits,
    spent: Bits,
    by_payer: BTreeMap<(Payer, Channel), Bits>,
    answered: BTreeSet<(u64, Channel, u64)>,
}

/// What has been charged so far in a run.
#[derive(Clone, Debug)]
pub struct Ledger {
    pools: Vec<Pool>,
    total: Bits,
    by_channel: BTreeMap<Channel, Bits>,
    by_payer: BTreeMap<(Payer, Channel), Bits>,
    credits: BTreeMap<PastCharge, u32>,
}

/// What is to be charged, and against whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge<'a> {
    pub(crate) channel: Channel,
    pub(crate) origins: &'a Origins,
    pub(crate) bits: Bits,
    /// The most bits of one payer through this channel and from this pool.
    pub(crate) per_item: Bits,
    /// The most that is left to who asks, whatever the pool has.
    pub(crate) share: Bits,
}

/// Which budget a charge would overdraw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdrawn {
    Item,
    Run,
}

impl Ledger {
    /// Returns a ledger of a run that may spend so many bits.
    pub(crate) fn new(limit: Bits) -> Self {
        let run = Pool {
            limit,
            ..Pool::default()
        };
        Self {
            pools: vec![run],
            total: Bits::ZERO,
            by_channel: BTreeMap::new(),
            by_payer: BTreeMap::new(),
            credits: BTreeMap::new(),
        }
    }

    /// Returns the bits charged in the whole run.
    pub fn total(&self) -> Bits {
        self.total
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

    /// Takes so many bits out of a pool, or what is left there, for a pool of their own. They
    /// are gone from there whether they are spent or not.
    pub(crate) fn reserve(&mut self, from: PoolId, bits: Bits) -> PoolId {
        let limit = self.pools.get_mut(from.0).map_or(Bits::ZERO, |pool| {
            let limit = bits.min(pool.limit.less(pool.spent));
            pool.spent = pool.spent + limit;
            limit
        });
        self.pools.push(Pool {
            limit,
            ..Pool::default()
        });
        PoolId(self.pools.len() - 1)
    }

    /// Returns how many bits were put into a pool.
    pub(crate) fn limit(&self, pool: PoolId) -> Bits {
        let pool = self.pools.get(pool.0);
        pool.map_or(Bits::ZERO, |pool| pool.limit)
    }

    /// Returns whether this content's answer under this type was already paid for from the same
    /// pool, by the same rule: another removes other tags and has a budget of its own.
    pub(crate) fn is_answered(
        &self,
        pool: PoolId,
        content: u64,
        channel: Channel,
        question: u64,
    ) -> bool {
        let pool = self.pools.get(pool.0);
        pool.is_some_and(|pool| pool.answered.contains(&(content, channel, question)))
    }

    /// Remembers that an answer was paid for, so that asking again is free.
    pub(crate) fn remember(&mut self, pool: PoolId, content: u64, channel: Channel, question: u64) {
        if let Some(pool) = self.pools.get_mut(pool.0) {
            pool.answered.insert((content, channel, question));
        }
    }

    /// Counts what a person vouched for. No budget limits a person's word, and it uses up
    /// none: the bits are told apart by their channel.
    pub(crate) fn endorse(&mut self, origins: &Origins, bits: Bits) {
        self.count(Channel::Endorsement, origins, bits);
    }

    /// Charges in full against every payer, or nothing if a budget would be overdrawn.
    pub(crate) fn charge(&mut self, pool: PoolId, charge: Charge<'_>) -> Result<(), Overdrawn> {
        if charge.bits > charge.share {
            return Err(Overdrawn::Run);
        }
        self.draw(pool, charge)?;
        self.count(charge.channel, charge.origins, charge.bits);
        Ok(())
    }

    /// Takes from a pool what is counted already.
    pub(crate) fn draw(&mut self, pool: PoolId, charge: Charge<'_>) -> Result<(), Overdrawn> {
        let pool = self.pools.get_mut(pool.0).ok_or(Overdrawn::Run)?;
        if overdraws(pool.spent + charge.bits, pool.limit) {
            return Err(Overdrawn::Run);
        }
        let sum = |payer| pool.charged(payer, charge.channel) + charge.bits;
        if payers(charge.origins).any(|payer| overdraws(sum(payer), charge.per_item)) {
            return Err(Overdrawn::Item);
        }
        pool.spent = pool.spent + charge.bits;
        for payer in payers(charge.origins) {
            let sum = pool.charged(payer, charge.channel) + charge.bits;
            pool.by_payer.insert((payer, charge.channel), sum);
        }
        Ok(())
    }

    fn count(&mut self, channel: Channel, origins: &Origins, bits: Bits) {
        for payer in payers(origins) {
            let sum = self.by_payer.entry((payer, channel)).or_default();
            *sum = *sum + bits;
        }
        let sum = self.by_channel.entry(channel).or_default();
        *sum = *sum + bits;
        self.total = self.total + bits;
    }
}

impl Pool {
    fn charged(&self, payer: Payer, channel: Channel) -> Bits {
        let charged = self.by_payer.get(&(payer, channel));
        charged.copied().unwrap_or_default()
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
