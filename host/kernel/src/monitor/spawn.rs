//! Children: how one starts with no more than its parent, and what its end tells.

use std::sync::Arc;

use super::Monitor;
use crate::capacity::Bits;
use crate::content::{Content, Facts, Media};
use crate::denial::Denial;
use crate::instance::{Choice, Handle, Held, Instance, InstanceId};
use crate::label::Label;
use crate::ledger::{Channel, Charge};
use crate::origins::Origins;
use crate::tables::{Grants, ProfileId};

/// The ways a child can end as far as a parent below its clearance may know: a value,
/// none, unfit, failed.
const OUTCOMES: u128 = 4;

/// A child that was started.
#[derive(Debug)]
pub struct Spawned<P> {
    /// The child.
    pub child: InstanceId,
    /// The contents of the task's text, in order, which the child may see at once.
    pub text: Vec<Arc<Content<P>>>,
    /// The child's own handles of the parts, in order.
    pub parts: Vec<Handle>,
    /// The contents of the parts, by whose bytes the host finds again what a child gave.
    /// Nothing of them is for the child or the parent.
    pub held: Vec<Arc<Content<P>>>,
}

/// How a component ended, as the host saw it.
#[derive(Debug)]
pub enum Ending<P> {
    /// It returned a value of its own.
    Created(Media, P),
    /// It returned this handle; where it may not hand back such a content, it failed like this.
    Held(Handle, P),
    /// A person skipped or stopped it; the payload stands for no value.
    None(P),
    /// None of its attempts satisfied the schema that it was given for its answer.
    Unfit(P),
    /// It trapped, ran out of time or of a limit, returned a failure, or its model is dead.
    Failed(P),
}

/// How a child ended, as far as its parent may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndingKind {
    /// It gave a value.
    Value,
    /// It was skipped or stopped.
    None,
    /// Its answers missed their schema.
    Unfit,
    /// It failed.
    Failed,
}

/// A child that has ended, before its parent was told.
#[derive(Debug)]
pub struct Ended<P> {
    pub(super) kind: EndingKind,
    pub(super) held: Held<P>,
    /// The label of how it ended.
    pub(super) knowledge: Label,
    /// The items that it was given: against these its end is counted, as those that it read
    /// are its own secret.
    pub(super) given: Origins,
    pub(super) origins: Origins,
    pub(super) rose: bool,
    pub(super) mark: u64,
}

impl<P> Ended<P> {
    /// Returns how it ended.
    pub fn kind(&self) -> EndingKind {
        self.kind
    }

    /// Returns what it gave, for the journal.
    pub fn content(&self) -> &Content<P> {
        &self.held.content
    }

    /// Returns the items that it was given, against which its end is counted.
    pub fn given(&self) -> &Origins {
        &self.given
    }

    /// Returns the items that it had read.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// Returns the media type and the least label that its answer shows.
    pub fn shown(&self) -> (Media, Label) {
        (self.held.media, self.held.floor)
    }

    /// Returns which of its parts it handed back, for the journal.
    pub fn chosen(&self) -> Option<usize> {
        self.held.choice.as_ref().and_then(|choice| choice.chosen)
    }

    /// Returns whether it had known anything above what its parent knew.
    pub fn rose(&self) -> bool {
        self.rose
    }

    /// Returns the mark with which it was started.
    pub fn mark(&self) -> u64 {
        self.mark
    }
}

/// What the parent is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// How the child ended, and the handle of its answer or of its failure.
    Outcome(EndingKind, Handle, Bits),
    /// No bits are left: how it ended stays inside the handle.
    Sealed(Handle),
}

impl<P> Monitor<P> {
    /// Starts a child of a profile. The parent's label does not rise.
    ///
    /// `text` are the contents in the task's text: the child starts above them.
    pub fn spawn(
        &mut self,
        parent: InstanceId,
        profile: ProfileId,
        text: &[Handle],
        parts: &[Handle],
        mark: u64,
    ) -> Result<Spawned<P>, Denial> {
        let rule = *self.tables.profile(profile).ok_or(Denial::UnknownProfile)?;
        let instance = self.instance(parent)?;
        if !rule.grants.is_subset(&instance.grants) {
            return Err(Denial::SpawnGrants(profile));
        }
        let text = hold_all(instance, text)?;
        let own = parts.to_vec();
        let parts = hold_all(instance, parts)?;
        let start = text
            .iter()
            .fold(instance.current, |sum, held| sum.join(held.shown()));
        if !start.flows_to(rule.clearance) {
            return Err(Denial::SpawnClearance { profile, start });
        }
        let mut child = Instance::new(start, rule.clearance, rule.grants, mark);
        child.origins = text.iter().fold(instance.origins, |all, held| {
            all.union(&held.content.facts.origins)
        });
        child.rose = !start.flows_to(instance.current);
        child.given = parts.iter().fold(child.origins, |all, held| {
            all.union(&held.content.facts.origins)
        });
        let (pool, may_know_more) = (instance.pool, !rule.clearance.flows_to(instance.current));
        child.reach = self.reach(&child, &parts);
        child.pool = pool;
        let held = parts.iter().map(|part| Arc::clone(&part.content)).collect();
        let parts = parts
            .into_iter()
            .map(|part| {
                // What another child chose among is the parent's, and means nothing to this one.
                let part = Held {
                    choice: None,
                    ..part
                };
                child.hold(part, self.tables.limits.handles)
            })
            .collect::<Result<_, _>>()?;
        child.parts = own;
        if may_know_more {
            child.pool = self.ledger.reserve(pool, rule.reserve);
        }
        let child = self.add(child);
        let text = text.into_iter().map(|held| held.content).collect();
        Ok(Spawned {
            child,
            text,
            parts,
            held,
        })
    }

    /// A bound on what the child can hand back that depends on no byte: its clearance,
    /// what it holds from the start, and what its grants can bring in.
    pub(super) fn reach(&self, child: &Instance<P>, parts: &[Held<P>]) -> Label {
        parts
            .iter()
            .fold(child.clearance, |sum, part| sum.join(part.shown()))
            .join(self.sources(&child.grants))
    }

    /// What the granted functions can bring in.
    pub(super) fn sources(&self, grants: &Grants) -> Label {
        grants
            .functions()
            .filter_map(|function| self.tables.function(function))
            .fold(Label::BOTTOM, |sum, rule| sum.join(rule.source))
    }

    /// Ends a child and takes its answer, which carries the child's label: that it is this
    /// value, or this one of the values it held, is the child's word.
    pub fn finish(&mut self, child: InstanceId, ending: Ending<P>) -> Result<Ended<P>, Denial> {
        let instance = self
            .instances
            .remove(&child)
            .ok_or(Denial::UnknownInstance)?;
        let mark = instance.mark();
        let own = Facts::flat(instance.current, instance.origins, Media::Json);
        // That nothing above the start was read was decided at the start: it is free.
        let (knowledge, mut floor) = if instance.rose {
            (instance.clearance, instance.reach)
        } else {
            (instance.start, instance.start)
        };
        let (mut media, mut chosen) = (None, None);
        let (kind, facts, payload) = match ending {
            Ending::Created(media, payload) => {
                (EndingKind::Value, Facts { media, ..own }, Arc::new(payload))
            }
            Ending::Held(handle, otherwise) => match instance.handed_back(handle) {
                Some(held) => {
                    floor = floor.join(held.floor);
                    media = Some(held.media);
                    chosen = instance.part(handle);
                    let facts = held.content.facts.clone();
                    let facts = facts.raised(instance.current, &instance.origins);
                    (EndingKind::Value, facts, Arc::clone(&held.content.payload))
                }
                None => (EndingKind::Failed, own, Arc::new(otherwise)),
            },
            Ending::None(payload) => (EndingKind::None, own, Arc::new(payload)),
            Ending::Unfit(payload) => (EndingKind::Unfit, own, Arc::new(payload)),
            Ending::Failed(payload) => (EndingKind::Failed, own, Arc::new(payload)),
        };
        // The media type is the child's choice: it shows only where the label does.
        let media = if instance.rose {
            Media::Json
        } else {
            media.unwrap_or(facts.media)
        };
        let content = self.content(facts, payload);
        Ok(Ended {
            kind,
            held: Held {
                content,
                floor,
                media,
                choice: choice(instance.parts, chosen),
            },
            knowledge,
            given: instance.given,
            origins: instance.origins,
            rose: instance.rose,
            mark,
        })
    }

    /// Tells the parent how a child ended: a gate of 2 bits where the child may have
    /// known more than the parent.
    pub fn deliver(&mut self, parent: InstanceId, ended: Ended<P>) -> Result<Delivery, Denial> {
        let instance = self.instance(parent)?;
        let (pool, free) = (instance.pool, ended.knowledge.flows_to(instance.current));
        let handle = self.hold(parent, ended.held)?;
        let told = |bits| Delivery::Outcome(ended.kind, handle, bits);
        if free {
            return Ok(told(Bits::ZERO));
        }
        let charge = Charge {
            channel: Channel::Outcome,
            origins: &ended.given,
            bits: Bits::of_choices(OUTCOMES),
            per_item: self.tables.limits.outcome_bits_per_item,
        };
        let paid = self.pay_for_end(pool, charge, ended.mark);
        Ok(paid.map_or(Delivery::Sealed(handle), told))
    }

    /// Lets a child's end be told when it comes and not in the order of the start: that it is
    /// this one of so many outstanding is one of as many answers, also where it is the first.
    pub fn overtake(
        &mut self,
        parent: InstanceId,
        ended: &Ended<P>,
        outstanding: u32,
    ) -> Result<Bits, Denial> {
        let pool = self.instance(parent)?.pool;
        let budget = self.tables.limits.gate_bits;
        let charge = Charge {
            channel: Channel::Order,
            // It is as much the others' doing.
            origins: &Origins::many(),
            bits: Bits::of_choices(u128::from(outstanding)),
            per_item: budget,
        };
        let paid = self.pay_for_end(pool, charge, ended.mark);
        paid.map_err(|_overdrawn| Denial::GateRunBudget)
    }
}

pub(super) fn choice(among: Vec<Handle>, chosen: Option<usize>) -> Option<Arc<Choice>> {
    (!among.is_empty()).then(|| Arc::new(Choice { among, chosen }))
}

fn hold_all<P>(instance: &Instance<P>, handles: &[Handle]) -> Result<Vec<Held<P>>, Denial> {
    handles
        .iter()
        .map(|handle| instance.held(*handle).cloned())
        .collect()
}
