//! The one effect: decide, record the intent, perform, record the result, answer.

use std::sync::atomic::Ordering;

use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::monitor::{Argument, EffectPermit};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::ArgumentId;
use lazaret_policy::compiled::FunctionKind;
use lazaret_workflow::event::{ArgumentRef, Event};
use serde_json::Value;

use super::Caller;
use super::meter::MAX_HELD_BYTES;
use crate::bindings::types::Error as GuestError;
use crate::error::HostError;
use crate::payload::{self, Payload};
use crate::perform;
use crate::words;

/// An argument of an effect.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// Written by the caller.
    Plain(Value),
    /// A content that the caller holds.
    Content(Handle),
}

impl Caller {
    /// Makes one effect: decide, record the intent, perform, record the result, answer.
    pub(crate) async fn effect(
        &self,
        function: &str,
        arguments: Vec<(String, Given)>,
    ) -> Result<Handle, GuestError> {
        for (name, given) in &arguments {
            if let Given::Plain(value) = given {
                self.keep(name.len() + payload::size_of_json(value))?;
            }
        }
        let permit = self.permit(function, &arguments)?;
        let inputs = self.dereference(&permit, &arguments)?;
        let effect = self.effects.fetch_add(1, Ordering::Relaxed);
        self.intend(function, effect, &permit, &inputs)
            .await
            .map_err(|error| words::host_failed(&error))?;
        let result = perform::perform(self, &permit, inputs).await;
        let (ok, payload, facts) = match result {
            Ok(output) if self.holds_too_much(&output.payload) => {
                let failure = format!("the answers are more than `held-bytes` of {MAX_HELD_BYTES}");
                (false, Payload::failure(&failure), None)
            }
            Ok(output) => (true, output.payload, output.facts),
            Err(failure) => (false, Payload::failure(&failure), None),
        };
        let media = self.declared_media(&permit);
        let label = self.run.monitor().answer_label(&permit);
        let (answer, blob) = self
            .run
            .store(&payload, label)
            .map_err(|error| words::host_failed(&error))?;
        let event = Event::EffectDone {
            step: self.step,
            effect,
            ok,
            answer,
        };
        self.run
            .record(&event, vec![blob])
            .await
            .map_err(|error| words::host_failed(&error))?;
        if !ok && !permit.is_sealed() {
            return Err(GuestError::Failed(
                payload.project(&error_field()).to_text(),
            ));
        }
        let facts = facts.unwrap_or_else(|| Facts::flat(Label::BOTTOM, Origins::NONE, media));
        self.act(function, |monitor, _| {
            monitor.answer(&permit, facts, payload)
        })
    }

    /// Decides an effect, by names.
    pub(super) fn permit(
        &self,
        function: &str,
        arguments: &[(String, Given)],
    ) -> Result<EffectPermit, GuestError> {
        let compiled = &self.run.compiled;
        let Some(id) = compiled.function_id(function) else {
            return Err(self.refuse(function, &compiled.explain_not_granted(function)));
        };
        let mut judged: Vec<(ArgumentId, Argument)> = Vec::new();
        for (name, given) in arguments {
            let Some(argument) = compiled.argument_id(id, name) else {
                return Err(self.deny(function, Denial::UnknownArgument(id)));
            };
            if judged.iter().any(|(other, _)| *other == argument) {
                return Err(GuestError::Invalid(format!(
                    "the argument `{name}` is given twice"
                )));
            }
            judged.push((
                argument,
                match given {
                    Given::Plain(_) => Argument::Plain,
                    Given::Content(handle) => Argument::Content(*handle),
                },
            ));
        }
        self.act(function, |monitor, caller| {
            monitor.effect(caller, id, &judged, Readers::NOBODY)
        })
    }

    /// A file is text and everything else is JSON, whatever the bytes are.
    pub(super) fn declared_media(&self, permit: &EffectPermit) -> Media {
        let function = self.run.compiled.function(permit.function());
        match function.map(|function| &function.kind) {
            Some(FunctionKind::FilesRead { .. }) => Media::Text,
            _ => Media::Json,
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
                Given::Plain(value) => Payload::json(value.clone()),
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

    pub(super) async fn intend(
        &self,
        function: &str,
        effect: u32,
        permit: &EffectPermit,
        inputs: &[(String, Payload)],
    ) -> Result<(), HostError> {
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
        let event = Event::EffectIntended {
            step: self.step,
            effect,
            function: function.to_owned(),
            arguments,
        };
        self.run.record(&event, blobs).await
    }
}

fn error_field() -> Pointer {
    std::iter::once("error".to_owned()).collect()
}
