//! What an earlier part of the run was charged: it counts, and is not charged twice.

use super::{Channel, Ledger, Payer, payers};
use crate::capacity::Bits;
use crate::origins::Origins;

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
}

impl Ledger {
    /// Counts a charge of an earlier part of the run, whatever the budgets are now.
    pub(crate) fn recall(&mut self, charge: PastCharge) {
        match charge.channel {
            Some(Channel::Endorsement) => self.endorsed = self.endorsed + charge.bits,
            _ => self.budgeted = self.budgeted + charge.bits,
        }
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
    pub(crate) fn redeem(
        &mut self,
        channel: Channel,
        origins: &Origins,
        bits: Bits,
        subject: Subject,
    ) -> bool {
        let charge = PastCharge {
            channel: Some(channel),
            payers: payers(origins).collect(),
            bits,
            subject,
        };
        let Some(left) = self.credits.get_mut(&charge) else {
            return false;
        };
        *left -= 1;
        if *left == 0 {
            self.credits.remove(&charge);
        }
        true
    }
}
