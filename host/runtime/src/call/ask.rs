//! An effect that a person has to let pass: shown, recorded, waited for, bound to its bytes.

use std::sync::Arc;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::monitor::{Approval, EffectPermit, Pending};
use lazaret_workflow::approval::{Said, Standing, Word};
use lazaret_workflow::event::Basis;

use super::shown::Shown;
use super::{Caller, Given};
use crate::approval::{self, Answer, Entered};
use crate::bindings::types::Error as GuestError;
use crate::error::HostError;
use crate::run::Asked;
use crate::words;

/// How a question stands when the run comes to it.
pub(super) enum Heard {
    /// A person has spoken, and whether this run goes on with it for the first time.
    Said(Said),
    /// Nobody spoke in time.
    Expired,
}

impl Caller {
    /// Puts a call to a person, waits for the word, and makes a permit of it. The arguments
    /// become those that the person let pass.
    pub(super) async fn ask_person(
        &self,
        function: &str,
        pending: Pending,
        arguments: &mut [(String, Given)],
    ) -> Result<EffectPermit, GuestError> {
        let shown = self.show(function, &pending, arguments, self.number_question())?;
        let (item, heard) = self.hear(function, &shown).await?;
        let said = match heard {
            Heard::Said(said) if said.word == Word::Denied => {
                self.use_item(item).await?;
                return Err(self.refuse(function, &words::not_approved(function, "denied")));
            }
            Heard::Said(said) => said,
            Heard::Expired => {
                return Err(self.refuse(function, &words::not_approved(function, "expired")));
            }
        };
        if said.word != Word::Edited {
            return self.take_word(function, pending, item, &shown, &said).await;
        }
        let (edited, shown) = self.edit(function, &pending, &shown, &said, arguments)?;
        let first = self.use_item(item).await?;
        if first {
            self.vouch(&pending, &said, &shown)?;
        }
        let now = self.run.approvals.now_ms();
        self.approve(function, edited, &shown, &said, (first, now), None)
    }

    /// Records a question, unless it is known from before, and waits for what becomes of it.
    pub(super) async fn hear(
        &self,
        function: &str,
        shown: &Shown,
    ) -> Result<(u32, Heard), GuestError> {
        let failed = |error: HostError| words::host_failed(&error);
        let run = &self.run;
        let now = run.approvals.now_ms();
        let entered = run.approvals.enter(&run.writer, &shown.call);
        let item = match entered.map_err(failed)? {
            Entered::TooMany(limit, most) => {
                return Err(self.refuse(function, &words::limit(limit, most)));
            }
            Entered::Known(item) => {
                let number = item.number;
                match (item.standing(now), item.said) {
                    (Standing::Decided(_) | Standing::Used(_), Some(said)) => {
                        return Ok((number, Heard::Said(said)));
                    }
                    (Standing::Expired, _) => return Ok((number, Heard::Expired)),
                    _ if item.used => return Ok((number, Heard::Expired)),
                    _ => number,
                }
            }
            Entered::New(item, event) => {
                let recorded = run.record(&event, shown.blobs.clone()).await;
                recorded.map_err(failed)?;
                item
            }
        };
        let said = self.await_word(item, shown).await.map_err(failed)?;
        Ok((item, Heard::Said(said)))
    }

    /// Waits for the person. Where none is there, the call waits until the run ends.
    pub(super) async fn await_word(&self, item: u32, shown: &Shown) -> Result<Said, HostError> {
        let run = &self.run;
        let _paused = self.watch().pause();
        if let Some(person) = run.approvals.person() {
            let _asked = run.waiting().ask();
            let turn = run.approvals.turn().await;
            let question = shown.question(run.writer.id().to_string(), item);
            let person = Arc::clone(person);
            let answer = tokio::task::spawn_blocking(move || person(&question)).await;
            drop(turn);
            let answer =
                answer.map_err(|_panic| HostError::Internal("the person's prompt ended"))?;
            if let Some(answer) = answer {
                return self.note_answer(item, shown, answer).await;
            }
        }
        let _parked = run.waiting().park();
        std::future::pending().await
    }

    /// Records what the person said, and the bytes of what the person wrote.
    async fn note_answer(
        &self,
        item: u32,
        shown: &Shown,
        answer: Answer,
    ) -> Result<Said, HostError> {
        let run = &self.run;
        let (word, written) = match answer {
            Answer::Word(word) => (word, Vec::new()),
            Answer::Edited(written) => (Word::Edited, written),
        };
        let editor = run.label_text(run.compiled.editor());
        let (edits, blobs) = approval::written(written, &editor)?;
        let (said, event) = run
            .approvals
            .say(&run.writer, item, &shown.call, word, edits)?;
        run.record(&event, blobs).await?;
        Ok(said)
    }

    /// Notes that the run goes on with an item. Returns whether it does so for the first time.
    pub(super) async fn use_item(&self, item: u32) -> Result<bool, GuestError> {
        let run = &self.run;
        let failed = |error: HostError| words::host_failed(&error);
        let event = run.approvals.used(&run.writer, item).map_err(failed)?;
        let first = event.is_some();
        if let Some(event) = event {
            run.record(&event, Vec::new()).await.map_err(failed)?;
        }
        Ok(first)
    }

    /// Turns a person's word into a permit.
    async fn take_word(
        &self,
        function: &str,
        pending: Pending,
        item: u32,
        shown: &Shown,
        said: &Said,
    ) -> Result<EffectPermit, GuestError> {
        let first = self.use_item(item).await?;
        // What comes too late lets nothing pass, and is not counted either.
        let now = self.run.approvals.now_ms();
        let is_late = first && now >= said.expires_ms;
        let endorsed = match said.word {
            _ if is_late => None,
            // An earlier part of the run has counted it, and that is remembered.
            Word::Endorsed if !first => Some(Bits::ZERO),
            Word::Endorsed => Some(self.endorse(&pending, shown)?),
            Word::Approved | Word::Edited | Word::Denied | Word::Done | Word::Repeat => None,
        };
        self.approve(function, pending, shown, said, (first, now), endorsed)
    }

    fn approve(
        &self,
        function: &str,
        pending: Pending,
        shown: &Shown,
        said: &Said,
        (first, now): (bool, u64),
        endorsed: Option<Bits>,
    ) -> Result<EffectPermit, GuestError> {
        let run = &self.run;
        // Once used, the call was let through in time: only a replay comes here again.
        let expires = if first { said.expires_ms } else { u64::MAX };
        let mut approval = Approval::new(pending.binding(shown.terms), run.operator(), expires);
        if let Some(bits) = endorsed {
            approval = approval.endorsing(bits);
        }
        let permit = run.monitor().approve(pending, shown.terms, &approval, now);
        permit
            .map_err(|_unapproved| self.refuse(function, &words::not_approved(function, "expired")))
    }

    /// Puts what the person wrote in the place of the arguments, and judges the call again:
    /// its bytes, its labels and its binding are others. Whom it reaches is what was shown.
    fn edit(
        &self,
        function: &str,
        pending: &Pending,
        shown: &Shown,
        said: &Said,
        arguments: &mut [(String, Given)],
    ) -> Result<(Pending, Shown), GuestError> {
        for edit in &said.edits {
            let written = self.run.load(&edit.content.digest);
            let written = written.map_err(|error| words::host_failed(&error))?;
            let mut written_over = arguments
                .iter_mut()
                .filter(|(_, given)| !matches!(given, Given::Tree(_)));
            let Some((_, given)) = written_over.find(|(name, _)| *name == edit.name) else {
                return Err(self.refuse(function, &words::not_approved(function, "edited")));
            };
            *given = Given::Written(written.to_value());
        }
        let id = pending.function();
        let judged = self.arguments(id, function, arguments)?;
        let named = self.named_recipients(id, arguments);
        let operator = self.run.operator();
        let edited = self.act(function, |monitor, caller| {
            // What the edit made harmless a person was asked about all the same.
            match monitor.effect(caller, id, &judged, named) {
                Ok(permit) => monitor.withhold(permit, operator),
                Err(Denial::NeedsApproval(_)) => monitor.ask(caller, id, &judged, named, operator),
                Err(denial) => Err(denial),
            }
        })?;
        if !edited.recipients().is_subset(pending.recipients()) {
            return Err(self.refuse(function, &words::not_approved(function, "edited")));
        }
        let shown = self.show(function, &edited, arguments, shown.number)?;
        Ok((edited, shown))
    }

    /// Counts what a person vouches for: every bit of it.
    fn endorse(&self, pending: &Pending, shown: &Shown) -> Result<Bits, GuestError> {
        let bytes = shown.bytes() as u64;
        let bits = Bits::whole(8).times(bytes);
        let asked = Asked {
            subject: shown.subject(),
            question: shown.call.rule.clone(),
            basis: Some(Basis::Bytes(bytes)),
            ..Asked::default()
        };
        self.note_bits("endorsement", pending.origins(), bits, asked)?;
        Ok(bits)
    }

    /// Counts what a person wrote after having seen what is tainted: it may be all of that.
    fn vouch(&self, pending: &Pending, said: &Said, edited: &Shown) -> Result<(), GuestError> {
        if pending.inputs().taint.is_empty() {
            return Ok(());
        }
        let names = said.edits.iter().map(|edit| edit.name.as_str());
        let bytes: usize = names.map(|name| edited.bytes_of(name)).sum();
        let bytes = bytes as u64;
        let bits = Bits::whole(8).times(bytes);
        self.run.monitor().vouch(pending, bits);
        let asked = Asked {
            subject: edited.subject(),
            question: edited.call.rule.clone(),
            basis: Some(Basis::Bytes(bytes)),
            ..Asked::default()
        };
        self.note_bits("endorsement", pending.origins(), bits, asked)
    }
}
