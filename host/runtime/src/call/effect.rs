//! The one effect: decide, record the intent, perform, record the result, answer.

use std::sync::Arc;

use lazaret_journal::Blob;
use lazaret_kernel::content::Facts;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::monitor::{Argument, EffectPermit, Pending};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentId, FunctionId};
use lazaret_policy::compiled::FunctionKind;
use lazaret_workflow::event::{ArgumentRef, Elsewhere, Event, Usage};
use lazaret_workflow::replay::Found;
use serde_json::Value;

use super::Caller;
use super::afford::Afforded;
use super::doubt::Settled;
use super::meter::{TOO_MUCH, is_too_much};
use super::ruled::Ruled;
use super::tree;
use crate::bindings::types::Error as GuestError;
use crate::error::HostError;
use crate::models::Patience;
use crate::payload::{self, Payload};
use crate::perform::{self, Failure, Output};
use crate::progress::Progress;
use crate::words;

/// An argument of an effect.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// Written by the caller.
    Plain(Value),
    /// A content that the caller holds.
    Content(Handle),
    /// Written by a person in the place of another.
    Written(Value),
    /// Every file of the run tree, as far as they are above what the function's rule grants.
    Tree(Label),
}

/// What an effect gave, now or in an earlier part of the run, before its caller is told.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) ok: bool,
    pub(super) payload: Payload,
    pub(super) facts: Facts,
    pub(super) elsewhere: Elsewhere,
}

impl Caller {
    /// Makes one effect: decide, record the intent, perform, record the result, answer.
    pub(crate) async fn effect(
        &self,
        function: &str,
        mut arguments: Vec<(String, Given)>,
    ) -> Result<Handle, GuestError> {
        for (name, given) in &arguments {
            if let Given::Plain(value) = given {
                self.keep(name.len() + payload::size_of_json(value))?;
            }
        }
        let _flight = self.flight.enter(self.run.waiting());
        self.add_tree(function, &mut arguments).await?;
        let permit = self.permit(function, &mut arguments).await?;
        let made = match self.ruled(function, &permit, &arguments)? {
            Ruled::Free(counted) => {
                let caller = Self {
                    counted: counted.map(Arc::new),
                    ..self.clone()
                };
                caller
                    .make_or_instead(function, &permit, &arguments)
                    .await?
            }
            Ruled::Sealed(payload) => Made {
                ok: false,
                payload,
                facts: self.undeclared(&permit, Label::BOTTOM),
                elsewhere: Elsewhere::No,
            },
        };
        // A failure that the run tree tells may be told at a label of its own.
        let told = made.facts.labels.joined();
        if !made.ok && !permit.is_sealed() && self.may_know(told) {
            let failure = made.payload.project(&error_field());
            return Err(GuestError::Failed(failure.to_text()));
        }
        self.act(function, |monitor, _| {
            monitor.answer(&permit, made.facts, made.payload)
        })
    }

    /// Makes what is permitted, or gives the answer of an earlier part of the run.
    pub(super) async fn make(
        &self,
        function: &str,
        permit: &EffectPermit,
        arguments: &[(String, Given)],
        patience: Patience,
    ) -> Result<Made, GuestError> {
        let inputs = self.dereference(permit, arguments)?;
        if is_too_much(&inputs) {
            return Ok(Made {
                ok: false,
                payload: Payload::failure(TOO_MUCH),
                facts: self.undeclared(permit, Label::BOTTOM),
                elsewhere: Elsewhere::No,
            });
        }
        let made = self.once(function, permit, inputs, patience).await;
        let made = made.map_err(|error| words::host_failed(&error))?;
        self.count_written(permit, &made);
        Ok(made)
    }

    /// Counts what a model wrote, also in an earlier part of the run: its answer says so.
    fn count_written(&self, permit: &EffectPermit, made: &Made) {
        let function = self.run.compiled.function(permit.function());
        let asks = function.is_some_and(|one| matches!(one.kind, FunctionKind::Model { .. }));
        let pointer: Pointer = ["usage", "output"].map(str::to_owned).into_iter().collect();
        if asks && made.ok {
            let written = made.payload.project(&pointer).to_value();
            self.watch().write(written.as_u64().unwrap_or(0));
        }
    }

    async fn once(
        &self,
        function: &str,
        permit: &EffectPermit,
        inputs: Vec<(String, Payload)>,
        patience: Patience,
    ) -> Result<Made, HostError> {
        let intent = self.intent(function, permit, &inputs)?;
        let (effect, found) = self.find(permit, &intent);
        let is_new = found == Found::Miss;
        match found {
            Found::Done(past) => return self.recalled(permit, &past),
            Found::InDoubt(_) | Found::Miss if self.may_not_make(permit) => {
                return Ok(self.unmade(function, permit));
            }
            Found::InDoubt(_) if !self.may_repeat(permit) => {
                match self.settle_doubt(permit, effect, &inputs, &intent).await? {
                    Settled::Repeat => {}
                    Settled::Done => {
                        return self.left_in_doubt(function, permit, effect, true).await;
                    }
                    Settled::Failed => {
                        return self.left_in_doubt(function, permit, effect, false).await;
                    }
                }
            }
            Found::InDoubt(_) | Found::Miss => {}
        }
        let afforded = self.afford(permit, &inputs).await;
        if is_new {
            self.intend(effect, intent).await?;
        }
        self.run.tell(&Progress::Doing {
            step: self.step,
            function: function.to_owned(),
        });
        let maker = Self {
            making: Some(effect),
            most_tokens: afforded.tokens(),
            ..self.clone()
        };
        let result = match afforded {
            Afforded::Refused(failure) => Err(failure),
            afforded => {
                let result = perform::perform(&maker, permit, inputs, patience).await;
                afforded.settle(used(&result));
                result
            }
        };
        let usage = used(&result);
        let (ok, payload, declared, elsewhere) = match result {
            // As a later part of the run will read it.
            Ok(output) => (true, output.payload.plain(), output.facts, Elsewhere::No),
            Err(failure) => {
                let payload = Payload::failure(&failure.message);
                let told = failure.label.map(|label| self.undeclared(permit, label));
                (false, payload, told, failure.elsewhere)
            }
        };
        let facts = declared.unwrap_or_else(|| self.declared_facts(permit, ok, &payload));
        let label = self.run.monitor().answer_label(permit);
        let label = label.join(facts.labels.joined());
        let (answer, blob) = self.run.store(&payload, label)?;
        let digest = blob.digest();
        let says_more = facts != self.undeclared(permit, Label::BOTTOM);
        let event = Event::EffectDone {
            step: self.step,
            effect,
            ok,
            answer,
            facts: says_more.then(|| self.run.facts_text(&facts)),
            usage,
            elsewhere,
            at_ms: self.run.now_ms(),
        };
        self.run.record(&event, vec![blob]).await?;
        Ok(Made {
            ok,
            payload: self.hold(payload, digest),
            facts,
            elsewhere,
        })
    }

    /// Whether this instance already carries everything of a label.
    fn may_know(&self, label: Label) -> bool {
        let current = self.run.monitor().current(self.instance);
        current.is_ok_and(|current| label.flows_to(current))
    }

    /// Decides an effect, by names. Where its rule asks a person, it waits for the person, who
    /// may put other values in the place of arguments.
    pub(super) async fn permit(
        &self,
        function: &str,
        arguments: &mut [(String, Given)],
    ) -> Result<EffectPermit, GuestError> {
        let compiled = &self.run.compiled;
        let Some(id) = compiled.function_id(function) else {
            return Err(self.refuse(function, &compiled.explain_not_granted(function)));
        };
        let judged = self.arguments(id, function, arguments)?;
        let named = self.named_recipients(id, arguments);
        let operator = self.run.operator();
        let decided = self.act(function, |monitor, caller| {
            match monitor.effect(caller, id, &judged, named) {
                Ok(permit) => Ok(Decided::Permitted(permit)),
                Err(Denial::NeedsApproval(_)) => monitor
                    .ask(caller, id, &judged, named, operator)
                    .map(Decided::Asked),
                Err(denial) => Err(denial),
            }
        })?;
        match decided {
            Decided::Permitted(permit) => Ok(permit),
            // Boxed, so that who asks nobody carries none of it along.
            Decided::Asked(pending) => {
                Box::pin(self.ask_person(function, pending, arguments)).await
            }
        }
    }

    /// Returns the arguments as the monitor knows them.
    pub(super) fn arguments(
        &self,
        id: FunctionId,
        function: &str,
        arguments: &[(String, Given)],
    ) -> Result<Vec<(ArgumentId, Argument)>, GuestError> {
        let mut judged: Vec<(ArgumentId, Argument)> = Vec::new();
        for (name, given) in arguments {
            let Some(argument) = self.run.compiled.argument_id(id, name) else {
                return Err(self.deny(function, Denial::UnknownArgument(id)));
            };
            if judged.iter().any(|(other, _)| *other == argument) {
                return Err(GuestError::Invalid(format!(
                    "the argument `{name}` is given twice"
                )));
            }
            judged.push((argument, self.argument(given)));
        }
        Ok(judged)
    }

    pub(super) fn argument(&self, given: &Given) -> Argument {
        match given {
            Given::Plain(_) => Argument::Plain,
            Given::Content(handle) => Argument::Content(*handle),
            Given::Written(_) => Argument::Written(self.run.compiled.editor()),
            Given::Tree(label) => Argument::Written(*label),
        }
    }

    /// Whom the call's own arguments name. A name that the policy does not have, and one that
    /// the caller has not written itself, may be anybody's.
    pub(super) fn named_recipients(
        &self,
        id: FunctionId,
        arguments: &[(String, Given)],
    ) -> Readers {
        let compiled = &self.run.compiled;
        let function = compiled.function(id);
        let Some(pointer) = function.and_then(|function| function.recipients.as_ref()) else {
            return Readers::NOBODY;
        };
        let (argument, rest) = match pointer.segments().split_first() {
            Some((argument, rest)) => (argument, rest.iter().cloned().collect::<Pointer>()),
            None => return Readers::STRANGER,
        };
        let principal = |name: &Value| {
            let known = name
                .as_str()
                .and_then(|name| compiled.names.find_reader(name));
            known.unwrap_or(Readers::STRANGER)
        };
        match arguments.iter().find(|(name, _)| name == argument) {
            None => Readers::NOBODY,
            Some((_, Given::Content(_) | Given::Tree(_))) => Readers::STRANGER,
            Some((_, Given::Plain(value) | Given::Written(value))) => {
                match value.pointer(&rest.to_string()) {
                    Some(Value::Array(names)) => names
                        .iter()
                        .fold(Readers::NOBODY, |all, name| all | principal(name)),
                    Some(name) => principal(name),
                    None => Readers::STRANGER,
                }
            }
        }
    }

    pub(super) fn dereference(
        &self,
        permit: &EffectPermit,
        arguments: &[(String, Given)],
    ) -> Result<Vec<(String, Payload)>, GuestError> {
        let mut inputs = Vec::new();
        for (name, given) in arguments {
            let payload = match given {
                Given::Plain(value) | Given::Written(value) => Payload::json(value.clone()),
                Given::Tree(_) => tree::shown(),
                Given::Content(handle) => {
                    let content = self.act("dereference", |monitor, _| {
                        monitor.argument(permit, *handle)
                    })?;
                    content.payload().clone()
                }
            };
            inputs.push((name.clone(), payload));
        }
        Ok(inputs)
    }

    /// What the journal and the replay know an effect by.
    fn intent(
        &self,
        function: &str,
        permit: &EffectPermit,
        inputs: &[(String, Payload)],
    ) -> Result<Intent, HostError> {
        let mut arguments = Vec::new();
        let mut blobs = Vec::new();
        for (name, payload) in inputs {
            let (content, blob) = self.run.store(payload, permit.inputs())?;
            arguments.push(ArgumentRef {
                name: name.clone(),
                content,
            });
            blobs.push(blob);
        }
        blobs.sort_by_key(|blob| *blob.digest().as_bytes());
        blobs.dedup_by_key(|blob| blob.digest());
        Ok(Intent {
            function: function.to_owned(),
            arguments,
            blobs,
        })
    }

    async fn intend(&self, effect: u32, intent: Intent) -> Result<(), HostError> {
        let event = Event::EffectIntended {
            step: self.step,
            effect,
            target: self.run.target(&intent.function),
            function: intent.function,
            arguments: intent.arguments,
            within: self.within,
            counted: self.counted.as_deref().cloned(),
            at_ms: self.run.now_ms(),
        };
        self.run.record(&event, intent.blobs).await
    }
}

/// What the monitor said of an effect that it did not refuse.
enum Decided {
    Permitted(EffectPermit),
    Asked(Pending),
}

/// An effect before it is made, in the journal's words.
#[derive(Debug)]
pub(super) struct Intent {
    pub(super) function: String,
    pub(super) arguments: Vec<ArgumentRef>,
    pub(super) blobs: Vec<Blob>,
}

fn error_field() -> Pointer {
    std::iter::once("error".to_owned()).collect()
}

/// What a model used up, attempts that gave no answer included.
fn used(result: &Result<Output, Failure>) -> Option<Usage> {
    match result {
        Ok(output) => output.usage,
        Err(failure) => failure.usage,
    }
}
