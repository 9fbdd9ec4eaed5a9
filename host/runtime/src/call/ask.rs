//! An effect that a person has to let pass: shown, recorded, waited for, bound to its bytes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use lazaret_journal::Blob;
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::ledger;
use lazaret_kernel::monitor::{Approval, Digest, EffectPermit, Pending, Terms};
use lazaret_workflow::approval::{AskedCall, Said, Standing, Word};
use lazaret_workflow::event::ArgumentRef;
use sha2::{Digest as _, Sha256};

use super::{Caller, Given};
use crate::approval::{Entered, MAX_QUESTIONS, QUESTION_MS, Question};
use crate::bindings::types::Error as GuestError;
use crate::error::HostError;
use crate::payload::Payload;
use crate::run::{Asked, payer_name};
use crate::words;

/// What a call is made of, for the person and the journal.
struct Shown {
    values: Vec<(String, Payload)>,
    call: AskedCall,
    terms: Terms,
    blobs: Vec<Blob>,
}

impl Caller {
    /// Puts a call to a person, waits for the word, and makes a permit of it.
    pub(super) async fn ask_person(
        &self,
        function: &str,
        pending: Pending,
        arguments: &[(String, Given)],
    ) -> Result<EffectPermit, GuestError> {
        let shown = self.show(function, &pending, arguments)?;
        let failed = |error: HostError| words::host_failed(&error);
        let Some((item, said)) = self.enter(&shown).await.map_err(failed)? else {
            let most = u64::from(MAX_QUESTIONS);
            return Err(self.refuse(function, &words::limit("questions", most)));
        };
        let said = match said {
            Some(said) => said,
            None => self.await_word(item, &shown).await.map_err(failed)?,
        };
        self.take_word(function, pending, item, &shown, &said).await
    }

    /// Looks for a word that was said before, or records the question.
    async fn enter(&self, shown: &Shown) -> Result<Option<(u32, Option<Said>)>, HostError> {
        let run = &self.run;
        let now = run.approvals.now_ms();
        match run.approvals.enter(&run.writer, &shown.call)? {
            Entered::TooMany => Ok(None),
            Entered::Known(item) => {
                let said = match item.standing(now) {
                    Standing::Decided(_) | Standing::Used(_) => item.said,
                    Standing::Waiting | Standing::Expired => None,
                };
                Ok(Some((item.number, said)))
            }
            Entered::New(item, event) => {
                run.record(&event, shown.blobs.clone()).await?;
                Ok(Some((item, None)))
            }
        }
    }

    /// Waits for the person. Where none is there, the call waits until the run ends.
    async fn await_word(&self, item: u32, shown: &Shown) -> Result<Said, HostError> {
        let run = &self.run;
        let _paused = self.watch().pause();
        if let Some(person) = run.approvals.person() {
            let _asked = run.waiting().ask();
            let turn = run.approvals.turn().await;
            let question = Question {
                run: run.writer.id().to_string(),
                item,
                call: shown.call.clone(),
                arguments: values(&shown.values),
            };
            let person = Arc::clone(person);
            let word = tokio::task::spawn_blocking(move || person(&question)).await;
            drop(turn);
            let word = word.map_err(|_panic| HostError::Internal("the person's prompt ended"))?;
            if let Some(word) = word {
                let (said, event) = run.approvals.say(&run.writer, item, &shown.call, word)?;
                run.record(&event, Vec::new()).await?;
                return Ok(said);
            }
        }
        let _parked = run.waiting().park();
        std::future::pending().await
    }

    /// Turns a person's word into a permit, or into a refusal.
    async fn take_word(
        &self,
        function: &str,
        pending: Pending,
        item: u32,
        shown: &Shown,
        said: &Said,
    ) -> Result<EffectPermit, GuestError> {
        let run = &self.run;
        let used = run.approvals.used(&run.writer, item);
        let event = used.map_err(|error| words::host_failed(&error))?;
        let first = event.is_some();
        if let Some(event) = event {
            let recorded = run.record(&event, Vec::new()).await;
            recorded.map_err(|error| words::host_failed(&error))?;
        }
        if said.word == Word::Denied {
            return Err(self.refuse(function, &words::not_approved(function, "denied")));
        }
        // Once used, the call was let through in time: only a replay comes here again.
        let expires = if first { said.expires_ms } else { u64::MAX };
        let mut approval = Approval::new(pending.binding(shown.terms), run.operator(), expires);
        if said.word == Word::Endorsed {
            // An earlier part of the run has counted it, and that is remembered.
            let bits = if first {
                self.endorse(&pending, shown)?
            } else {
                Bits::ZERO
            };
            approval = approval.endorsing(bits);
        }
        let now = run.approvals.now_ms();
        let permit = run.monitor().approve(pending, shown.terms, &approval, now);
        permit
            .map_err(|_unapproved| self.refuse(function, &words::not_approved(function, "expired")))
    }

    /// Counts what a person vouches for: every bit of it.
    fn endorse(&self, pending: &Pending, shown: &Shown) -> Result<Bits, GuestError> {
        let bytes: usize = shown.values.iter().map(|(_, value)| value.bytes()).sum();
        let bits = Bits::whole(8).times(bytes as u64);
        let asked = Asked {
            subject: hex(shown.terms.arguments),
            question: shown.call.rule.clone(),
        };
        self.note_bits("endorsement", pending.origins(), bits, asked)?;
        Ok(bits)
    }

    fn show(
        &self,
        function: &str,
        pending: &Pending,
        arguments: &[(String, Given)],
    ) -> Result<Shown, GuestError> {
        let mut values = Vec::new();
        let mut references = Vec::new();
        let mut blobs: Vec<Blob> = Vec::new();
        for (name, given) in arguments {
            let (payload, label) = match given {
                Given::Plain(value) => {
                    let label = self.act("approval", |monitor, caller| monitor.current(caller))?;
                    (Payload::json(value.clone()), label)
                }
                Given::Content(handle) => self.act("approval", |monitor, caller| {
                    let content = monitor.asked(pending, *handle)?;
                    let (_, label) = monitor.describe(caller, *handle)?;
                    Ok((content.payload().clone(), label))
                })?,
            };
            let stored = self.run.store(&payload, label);
            let (content, blob) = stored.map_err(|error| words::host_failed(&error))?;
            if blobs.iter().all(|other| other.digest() != blob.digest()) {
                blobs.push(blob);
            }
            let name = name.clone();
            references.push(ArgumentRef {
                name: name.clone(),
                content,
            });
            values.push((name, payload));
        }
        let question = self.asked.fetch_add(1, Ordering::Relaxed);
        let rule = self.run.rule_words(pending);
        let terms = Terms {
            run: hash(&[self.run.writer.id().as_str()]),
            request: u64::from(self.step) << 32 | u64::from(question),
            arguments: digest_arguments(&references),
            rules: hash(&[&rule]),
        };
        let call = self.asked_call(function, pending, references, (question, rule), terms);
        Ok(Shown {
            values,
            call,
            terms,
            blobs,
        })
    }

    fn asked_call(
        &self,
        function: &str,
        pending: &Pending,
        arguments: Vec<ArgumentRef>,
        (question, rule): (u32, String),
        terms: Terms,
    ) -> AskedCall {
        let run = &self.run;
        let names = &run.compiled.names;
        let label = run.label_text(pending.inputs());
        let recipients = run.principals(pending.recipients());
        let now = run.approvals.now_ms();
        let excess = pending.excess();
        let bound = serde_json::json!([
            hex(terms.run),
            terms.request,
            hex(terms.arguments),
            hex(terms.rules),
            function,
            recipients,
            label,
        ]);
        AskedCall {
            step: self.step,
            question,
            function: function.to_owned(),
            arguments,
            label,
            recipients,
            untolerated: names.tag_names(excess.taint),
            unread_by: run.principals(excess.readers),
            origins: ledger::payers(pending.origins()).map(payer_name).collect(),
            rule,
            binding: hex(hash(&[&bound.to_string()])),
            asked_ms: now,
            expires_ms: now.saturating_add(QUESTION_MS),
        }
    }
}

fn values(all: &[(String, Payload)]) -> Vec<(String, serde_json::Value)> {
    let value = |(name, payload): &(String, Payload)| (name.clone(), payload.to_value());
    all.iter().map(value).collect()
}

/// In the order of their names: the order in which a guest names them says nothing.
fn digest_arguments(arguments: &[ArgumentRef]) -> Digest {
    let mut named: Vec<&ArgumentRef> = arguments.iter().collect();
    named.sort_by(|one, other| one.name.cmp(&other.name));
    let pairs = named
        .iter()
        .flat_map(|argument| [argument.name.as_str(), argument.content.digest.as_str()]);
    hash(&pairs.collect::<Vec<_>>())
}

/// Each part with its length before it, so that no two lists give the same bytes.
fn hash(parts: &[&str]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    Digest(hash.finalize().into())
}

fn hex(digest: Digest) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest.0 {
        std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}")).ok();
    }
    text
}
