//! What a child's end tells its parent: how it ended, when, and for how many bits.

use std::sync::Arc;

use super::Monitor;
use crate::capacity::Bits;
use crate::content::{Content, Facts, Media};
use crate::denial::Denial;
use crate::instance::{Choice, Handle, Held, InstanceId};
use crate::label::Label;
use crate::ledger::{Channel, Charge};
use crate::origins::Origins;

/// The ways a child can end as far as a parent below its clearance may know: a value,
/// none, unfit, failed.
const OUTCOMES: u128 = 4;

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
    /// The label of when it ended.
    pub(super) when: Label,
    /// What it set going and had not read when it started; nothing where it was not moved.
    pub(super) set_going: Label,
    /// What its answer shows where how it ended is not told, and all that it may show then.
    pub(super) reach: Label,
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

    /// Returns what its calls were made of besides, read or not.
    pub fn set_going(&self) -> Label {
        self.set_going
    }

    /// Returns the label of how it ended.
    pub fn knowledge(&self) -> Label {
        self.knowledge
    }

    /// Returns the label of when it ended: of all that it went on by. That it went on by this
    /// and no more is decided by what is below: who may know the label may know that.
    pub fn when(&self) -> Label {
        self.when
    }

    /// Returns whether how it ended, and what it spent, may tell of more than its parent knew:
    /// of what it read, or of what it only passed on.
    pub fn tells_more(&self) -> bool {
        self.rose || self.set_going != Label::BOTTOM
    }

    /// Returns whether what it set going is above all that its answer may show.
    fn is_beyond_reach(&self) -> bool {
        !self.set_going.flows_to(self.reach)
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
    /// Ends a child and takes its answer, which carries the child's label: that it is this
    /// value, or this one of the values it held, is the child's word.
    pub fn finish(&mut self, child: InstanceId, ending: Ending<P>) -> Result<Ended<P>, Denial> {
        let instance = self
            .instances
            .remove(&child)
            .ok_or(Denial::UnknownInstance)?;
        let mark = instance.mark();
        let own = Facts::flat(instance.current, instance.origins, Media::Json);
        // Why there is no value is decided by what was set going too.
        let failed = || {
            let label = instance.current.join(instance.moved_by());
            Facts::flat(label, instance.blamed(), Media::Json)
        };
        let (mut lent, mut media, mut chosen) = (Label::BOTTOM, None, None);
        let (kind, facts, payload) = match ending {
            Ending::Created(media, payload) => {
                (EndingKind::Value, Facts { media, ..own }, Arc::new(payload))
            }
            Ending::Held(handle, otherwise) => match instance.handed_back(handle) {
                Some(held) => {
                    lent = held.floor;
                    media = Some(held.media);
                    chosen = instance.part(handle);
                    let facts = held.content.facts.clone();
                    let facts = facts.raised(instance.current, &instance.origins);
                    (EndingKind::Value, facts, Arc::clone(&held.content.payload))
                }
                None => (EndingKind::Failed, failed(), Arc::new(otherwise)),
            },
            Ending::None(payload) => (EndingKind::None, failed(), Arc::new(payload)),
            Ending::Unfit(payload) => (EndingKind::Unfit, failed(), Arc::new(payload)),
            Ending::Failed(payload) => (EndingKind::Failed, failed(), Arc::new(payload)),
        };
        // The media type is the child's choice: it shows only where the label does.
        let media = if instance.rose {
            Media::Json
        } else {
            media.unwrap_or(facts.media)
        };
        let floor = instance.floor(kind == EndingKind::Value).join(lent);
        let content = self.content(facts, payload);
        Ok(Ended {
            kind,
            knowledge: instance.knowledge(),
            when: instance.goes_on_by(),
            set_going: instance.moved_by(),
            reach: instance.reach,
            held: Held {
                content,
                floor,
                media,
                choice: choice(instance.parts, chosen),
            },
            given: instance.given,
            origins: instance.origins,
            rose: instance.rose,
            mark,
        })
    }

    /// Tells the parent how a child ended: a gate of 2 bits where the child may have
    /// known more than the parent. From now on the parent goes on by when that was.
    ///
    /// `nothing` is what it holds where what decided the answer is beyond all that the answer
    /// may show: the same whatever that was.
    pub fn deliver(
        &mut self,
        parent: InstanceId,
        ended: Ended<P>,
        nothing: P,
    ) -> Result<Delivery, Denial> {
        let instance = self.instance(parent)?;
        let (pool, free) = (instance.pool, ended.knowledge.flows_to(instance.current));
        // Nothing may fail after the charge: the table has room, whatever is put there.
        self.check_room(parent, 1)?;
        self.instance_mut(parent)?.depend(ended.when);
        if free {
            let handle = self.hold(parent, ended.held)?;
            return Ok(Delivery::Outcome(ended.kind, handle, Bits::ZERO));
        }
        let charge = Charge {
            channel: Channel::Outcome,
            origins: &ended.given,
            bits: Bits::of_choices(OUTCOMES),
            per_item: self.tables.limits.outcome_bits_per_item,
            share: Bits::UNBOUNDED,
        };
        if let Ok(bits) = self.pay_for_end(pool, charge, ended.mark) {
            let kind = ended.kind;
            // A value says nothing of what the child only set going.
            let held = if kind == EndingKind::Value || !ended.is_beyond_reach() {
                ended.held
            } else {
                self.withheld(ended, nothing)
            };
            return Ok(Delivery::Outcome(kind, self.hold(parent, held)?, bits));
        }
        let held = self.sealed(ended, nothing);
        Ok(Delivery::Sealed(self.hold(parent, held)?))
    }

    /// What a parent holds that is not told how its child ended: nothing of it shows that, not
    /// even to who reads it and carries no more than the child had read.
    fn sealed(&mut self, ended: Ended<P>, nothing: P) -> Held<P> {
        if ended.set_going == Label::BOTTOM {
            return ended.held;
        }
        if ended.is_beyond_reach() {
            return self.withheld(ended, nothing);
        }
        let held = ended.held;
        let facts = held.content.facts.clone();
        let facts = facts.raised(ended.set_going, &ended.given);
        Held {
            content: self.content(facts, Arc::clone(&held.content.payload)),
            floor: held.floor.join(ended.reach),
            media: Media::Json,
            choice: held.choice,
        }
    }

    /// What a parent holds where the answer depends on more than it may show. A handle that
    /// showed more would tell what the child came to set going, which may be decided by what it
    /// read. That it went so far was decided by no more than its reach.
    fn withheld(&mut self, ended: Ended<P>, nothing: P) -> Held<P> {
        let origins = ended.origins.union(&ended.given);
        let facts = Facts::flat(ended.reach, origins, Media::Json);
        let among = (ended.held.choice).map_or_else(Vec::new, |choice| choice.among.clone());
        Held {
            content: self.content(facts, Arc::new(nothing)),
            floor: ended.held.floor.join(ended.reach),
            media: Media::Json,
            choice: choice(among, None),
        }
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
            share: Bits::UNBOUNDED,
        };
        let paid = self.pay_for_end(pool, charge, ended.mark);
        paid.map_err(|_overdrawn| Denial::GateRunBudget)
    }
}

pub(super) fn choice(among: Vec<Handle>, chosen: Option<usize>) -> Option<Arc<Choice>> {
    (!among.is_empty()).then(|| Arc::new(Choice { among, chosen }))
}
