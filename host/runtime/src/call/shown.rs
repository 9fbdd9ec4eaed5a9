//! What a person is shown of a call, what an approval of it is bound to, and what the journal
//! keeps of it.

use std::sync::atomic::Ordering;

use lazaret_journal::Blob;
use lazaret_kernel::ledger;
use lazaret_kernel::monitor::{Digest, Pending, Terms};
use lazaret_workflow::approval::AskedCall;
use lazaret_workflow::event::ArgumentRef;
use sha2::{Digest as _, Sha256};

use super::{Caller, Given, tree};
use crate::approval::{QUESTION_MS, Question};
use crate::bindings::types::Error as GuestError;
use crate::payload::Payload;
use crate::run::payer_name;
use crate::words;

/// A call or a question, as a person sees it.
pub(super) struct Shown {
    pub(super) values: Vec<(String, Payload)>,
    pub(super) call: AskedCall,
    pub(super) terms: Terms,
    pub(super) blobs: Vec<Blob>,
    /// Its number in its step.
    pub(super) number: u32,
}

impl Shown {
    /// Returns the question that is put to the person.
    pub(super) fn question(&self, run: String, item: u32) -> Question {
        let value = |(name, payload): &(String, Payload)| (name.clone(), payload.to_value());
        Question {
            run,
            item,
            call: self.call.clone(),
            arguments: self.values.iter().map(value).collect(),
        }
    }

    /// Returns how many bytes the arguments have.
    pub(super) fn bytes(&self) -> usize {
        self.values.iter().map(|(_, value)| length(value)).sum()
    }

    /// Returns how many bytes the arguments of a name have.
    pub(super) fn bytes_of(&self, name: &str) -> usize {
        let named = self.values.iter().filter(|(other, _)| other == name);
        named.map(|(_, value)| length(value)).sum()
    }

    /// Names the arguments' bytes.
    pub(super) fn subject(&self) -> String {
        hex(self.terms.arguments)
    }
}

impl Caller {
    /// Numbers a question of this caller's. A request of an orchestrator's has its own number:
    /// in which order several requests come here depends on what else runs.
    pub(super) fn number_question(&self) -> u32 {
        self.question
            .unwrap_or_else(|| self.asked.fetch_add(1, Ordering::Relaxed) | COUNTED)
    }

    pub(super) fn show(
        &self,
        function: &str,
        pending: &Pending,
        arguments: &[(String, Given)],
        question: u32,
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
                Given::Written(value) => (Payload::json(value.clone()), self.run.compiled.editor()),
                Given::Tree(label) => (tree::shown(), *label),
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
            number: question,
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
        let compiled = &run.compiled;
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
        let rules = compiled.function(pending.function());
        let address = rules.and_then(|rules| rules.recipients.as_ref());
        AskedCall {
            step: self.step,
            question: question & !COUNTED,
            function: function.to_owned(),
            arguments,
            label,
            recipients,
            untolerated: compiled.names.tag_names(excess.taint),
            unread_by: run.principals(excess.readers),
            origins: ledger::payers(pending.origins()).map(payer_name).collect(),
            rule,
            addressed_by: address.and_then(|pointer| pointer.segments().first().cloned()),
            editor: Some(run.label_text(compiled.editor())),
            binding: hex(hash(&[&bound.to_string()])),
            asked_ms: now,
            expires_ms: now.saturating_add(QUESTION_MS),
            in_doubt: None,
        }
    }
}

/// The bytes of a value as it is written: every one of them can say something.
fn length(value: &Payload) -> usize {
    value.to_json().len()
}

/// Tells counted questions apart from those that have the number of an orchestrator's request.
const COUNTED: u32 = 1 << 31;

/// In the order of their names: the order in which a guest names them says nothing.
pub(super) fn digest_arguments(arguments: &[ArgumentRef]) -> Digest {
    let mut named: Vec<&ArgumentRef> = arguments.iter().collect();
    named.sort_by(|one, other| one.name.cmp(&other.name));
    let pairs = named
        .iter()
        .flat_map(|argument| [argument.name.as_str(), argument.content.digest.as_str()]);
    hash(&pairs.collect::<Vec<_>>())
}

/// Each part with its length before it, so that no two lists give the same bytes.
pub(super) fn hash(parts: &[&str]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    Digest(hash.finalize().into())
}

pub(super) fn hex(digest: Digest) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest.0 {
        std::fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}")).ok();
    }
    text
}
