//! Gates: the one way in which content becomes a plain value at a lower label.
//!
//! What may be removed and who may remove it follows *robust declassification*
//! (Zdancewic and Myers, CSFW 2001): a caller that carries the taint itself has no
//! say in removing it, and one that knows the secret has none in releasing it.

use std::sync::Arc;

use super::Monitor;
use crate::capacity::Bits;
use crate::content::Content;
use crate::denial::Denial;
use crate::instance::{Handle, Instance, InstanceId};
use crate::label::{Label, TagSet};
use crate::ledger::{Channel, Charge, Overdrawn, PoolId};
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
        self.gate_within(caller, handle, gate, question, capacity, Bits::UNBOUNDED)
    }

    /// The same for a caller that has no more than `share` of the run's bits left: what would
    /// be charged past it is refused like what is past the run's. What an earlier part of the
    /// run was charged is in what is spent of the share, and is answered again.
    pub fn gate_within(
        &mut self,
        caller: InstanceId,
        handle: Handle,
        gate: GateId,
        question: u64,
        capacity: Bits,
        share: Bits,
    ) -> Result<GatePermit<P>, Denial> {
        let instance = self.instance(caller)?;
        if !instance.grants.has_gate(gate) {
            return Err(Denial::GateNotGranted(gate));
        }
        let rule = *self.tables.gate(gate).ok_or(Denial::GateNotGranted(gate))?;
        let held = instance.held(handle)?.clone();
        let shown = held.shown();
        let lowered = lowered(gate, rule, instance, shown)?;
        let free = shown.flows_to(instance.current);
        instance.check_rise(lowered)?;
        let content = held.content;
        let charged = if free {
            Bits::ZERO
        } else {
            let pool = instance.pool;
            self.charge_gate(pool, &content, gate, rule, question, (capacity, share))?
        };
        let instance = self.instance_mut(caller)?;
        instance.rise(lowered, lowered)?;
        instance.learn(lowered.taint, &content.facts.origins);
        Ok(GatePermit { content, charged })
    }

    /// Decides one gate of the type `part`: which of its own parts a child handed back. The
    /// capacity is that of their number and `invalid`, within the caller's `share`; the answer
    /// is the caller's own handle.
    pub fn gate_part(
        &mut self,
        caller: InstanceId,
        handle: Handle,
        gate: GateId,
        question: u64,
        share: Bits,
    ) -> Result<(Option<Handle>, GatePermit<P>), Denial> {
        let choice = self.held(caller, handle)?.choice.clone();
        let parts = choice.as_ref().map_or(0, |choice| choice.among.len());
        let capacity = Bits::of_choices(parts as u128 + 1);
        let permit = self.gate_within(caller, handle, gate, question, capacity, share)?;
        let chosen = choice.and_then(|choice| choice.among.get(choice.chosen?).copied());
        Ok((chosen, permit))
    }

    /// Returns among how many parts the child could choose whose answer this is.
    pub fn parts(&self, caller: InstanceId, handle: Handle) -> Result<usize, Denial> {
        let choice = &self.held(caller, handle)?.choice;
        Ok(choice.as_ref().map_or(0, |choice| choice.among.len()))
    }

    /// Hands out a list whose members a gate's type may name: one that the caller could read
    /// without rising, since which they are is part of the question.
    pub fn members(&self, caller: InstanceId, handle: Handle) -> Result<Arc<Content<P>>, Denial> {
        let instance = self.instance(caller)?;
        let held = instance.held(handle)?;
        let (label, clearance) = (held.shown(), instance.current);
        if !label.flows_to(clearance) {
            return Err(Denial::Clearance { label, clearance });
        }
        Ok(Arc::clone(&held.content))
    }

    fn charge_gate(
        &mut self,
        pool: PoolId,
        content: &Content<P>,
        gate: GateId,
        rule: GateRule,
        question: u64,
        (capacity, share): (Bits, Bits),
    ) -> Result<Bits, Denial> {
        let channel = Channel::Gate(gate);
        if (self.ledger).is_answered(pool, content.number, channel, question) {
            return Ok(Bits::ZERO);
        }
        let charge = Charge {
            channel,
            origins: &content.facts.origins,
            bits: capacity,
            per_item: rule.per_item,
            share,
        };
        let charged = self.pay(pool, charge, content, question);
        let charged = charged.map_err(|overdrawn| match overdrawn {
            Overdrawn::Item => Denial::GateItemBudget(gate),
            Overdrawn::Run => Denial::GateRunBudget,
        })?;
        self.ledger
            .remember(pool, content.number, channel, question);
        Ok(charged)
    }
}

/// Returns the label of what passes. Who carries a tag has no say in its removal, and who
/// knows a secret has none in telling those from whom it is kept.
fn lowered<P>(
    gate: GateId,
    rule: GateRule,
    instance: &Instance<P>,
    shown: Label,
) -> Result<Label, Denial> {
    let current = instance.current;
    let mut excess = current.taint & shown.taint & rule.removes;
    if !rule.releases.is_nobody() {
        // What is released is for who is trusted to say, and may be told it in any case.
        excess = excess | current.taint;
        instance.check_rise(Label {
            taint: TagSet::EMPTY,
            readers: shown.readers,
        })?;
    }
    if !excess.is_empty() {
        return Err(Denial::GateCaller { gate, excess });
    }
    let excess = rule.releases.without(current.readers);
    if !excess.is_nobody() {
        return Err(Denial::GateReaders { gate, excess });
    }
    Ok(Label {
        taint: shown.taint.without(rule.removes),
        readers: shown.readers | rule.releases,
    })
}
