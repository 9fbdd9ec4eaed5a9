//! A run that goes on: what an earlier part of it spent and what its children gave.
//!
//! Nothing here lowers anything: a recalled answer carries at least the label that it had,
//! and what was spent stays spent.

use std::sync::Arc;

use super::Monitor;
use super::end::choice;
use super::{Ended, EndingKind};
use crate::capacity::Bits;
use crate::content::{Content, Facts, Media};
use crate::denial::Denial;
use crate::instance::{Held, InstanceId};
use crate::label::Label;
use crate::ledger::{Charge, Overdrawn, PastCharge, PoolId, Subject};
use crate::origins::Origins;

/// What a child gave in an earlier part of the run, as it was recorded.
#[derive(Debug)]
pub struct Past<P> {
    /// How it ended.
    pub kind: EndingKind,
    /// What is known of its answer.
    pub facts: Facts,
    /// Its answer.
    pub payload: P,
    /// The media type that the answer showed.
    pub shown: Media,
    /// The least label that the answer showed.
    pub floor: Label,
    /// The label that the child had risen to.
    pub risen: Label,
    /// Whether it had known anything above what its parent knew.
    pub rose: bool,
    /// What its calls were made of besides, read or not.
    pub set_going: Label,
    /// Which of its parts it handed back.
    pub chosen: Option<usize>,
    /// The items that it had read.
    pub origins: Origins,
    /// The mark with which it was started then.
    pub mark: u64,
}

impl<P> Monitor<P> {
    /// Counts what an earlier part of the run has spent. Asked again for the same content and
    /// question it is not charged again; `identify` tells contents apart by their bytes and is
    /// asked only while something recalled is left to be asked again.
    pub fn recall_charges(
        &mut self,
        charges: impl IntoIterator<Item = PastCharge>,
        identify: fn(&P) -> [u8; 32],
    ) {
        self.identify = Some(identify);
        for charge in charges {
            self.ledger.recall(charge);
        }
    }

    /// Ends a child that was just started with what it gave in an earlier part of the run.
    ///
    /// The child's start, clearance and reach are those of the current policy; the recorded
    /// labels are joined with them. Where the child could not have risen so high under the
    /// current policy, it is refused and stays started.
    pub fn recall(&mut self, child: InstanceId, past: Past<P>) -> Result<Ended<P>, Denial> {
        let instance = self.instance(child)?;
        let risen = instance.current.join(past.risen);
        instance.check_rise(risen)?;
        let mut instance = self
            .instances
            .remove(&child)
            .ok_or(Denial::UnknownInstance)?;
        instance.rose |= past.rose || !risen.flows_to(instance.start);
        instance.set_going = instance.set_going.join(past.set_going);
        let gives_value = past.kind == EndingKind::Value;
        let decided_by = if gives_value {
            instance.current
        } else {
            instance.current.join(instance.moved_by())
        };
        let facts = past.facts.raised(decided_by, &Origins::NONE);
        let content = self.content(facts, Arc::new(past.payload));
        Ok(Ended {
            kind: past.kind,
            knowledge: instance.knowledge(),
            when: risen.join(instance.set_going),
            set_going: instance.moved_by(),
            reach: instance.reach,
            held: Held {
                content,
                floor: instance.floor(gives_value).join(past.floor),
                media: past.shown,
                choice: choice(instance.parts, past.chosen),
            },
            given: instance.given,
            origins: instance.origins.union(&past.origins),
            rose: instance.rose,
            mark: past.mark,
        })
    }

    /// Pays for an answer. One for which an earlier part of the run was charged is not counted
    /// again; it is taken from what was reserved again. Returns what was counted.
    pub(super) fn pay(
        &mut self,
        pool: PoolId,
        charge: Charge<'_>,
        content: &Content<P>,
        question: u64,
    ) -> Result<Bits, Overdrawn> {
        let identify = self.identify.filter(|_| self.ledger.has_credits());
        let subject = identify.map(|identify| Subject {
            content: identify(&content.payload),
            question,
        });
        self.settle(pool, charge, subject)
    }

    /// The same for what is about no content: how and when a child ended, told by its mark, and
    /// a decision, told by its number.
    pub(super) fn pay_for_end(
        &mut self,
        pool: PoolId,
        charge: Charge<'_>,
        mark: u64,
    ) -> Result<Bits, Overdrawn> {
        let subject = Subject {
            content: [0; 32],
            question: mark,
        };
        self.settle(pool, charge, Some(subject))
    }

    fn settle(
        &mut self,
        pool: PoolId,
        charge: Charge<'_>,
        subject: Option<Subject>,
    ) -> Result<Bits, Overdrawn> {
        if subject.is_some_and(|subject| self.ledger.redeem(pool, charge, subject)) {
            if pool != PoolId::RUN {
                self.ledger.draw(pool, charge)?;
            }
            return Ok(Bits::ZERO);
        }
        self.ledger.charge(pool, charge)?;
        Ok(charge.bits)
    }
}
