//! Effects that an earlier part of the run has made: their answers are given again, at the
//! label that the current policy gives them and never below the recorded one.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_policy::compiled::{FilesAct, FunctionKind};
use lazaret_policy::web::Method;
use lazaret_workflow::event::{Elsewhere, Event};
use lazaret_workflow::replay::{Found, OnMiss, PastEffect, Scope, effect_key};

use super::Caller;
use super::effect::{Intent, Made};
use crate::bindings::types::ToolDescription;
use crate::error::HostError;
use crate::payload::Payload;
use crate::plugin::digest;

impl Caller {
    /// Numbers an effect, and finds what an earlier part of the run has of it. The monitor
    /// has permitted it under the current policy.
    pub(super) fn find(&self, permit: &EffectPermit, intent: &Intent) -> (u32, Found<PastEffect>) {
        let arguments: Vec<(String, String)> = intent
            .arguments
            .iter()
            .map(|argument| (argument.name.clone(), argument.content.digest.clone()))
            .collect();
        let mut key = effect_key(&intent.function, &arguments);
        let kind = self.run.compiled.function(permit.function());
        if kind.is_some_and(|function| function.kind == FunctionKind::Print) {
            // What was printed is not kept, so that it is printed by each part.
            key.clear();
        }
        let scope = Scope {
            step: self.step,
            within: self.within,
        };
        self.run.replay().effect(scope, &key)
    }

    /// Returns whether this part of the run makes nothing that the journal does not have.
    /// Printing changes nothing outside.
    pub(super) fn may_not_make(&self, permit: &EffectPermit) -> bool {
        let function = self.run.compiled.function(permit.function());
        let prints = function.is_some_and(|function| function.kind == FunctionKind::Print);
        !prints && self.run.replay().settings().on_miss != OnMiss::Make
    }

    /// Gives what an effect is answered that is not made.
    pub(super) fn unmade(&self, function: &str, permit: &EffectPermit) -> Made {
        self.run
            .tally()
            .unmade
            .push((self.step, function.to_owned()));
        Made {
            ok: false,
            payload: Payload::failure("the journal does not have it, and nothing is made now"),
            facts: self.undeclared(permit, Label::BOTTOM),
            elsewhere: Elsewhere::No,
        }
    }

    /// Returns whether an effect that may have been made can be made again: it changes nothing
    /// outside, replaces the same thing by the same, or is led through what it has done.
    pub(super) fn may_repeat(&self, permit: &EffectPermit) -> bool {
        let function = self.run.compiled.function(permit.function());
        function.is_some_and(|function| match function.kind {
            FunctionKind::Mcp { .. } => false,
            FunctionKind::Files { act, .. } => act != FilesAct::Edit,
            FunctionKind::Command { ref group } => self.run.compiled.has_no_exit(group),
            FunctionKind::WebFetch { method, .. } => {
                matches!(method, Method::Get | Method::Head)
            }
            FunctionKind::Tool { .. }
            | FunctionKind::WebSearch
            | FunctionKind::Apply
            | FunctionKind::Worktree { .. }
            | FunctionKind::Code
            | FunctionKind::Model { .. }
            | FunctionKind::Person
            | FunctionKind::Print => true,
        })
    }

    /// Ends an effect in doubt without making it again: as one that was made and of whose answer
    /// nothing is known, or as one that failed, which the run says.
    pub(super) async fn left_in_doubt(
        &self,
        function: &str,
        permit: &EffectPermit,
        effect: u32,
        ok: bool,
    ) -> Result<Made, HostError> {
        let message = "it was begun before the run was interrupted, and may have been done; \
                       it is not done again";
        let payload = if ok {
            Payload::json(serde_json::Value::Null)
        } else {
            Payload::failure(message)
        };
        let label = self.run.monitor().answer_label(permit);
        let (answer, blob) = self.run.store(&payload, label)?;
        let event = Event::EffectDone {
            step: self.step,
            effect,
            ok,
            answer,
            facts: None,
            usage: None,
            elsewhere: Elsewhere::No,
            at_ms: self.run.now_ms(),
        };
        self.run.record(&event, vec![blob]).await?;
        if !ok {
            let failure = (
                self.step,
                format!("`{function}` is in doubt"),
                message.to_owned(),
            );
            self.run.tally().failures.push(failure);
        }
        Ok(Made {
            ok,
            payload,
            facts: self.undeclared(permit, Label::BOTTOM),
            elsewhere: Elsewhere::No,
        })
    }

    /// Gives the recorded answer.
    pub(super) fn recalled(
        &self,
        permit: &EffectPermit,
        past: &PastEffect,
    ) -> Result<Made, HostError> {
        let Some(answer) = &past.answer else {
            return Err(HostError::Internal("a recalled effect has no answer"));
        };
        let payload = self.run.load(&answer.digest)?;
        // The limit was kept when the answer first came; counted, it holds for what follows.
        self.holds_too_much(&payload);
        let label = self.run.label_of(&answer.label);
        let facts = match &answer.facts {
            Some(text) => {
                let mut facts = self.run.facts_of(text);
                self.vouch_again(permit, &payload, &mut facts);
                facts
            }
            None => self.undeclared(permit, label),
        };
        Ok(Made {
            ok: answer.ok,
            payload,
            facts,
            elsewhere: answer.elsewhere,
        })
    }

    /// Notes what an agent was told of its tools: what it does next may depend on it.
    pub(super) fn note_offer(&self, offered: &[ToolDescription]) {
        let known = self.offered.swap(true, Ordering::Relaxed);
        if self.step == 0 || known {
            return;
        }
        let event = Event::Offered {
            step: self.step,
            tools: offer(offered),
        };
        // Should it be lost, so is all that came later, and the step with it.
        drop(self.run.note(&event));
    }
}

/// Names what an agent was told of its tools.
pub(crate) fn offer(tools: &[ToolDescription]) -> String {
    let mut text = String::new();
    for tool in tools {
        let (function, description, schema) = (&tool.function, &tool.description, &tool.schema);
        write!(text, "{function:?}{description:?}{schema:?}").ok();
    }
    digest(text.as_bytes())
}
