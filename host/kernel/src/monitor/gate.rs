//! Gates: the one way in which content becomes a plain value at a lower label.
//!
//! What may be removed and who may remove it follows *robust declassification*
//! (Zdancewic and Myers, CSFW 2001): a caller that carries the taint itself has no
//! say in removing it.

use std::sync::Arc;

use super::Monitor;
use crate::capacity::Bits;
use crate::content::Content;
use crate::denial::Denial;
use crate::instance::{Handle, InstanceId};
use crate::label::Label;
use crate::ledger::{Channel, Overdrawn};
use crate::tables::{GateId, GateRule};

/// The permission to give one content's value of a closed type to the caller.
#[derive(Debug)]
pub struct GatePermit<P> {
    content: Arc<Content<P>>,
    charged: Bits,
}

impl<P> GatePermit<P> {
    /// Returns the content whose value may pass.
    pub fn content(&self) -> &Arc<Content<P>> {
        &self.content
    }

    /// Returns the bits charged; none where it was answered before or not above the caller.
    pub fn charged(&self) -> Bits {
        self.charged
    }
}

impl<P> Monitor<P> {
    /// Decides one gate and charges its capacity, whatever the answer will be.
    ///
    /// `question` stands for the type: the same content and question are charged once by
    /// each rule. Number types in the order they come; a guest could find two types of
    /// one truncated digest.
    pub fn gate(
        &mut self,
        caller: InstanceId,
        handle: Handle,
        gate: GateId,
        question: u64,
        capacity: Bits,
    ) -> Result<GatePermit<P>, Denial> {
        let instance = self.instance(caller)?;
        if !instance.grants.has_gate(gate) {
            return Err(Denial::GateNotGranted(gate));
        }
        let rule = *self.tables.gate(gate).ok_or(Denial::GateNotGranted(gate))?;
        let held = instance.held(handle)?.clone();
        let shown = held.shown();
        let excess = instance.current.taint & shown.taint & rule.removes;
        if !excess.is_empty() {
            return Err(Denial::GateCaller { gate, excess });
        }
        let lowered = Label {
            taint: shown.taint.without(rule.removes),
            readers: shown.readers,
        };
        let free = shown.flows_to(instance.current);
        instance.check_rise(lowered)?;
        let content = held.content;
        let charged = if free {
            Bits::ZERO
        } else {
            self.charge_gate(&content, gate, rule, question, capacity)?
        };
        let instance = self.instance_mut(caller)?;
        instance.rise(lowered, lowered)?;
        instance.learn(lowered.taint, &content.facts.origins);
        Ok(GatePermit { content, charged })
    }

    fn charge_gate(
        &mut self,
        content: &Content<P>,
        gate: GateId,
        rule: GateRule,
        question: u64,
        capacity: Bits,
    ) -> Result<Bits, Denial> {
        let channel = Channel::Gate(gate);
        if self.ledger.is_answered(content.number, channel, question)
            || self.was_charged(content, channel, question, capacity)
        {
            return Ok(Bits::ZERO);
        }
        self.ledger
            .charge(
                channel,
                &content.facts.origins,
                capacity,
                rule.per_item,
                self.tables.limits.gate_bits,
            )
            .map_err(|overdrawn| match overdrawn {
                Overdrawn::Item => Denial::GateItemBudget(gate),
                Overdrawn::Run => Denial::GateRunBudget,
            })?;
        self.ledger.remember(content.number, channel, question);
        Ok(capacity)
    }
}
