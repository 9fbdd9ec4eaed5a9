//! Decisions that must look: by content that the caller may not have read, such as how often
//! others have called. Telling one is a gate of one bit.

use super::Monitor;
use crate::capacity::Bits;
use crate::denial::Denial;
use crate::instance::InstanceId;
use crate::label::Label;
use crate::ledger::{Channel, Charge};
use crate::origins::Origins;

/// A decision is yes or no.
const ANSWERS: u128 = 2;

impl<P> Monitor<P> {
    /// Charges for telling the caller a decision that depends on content of this label, where
    /// the caller may not know it anyway. `question` stands for the decision: what an earlier
    /// part of the run was charged for it is not charged again.
    pub fn decide(
        &mut self,
        caller: InstanceId,
        about: Label,
        origins: &Origins,
        question: u64,
    ) -> Result<Bits, Denial> {
        let instance = self.instance(caller)?;
        if about.flows_to(instance.current) {
            return Ok(Bits::ZERO);
        }
        let pool = instance.pool;
        // An item pays for no more decisions than calls of others are made: the pool is the limit.
        let charge = Charge {
            channel: Channel::Decision,
            origins,
            bits: Bits::of_choices(ANSWERS),
            per_item: Bits::UNBOUNDED,
            share: Bits::UNBOUNDED,
        };
        self.pay_for_end(pool, charge, question)
            .map_err(|_overdrawn| Denial::GateRunBudget)
    }
}
