//! Approvals: how a person lets one effect pass, on exact bytes, once.
//!
//! What the labels refuse and a rule puts to a person becomes a [`Pending`] effect. An
//! [`Approval`] that was given for exactly this call makes a permit of it. No guest can
//! make either: both come from the host's approval path alone.

use std::sync::Arc;

use super::effect::{EffectPermit, Excess, Judged};
use super::{Argument, Monitor};
use crate::capacity::Bits;
use crate::content::Content;
use crate::denial::Denial;
use crate::instance::{Handle, InstanceId};
use crate::label::{Label, Readers, TagSet};
use crate::origins::Origins;
use crate::tables::{ArgumentId, FunctionId, Verdict};

/// A cryptographic digest that the host computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

/// What an approval is bound to and the monitor cannot know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The run.
    pub run: Digest,
    /// The request's number, which no other request of the run has.
    pub request: u64,
    /// The arguments' names and bytes, in a canonical form.
    pub arguments: Digest,
    /// The rules that decided.
    pub rules: Digest,
}

/// Everything that an approval is bound to: it passes this call and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The run, the request, its bytes and its rules.
    pub terms: Terms,
    /// The function.
    pub function: FunctionId,
    /// Whom the call reaches.
    pub recipients: Readers,
    /// The join of the caller's label and the arguments'.
    pub label: Label,
}

/// An effect that waits for a person. Only the monitor makes one.
#[derive(Debug)]
pub struct Pending {
    judged: Judged,
}

impl Pending {
    /// Returns the function that is to be called.
    pub fn function(&self) -> FunctionId {
        self.judged.permit.function
    }

    pub(super) fn caller(&self) -> InstanceId {
        self.judged.permit.caller
    }

    /// Returns the join of the arguments' labels and the caller's.
    pub fn inputs(&self) -> Label {
        self.judged.permit.inputs
    }

    /// Returns whom the call reaches.
    pub fn recipients(&self) -> Readers {
        self.judged.permit.recipients
    }

    /// Returns what the labels refuse the call for.
    pub fn excess(&self) -> Excess {
        self.judged.excess
    }

    /// Returns the items that the call is made of.
    pub fn origins(&self) -> &Origins {
        &self.judged.permit.origins
    }

    /// Returns what an approval of this call has to be bound to.
    pub fn binding(&self, terms: Terms) -> Binding {
        Binding {
            terms,
            function: self.function(),
            recipients: self.recipients(),
            label: self.inputs(),
        }
    }
}

/// A person's word for one call. The monitor lets each request pass once.
#[derive(Debug)]
pub struct Approval {
    binding: Binding,
    person: Readers,
    expires: u64,
    endorsed: Option<Bits>,
}

impl Approval {
    /// Lets one call pass until a time. Its labels stay as they are.
    pub fn new(binding: Binding, person: Readers, expires: u64) -> Self {
        Self {
            binding,
            person,
            expires,
            endorsed: None,
        }
    }

    /// Lets one call pass and vouches for its bytes: they carry no taint any more. So many
    /// bits come down with them.
    #[must_use]
    pub fn endorsing(self, bits: Bits) -> Self {
        Self {
            endorsed: Some(bits),
            ..self
        }
    }
}

/// Why an approval lets nothing pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalRefusal {
    /// It was given for another call, for other bytes, under other labels or other rules.
    OtherCall,
    /// It was given too long ago.
    Expired,
    /// This request has passed already.
    Used,
    /// The person may not read what the call is made of.
    NotAReader,
}

/// A call that still waits, and why the approval did not let it pass.
#[derive(Debug)]
pub struct Unapproved {
    /// What was wrong with the approval.
    pub why: ApprovalRefusal,
    /// The call, which another approval may let pass.
    pub pending: Pending,
}

impl<P> Monitor<P> {
    /// Puts an effect to a person, where its rule does. The person must be one of its readers.
    pub fn ask(
        &self,
        caller: InstanceId,
        function: FunctionId,
        arguments: &[(ArgumentId, Argument)],
        recipients: Readers,
        person: Readers,
    ) -> Result<Pending, Denial> {
        let (judged, verdict) = self.judge(caller, function, arguments, recipients)?;
        match verdict {
            Verdict::AskOtherwise { .. } | Verdict::Ask { .. } => {}
            Verdict::Allow => return Err(Denial::NotGranted(function)),
        }
        pend(judged, person)
    }

    /// Takes a permit back and puts the call to a person: rules besides the tables may ask too.
    pub fn withhold(&self, permit: EffectPermit, person: Readers) -> Result<Pending, Denial> {
        let excess = Excess::NONE;
        pend(Judged { permit, excess }, person)
    }

    /// Hands out a content that a waiting call has as an argument, for the person to see.
    pub fn asked(&self, pending: &Pending, handle: Handle) -> Result<Arc<Content<P>>, Denial> {
        self.argument(&pending.judged.permit, handle)
    }

    /// Makes a permit of a waiting effect, where the approval was given for exactly it.
    /// `now` is in the same unit as the approval's time.
    pub fn approve(
        &mut self,
        pending: Pending,
        terms: Terms,
        approval: &Approval,
        now: u64,
    ) -> Result<EffectPermit, Box<Unapproved>> {
        if let Some(why) = self.refusal(&pending, terms, approval, now) {
            return Err(Box::new(Unapproved { why, pending }));
        }
        self.use_up(terms);
        let mut permit = pending.judged.permit;
        if let Some(bits) = approval.endorsed {
            self.ledger.endorse(&permit.origins, bits);
            permit.inputs.taint = TagSet::EMPTY;
            permit.origins = Origins::NONE;
        }
        self.set_going(&permit);
        Ok(permit)
    }

    pub(super) fn was_used(&self, terms: Terms) -> Option<ApprovalRefusal> {
        let used = self.approved.contains(&terms.request);
        used.then_some(ApprovalRefusal::Used)
    }

    pub(super) fn use_up(&mut self, terms: Terms) {
        self.approved.insert(terms.request);
    }

    pub(super) fn refusal(
        &self,
        pending: &Pending,
        terms: Terms,
        approval: &Approval,
        now: u64,
    ) -> Option<ApprovalRefusal> {
        if let Some(used) = self.was_used(terms) {
            Some(used)
        } else if approval.binding != pending.binding(terms) {
            Some(ApprovalRefusal::OtherCall)
        } else if now >= approval.expires {
            Some(ApprovalRefusal::Expired)
        } else if !approval.person.is_subset(pending.inputs().readers)
            || approval.person.is_nobody()
        {
            Some(ApprovalRefusal::NotAReader)
        } else {
            None
        }
    }
}

/// To be asked is to be shown what the call is made of.
fn pend(judged: Judged, person: Readers) -> Result<Pending, Denial> {
    let excess = person.without(judged.permit.inputs.readers);
    if !excess.is_nobody() {
        let function = judged.permit.function;
        return Err(Denial::Recipients { function, excess });
    }
    Ok(Pending { judged })
}
