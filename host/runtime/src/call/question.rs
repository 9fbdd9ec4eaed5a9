//! A question to a person: shown with where each part came from, answered once.

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::monitor::{Approval, Argument, Pending};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::tables::{ArgumentId, FunctionId};
use lazaret_workflow::approval::{Said, Word};
use lazaret_workflow::event::Basis;
use serde_json::{Value, json};

use super::ask::Heard;
use super::shown::Shown;
use super::{Caller, Given};
use crate::approval::{ASK, MAX_QUESTION_BYTES, QUESTION};
use crate::bindings::turns;
use crate::bindings::types::{Error as GuestError, Leaf};
use crate::run::Asked;
use crate::words::{self, Limit};

/// What a person said to a question.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answered {
    Approved,
    Denied,
    /// Nobody answered in time.
    Expired,
    /// A text of the person's own.
    Edited(Handle),
}

impl Caller {
    /// Asks for an orchestrator.
    pub(crate) async fn ask_about(
        &self,
        question: turns::Question,
    ) -> Result<Answered, GuestError> {
        let parts = question.parts.into_iter();
        let parts = parts.map(|part| (part.name, Given::Content(Handle(part.content))));
        self.question(question.text, parts.collect()).await
    }

    /// Asks for who calls it as a function: `question` is the text, all else goes with it. The
    /// answer is a JSON value at the caller's label.
    pub(super) async fn ask_by_name(
        &self,
        mut arguments: Vec<(String, Given)>,
    ) -> Result<Handle, GuestError> {
        let at = arguments.iter().position(|(name, _)| name == QUESTION);
        let text = at.map(|at| arguments.remove(at).1);
        let Some(Given::Plain(Value::String(text))) = text else {
            let message = "`question` is a text that the caller writes; a content goes with it \
                           under another name";
            return Err(GuestError::Invalid(message.to_owned()));
        };
        let (answer, text) = match self.question(text, arguments).await? {
            Answered::Approved => ("approved", None),
            Answered::Denied => ("denied", None),
            Answered::Expired => ("expired", None),
            Answered::Edited(handle) => ("edited", Some(handle)),
        };
        let skeleton = json!({ "answer": answer, "text": null });
        let leaf = text.map(|text| Leaf {
            pointer: "/text".to_owned(),
            content: text.0,
        });
        self.compose_json(&skeleton.to_string(), leaf.as_slice())
    }

    async fn question(
        &self,
        text: String,
        parts: Vec<(String, Given)>,
    ) -> Result<Answered, GuestError> {
        self.keep(text.len())?;
        if text.len() > MAX_QUESTION_BYTES {
            let limit = words::limit(Limit::QuestionBytes, MAX_QUESTION_BYTES as u64);
            return Err(self.refuse(ASK, &limit));
        }
        let mut arguments = vec![(QUESTION.to_owned(), Given::Plain(Value::String(text)))];
        for (name, given) in parts {
            if arguments.iter().any(|(other, _)| *other == name) {
                return Err(GuestError::Invalid(format!("`{name}` is given twice")));
            }
            let written = match &given {
                Given::Plain(value) => crate::payload::size_of_json(value),
                Given::Content(_) | Given::Written(_) | Given::Tree(_) => 0,
            };
            self.keep(name.len() + written)?;
            arguments.push((name, given));
        }
        let Some(id) = self.run.compiled.function_id(ASK) else {
            return Err(self.refuse(ASK, &self.run.compiled.explain_not_granted(ASK)));
        };
        let _flight = self.flight.enter(self.run.waiting());
        let pending = self.put(id, &arguments)?;
        let shown = self.show(ASK, &pending, &arguments, self.number_question())?;
        let (item, heard) = self.hear(ASK, &shown).await?;
        let first = self.use_item(item).await?;
        let said = match heard {
            Heard::Said(said) => Some(said),
            Heard::Expired => None,
        };
        self.told(pending, &shown, said.as_ref(), first)?;
        self.answered(said)
    }

    /// Asks the monitor whether the question may be put. The first argument of the function is
    /// the question's text; every part is the second.
    fn put(&self, id: FunctionId, arguments: &[(String, Given)]) -> Result<Pending, GuestError> {
        let number = |at: usize| ArgumentId(u8::from(at > 0));
        let judged: Vec<(ArgumentId, Argument)> = arguments
            .iter()
            .enumerate()
            .map(|(at, (_, given))| (number(at), self.argument(given)))
            .collect();
        let operator = self.run.operator();
        self.act(ASK, |monitor, caller| {
            monitor.question(caller, id, &judged, operator)
        })
    }

    /// Counts what the answer tells, and narrows the caller to who may know it.
    fn told(
        &self,
        pending: Pending,
        shown: &Shown,
        said: Option<&Said>,
        first: bool,
    ) -> Result<(), GuestError> {
        let run = &self.run;
        let origins = *pending.origins();
        let now = run.approvals.now_ms();
        let word = said.map(|said| {
            let expires = if first { said.expires_ms } else { u64::MAX };
            Approval::new(pending.binding(shown.terms), run.operator(), expires)
        });
        let heard = run
            .monitor()
            .hear(pending, shown.terms, word.as_ref(), now, !first);
        let bits =
            heard.map_err(|_unapproved| self.refuse(ASK, &words::not_approved(ASK, "expired")))?;
        if bits == Bits::ZERO {
            return Ok(());
        }
        let asked = Asked {
            subject: shown.subject(),
            question: ASK.to_owned(),
            basis: Some(Basis::Word),
            ..Asked::default()
        };
        self.note_bits("endorsement", &origins, bits, asked)
    }

    fn answered(&self, said: Option<Said>) -> Result<Answered, GuestError> {
        let Some(said) = said else {
            return Ok(Answered::Expired);
        };
        Ok(match said.word {
            Word::Approved | Word::Endorsed => Answered::Approved,
            // What became of a call in doubt answers no question.
            Word::Denied | Word::Done | Word::Repeat => Answered::Denied,
            Word::Edited => Answered::Edited(self.written(&said)?),
        })
    }

    /// Gives the caller what the person wrote.
    fn written(&self, said: &Said) -> Result<Handle, GuestError> {
        let Some(edit) = said.edits.first() else {
            return Err(self.deny(ASK, Denial::UnknownHandle));
        };
        let text = self.run.load(&edit.content.digest);
        let text = text.map_err(|error| words::host_failed(&error))?;
        let facts = Facts::flat(self.run.compiled.editor(), Origins::NONE, Media::Text);
        self.act(ASK, |monitor, caller| monitor.admit(caller, facts, text))
    }
}
