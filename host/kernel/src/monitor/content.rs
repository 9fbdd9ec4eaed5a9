//! Acts on contents: create, describe, read, project, compose, split.

use std::sync::Arc;

use super::Monitor;
use crate::capacity::Bits;
use crate::content::{Content, Facts, Media};
use crate::denial::Denial;
use crate::instance::{Handle, InstanceId};
use crate::label::{Label, TagSet};
use crate::ledger::{Channel, Charge, PoolId};
use crate::pointer::Pointer;
use crate::tree::LabelTree;

impl<P> Monitor<P> {
    /// Makes a content at the caller's current label.
    pub fn create(
        &mut self,
        caller: InstanceId,
        media: Media,
        payload: P,
    ) -> Result<Handle, Denial> {
        let instance = self.instance(caller)?;
        let facts = Facts::flat(instance.current, instance.origins, media);
        self.give(caller, facts, payload, Label::BOTTOM)
    }

    /// Returns the media type and label that a handle shows.
    pub fn describe(&self, caller: InstanceId, handle: Handle) -> Result<(Media, Label), Denial> {
        let held = self.held(caller, handle)?;
        Ok((held.media, held.shown()))
    }

    /// Raises the caller's label and hands the content out.
    ///
    /// The decision uses the label that the handle shows; the caller rises to what the
    /// content really carries.
    pub fn read(&mut self, caller: InstanceId, handle: Handle) -> Result<Arc<Content<P>>, Denial> {
        let held = self.held(caller, handle)?.clone();
        let actual = held.content.facts.labels.joined();
        let instance = self.instance_mut(caller)?;
        instance.rise(held.shown(), actual)?;
        // Who reads an item's trusted field owes nothing to the item's author.
        instance.learn(actual.taint, &held.content.facts.origins);
        Ok(held.content)
    }

    /// Gives a handle of the value at `pointer`. The caller's label does not rise.
    pub fn project(
        &mut self,
        caller: InstanceId,
        handle: Handle,
        pointer: &Pointer,
        derive: impl FnOnce(&P) -> P,
    ) -> Result<Handle, Denial> {
        let held = self.held(caller, handle)?;
        let (facts, floor) = (held.content.facts.project(pointer), held.floor);
        let payload = derive(&held.content.payload);
        self.give(caller, facts, payload, floor)
    }

    /// Makes a value whose leaves are contents that the caller holds, read or not.
    ///
    /// A leaf without a pointer is a piece of a text; one with a pointer stands there
    /// in a JSON value and keeps its labels by field; `build` has to put it exactly there.
    pub fn compose(
        &mut self,
        caller: InstanceId,
        media: Media,
        leaves: &[(Option<Pointer>, Handle)],
        build: impl FnOnce(&[Arc<Content<P>>]) -> P,
    ) -> Result<Handle, Denial> {
        let instance = self.instance(caller)?;
        let held = leaves
            .iter()
            .map(|(_, handle)| instance.held(*handle))
            .collect::<Result<Vec<_>, _>>()?;
        let labels = match media {
            Media::Text => LabelTree::flat(
                held.iter()
                    .fold(instance.current, |sum, leaf| sum.join(leaf.shown())),
            ),
            Media::Json => LabelTree::composed(
                instance.current,
                leaves.iter().zip(&held).map(|((pointer, _), leaf)| {
                    let pointer = pointer.clone().unwrap_or_default();
                    (pointer, &leaf.content.facts.labels, leaf.floor)
                }),
            ),
        };
        let origins = held.iter().fold(instance.origins, |all, leaf| {
            all.union(&leaf.content.facts.origins)
        });
        let contents: Vec<_> = held.iter().map(|leaf| Arc::clone(&leaf.content)).collect();
        let facts = Facts {
            labels,
            origins,
            items: None,
            media,
        };
        self.give(caller, facts, build(&contents), Label::BOTTOM)
    }

    /// Gives a handle for each item of a list, at most `max`; how many there are is a
    /// gate of log₂(max + 1) bits where the list is above the caller. Returns the
    /// handles and the bits charged.
    ///
    /// Only the taint of the count is paid for: its readers stay, and the caller's
    /// label narrows to them. There has to be room for `max` handles, however many come: else
    /// a table that is nearly full would tell of the list's length.
    pub fn split(
        &mut self,
        caller: InstanceId,
        handle: Handle,
        max: u32,
        items: impl FnOnce(&P) -> Vec<P>,
    ) -> Result<(Vec<Handle>, Bits), Denial> {
        let held = self.held(caller, handle)?.clone();
        let structure = held.content.facts.labels.root().join(held.floor);
        self.check_room(caller, max)?;
        let bits = self.charge_count(caller, &held.content, structure, max)?;
        let payloads = items(&held.content.payload);
        let mut handles = Vec::new();
        for (index, payload) in payloads.into_iter().take(max as usize).enumerate() {
            let facts = held.content.facts.item(index);
            handles.push(self.give(caller, facts, payload, held.floor)?);
        }
        Ok((handles, bits))
    }

    fn charge_count(
        &mut self,
        caller: InstanceId,
        content: &Content<P>,
        structure: Label,
        max: u32,
    ) -> Result<Bits, Denial> {
        let readers_only = Label {
            taint: TagSet::EMPTY,
            readers: structure.readers,
        };
        let instance = self.instance_mut(caller)?;
        instance.check_rise(readers_only)?;
        if structure.taint.is_subset(instance.current.taint) {
            instance.rise(readers_only, readers_only)?;
            instance.learn(structure.taint, &content.facts.origins);
            return Ok(Bits::ZERO);
        }
        let pool = instance.pool;
        let bits = self.pay_count(pool, content, max)?;
        self.instance_mut(caller)?
            .rise(readers_only, readers_only)?;
        Ok(bits)
    }

    fn pay_count(&mut self, pool: PoolId, content: &Content<P>, max: u32) -> Result<Bits, Denial> {
        let question = u64::from(max);
        if (self.ledger).is_answered(pool, content.number, Channel::Count, question) {
            return Ok(Bits::ZERO);
        }
        let charge = Charge {
            channel: Channel::Count,
            origins: &content.facts.origins,
            bits: Bits::of_choices(u128::from(max) + 1),
            per_item: self.tables.limits.gate_bits,
            share: Bits::UNBOUNDED,
        };
        let bits = self.pay(pool, charge, content, question);
        let bits = bits.map_err(|_overdrawn| Denial::GateRunBudget)?;
        (self.ledger).remember(pool, content.number, Channel::Count, question);
        Ok(bits)
    }
}
