//! Effects that an earlier part of the run has made: their answers are given again, at the
//! label that the current policy gives them and never below the recorded one.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use lazaret_kernel::content::Facts;
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::EffectPermit;
use lazaret_kernel::tree::LabelTree;
use lazaret_policy::compiled::{FunctionKind, Outside};
use lazaret_workflow::event::{Elsewhere, Event};
use lazaret_workflow::replay::{Answer, Found, OnMiss, PastEffect, Scope, effect_key};

use super::Caller;
use super::effect::{Intent, Made};
use crate::bindings::types::ToolDescription;
use crate::error::HostError;
use crate::payload::Payload;
use crate::plugin::digest;
use crate::run::{Failed, Run};

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

    /// Returns whether an effect that may have been made can be made again.
    pub(super) fn may_repeat(&self, permit: &EffectPermit) -> bool {
        let compiled = &self.run.compiled;
        let function = compiled.function(permit.function());
        function.is_some_and(|one| compiled.outside(&one.kind) != Outside::EachTime)
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
            self.run.tally().failures.push(Failed {
                step: self.step,
                name: format!("`{function}` is in doubt"),
                message: message.to_owned(),
                taint: Vec::new(),
            });
        }
        Ok(Made {
            ok,
            payload,
            facts: self.undeclared(permit, Label::BOTTOM),
            elsewhere: Elsewhere::No,
        })
    }

    /// Gives the recorded answer. Where its fields have labels, each is joined with the one that
    /// the policy gives the field by now; a single label is joined by the monitor.
    pub(super) fn recalled(
        &self,
        permit: &EffectPermit,
        past: &PastEffect,
    ) -> Result<Made, HostError> {
        let Some(answer) = &past.answer else {
            return Err(HostError::Internal("a recalled effect has no answer"));
        };
        let payload = self.run.load(&answer.digest)?;
        let label = self.run.label_of(&answer.label);
        let facts = recorded(&self.run, answer, label);
        let mut facts = facts.unwrap_or_else(|| self.undeclared(permit, label));
        if !facts.labels.is_flat() {
            let now = self.run.answer_labels(&past.function);
            facts.labels = facts.labels.join(&now);
        }
        self.run.vouch_again(&past.function, &payload, &mut facts);
        Ok(Made {
            ok: answer.ok,
            payload: self.hold(payload, answer.digest.parse()?),
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

/// Returns by how much the labels that the policy gives a function's answers by now are above
/// those that were recorded of this one.
pub(crate) fn above_recorded(
    run: &Run,
    function: &str,
    answer: &Answer,
) -> Result<Label, HostError> {
    let now = run.answer_labels(function);
    let label = run.label_of(&answer.label);
    let Some(mut facts) = recorded(run, answer, label) else {
        return Ok(now.above(&LabelTree::flat(label)));
    };
    let above = now.above(&facts.labels);
    let Some(was) = vouched(&facts) else {
        return Ok(above);
    };
    let payload = run.load(&answer.digest)?;
    run.vouch_again(function, &payload, &mut facts);
    // An item whose principal is trusted no more carries what the others do.
    let are_trusted = vouched(&facts).unwrap_or_default() == was;
    Ok(if are_trusted {
        above
    } else {
        above.join(now.joined())
    })
}

/// Returns what was recorded of an answer where its source had declared anything. A tree of
/// labels says what the function adds; one label for all leaves it out, and the answer's has it.
fn recorded(run: &Run, answer: &Answer, label: Label) -> Option<Facts> {
    let mut facts = run.facts_of(answer.facts.as_ref()?);
    if facts.labels.is_flat() {
        facts.labels = LabelTree::flat(label);
    }
    Some(facts)
}

/// The numbers of the items whose principals are trusted.
fn vouched(facts: &Facts) -> Option<Arc<BTreeSet<u32>>> {
    let vouched = facts.items.as_ref()?.vouched.as_ref()?;
    Some(Arc::clone(&vouched.items))
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
