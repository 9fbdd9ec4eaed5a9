//! What an earlier part of the run was charged: it counts, and is not charged twice.

use super::{Channel, Charge, Ledger, Payer, PoolId, payers};
use crate::capacity::Bits;

/// What a charge was for, the same in every part of a run: a content's bytes and a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The digest of the content's bytes; zeros where the answer is about no content.
    pub content: [u8; 32],
    /// The gate's type by its number, the greatest count, or the child's mark.
    pub question: u64,
}

/// A charge of an earlier part of the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PastCharge {
    /// The channel; `None` where the policy does not have the rule any more.
    pub channel: Option<Channel>,
    /// Against whom it was counted.
    pub payers: Vec<Payer>,
    /// How much, against each.
    pub bits: Bits,
    /// For what.
    pub subject: Subject,
    /// Whether it was taken from what was reserved for a child.
    pub reserved: bool,
}

impl Ledger {
    /// Counts a charge of an earlier part of the run, whatever the budgets are now. What a
    /// child spent is taken from what is reserved for it again, when it asks again.
    pub(crate) fn recall(&mut self, charge: PastCharge) {
        let from_run = !charge.reserved && charge.channel != Some(Channel::Endorsement);
        if let Some(run) = self.pools.first_mut().filter(|_| from_run) {
            run.spent = run.spent + charge.bits;
            let channels = charge.channel.into_iter();
            for key in channels.flat_map(|one| charge.payers.iter().map(move |who| (*who, one))) {
                let sum = run.by_payer.entry(key).or_default();
                *sum = *sum + charge.bits;
            }
        }
        self.total = self.total + charge.bits;
        if let Some(channel) = charge.channel {
            let sum = self.by_channel.entry(channel).or_default();
            *sum = *sum + charge.bits;
            for payer in &charge.payers {
                let sum = self.by_payer.entry((*payer, channel)).or_default();
                *sum = *sum + charge.bits;
            }
        }
        *self.credits.entry(charge).or_default() += 1;
    }

    /// Returns whether anything recalled was not asked again yet.
    pub(crate) fn has_credits(&self) -> bool {
        !self.credits.is_empty()
    }

    /// Takes the credit of a recalled charge that is asked again for the same.
    pub(crate) fn redeem(&mut self, pool: PoolId, charge: Charge<'_>, subject: Subject) -> bool {
        let past = PastCharge {
            channel: Some(charge.channel),
            payers: payers(charge.origins).collect(),
            bits: charge.bits,
            subject,
            reserved: pool != PoolId::RUN,
        };
        let Some(left) = self.credits.get_mut(&past) else {
            return false;
        };
        *left -= 1;
        if *left == 0 {
            self.credits.remove(&past);
        }
        true
    }
}
