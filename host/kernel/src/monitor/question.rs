//! Questions: a person answers in a word, or with a text of the person's own.
//!
//! A question is an effect that reaches the person. That its answer comes down to the caller
//! is the person's doing: it is counted, and only the taint is the person's to take away.

use super::Monitor;
use super::{Approval, ApprovalRefusal, Argument, Pending, Terms, Unapproved};
use crate::capacity::Bits;
use crate::denial::Denial;
use crate::instance::InstanceId;
use crate::label::{Label, Readers, TagSet};
use crate::tables::{ArgumentId, FunctionId};

/// The ways in which a question ends: approved, denied, expired, or answered in other words.
const ANSWERS: u128 = 4;

impl<P> Monitor<P> {
    /// Puts a question to a person, who must be one of its readers. The caller must be able
    /// to narrow to those who may read it: the answer is about it.
    pub fn question(
        &self,
        caller: InstanceId,
        function: FunctionId,
        arguments: &[(ArgumentId, Argument)],
        person: Readers,
    ) -> Result<Pending, Denial> {
        let pending = self.ask(caller, function, arguments, Readers::NOBODY, person)?;
        self.instance(caller)?.check_rise(told(&pending))?;
        Ok(pending)
    }

    /// Tells the caller how a question ended, once: in a person's word, or in none in time.
    /// Returns the bits that came down, none where an earlier part of the run has counted them.
    pub fn hear(
        &mut self,
        pending: Pending,
        terms: Terms,
        word: Option<&Approval>,
        now: u64,
        heard_before: bool,
    ) -> Result<Bits, Box<Unapproved>> {
        let why = match word {
            Some(word) => self.refusal(&pending, terms, word, now),
            None => self.was_used(terms),
        };
        if let Some(why) = why {
            return Err(Box::new(Unapproved { why, pending }));
        }
        let told = told(&pending);
        let Ok(instance) = self.instance_mut(pending.caller()) else {
            let why = ApprovalRefusal::OtherCall;
            return Err(Box::new(Unapproved { why, pending }));
        };
        let free = pending.inputs().flows_to(instance.current.join(told));
        instance.narrow(told.readers);
        self.use_up(terms);
        if free || heard_before {
            return Ok(Bits::ZERO);
        }
        let bits = Bits::of_choices(ANSWERS);
        self.ledger.endorse(pending.origins(), bits);
        Ok(bits)
    }

    /// Counts what a person wrote in the place of what a waiting call was made of.
    pub fn vouch(&mut self, pending: &Pending, bits: Bits) {
        self.ledger.endorse(pending.origins(), bits);
    }
}

/// What an answer tells of what was asked: all its taint is the person's to take away.
fn told(pending: &Pending) -> Label {
    Label {
        taint: TagSet::EMPTY,
        readers: pending.inputs().readers,
    }
}
