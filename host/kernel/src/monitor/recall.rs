//! A run that goes on: what an earlier part of it spent and what its children gave.
//!
//! Nothing here lowers anything: a recalled answer carries at least the label that it had,
//! and what was spent stays spent.

use std::sync::Arc;

use super::Monitor;
use super::spawn::choice;
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
        let rose = instance.rose || past.rose || !risen.flows_to(instance.start);
        let (knowledge, floor) = if rose {
            (instance.clearance, instance.reach)
        } else {
            (instance.start, instance.start)
        };
        let origins = instance.origins.union(&past.origins);
        let given = instance.given;
        let own = instance.current;
        let choice = choice(instance.parts.clone(), past.chosen);
        self.end(child);
        let content = self.content(
            past.facts.raised(own, &Origins::NONE),
            Arc::new(past.payload),
        );
        Ok(Ended {
            kind: past.kind,
            held: Held {
                content,
                floor: floor.join(past.floor),
                media: past.shown,
                choice,
            },
            knowledge,
            given,
            origins,
            rose,
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
