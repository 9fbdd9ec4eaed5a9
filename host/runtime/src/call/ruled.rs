//! Rules over a call's arguments: asked when the labels have permitted it, before it is made.
//!
//! A rule looks at bytes, so that what it says may tell of them. Where the caller has read the
//! arguments, or written them, it is told. Where it has not, the labels seal the answer, and a
//! refusal stays inside of it like any other failure. How often a function was called may tell
//! of what others have read: to say that costs a bit, where the caller may not know it anyway.

use std::sync::atomic::Ordering;

use lazaret_kernel::monitor::EffectPermit;
use lazaret_policy::rules::{Call, CallRule, Principal, Ruling};
use lazaret_workflow::event::{Counted, Event};
use lazaret_workflow::replay::{Scope, effect_key};
use serde_json::Value;

use super::{Caller, Given};
use crate::bindings::types::Error as GuestError;
use crate::payload::Payload;
use crate::remembered::origins_text;
use crate::run::Asked;
use crate::words;

/// What became of a permitted call.
pub(super) enum Ruled {
    /// It is made; what the journal notes of it, where calls are counted.
    Free(Option<Counted>),
    /// It is not made, and its caller may only learn that from the answer.
    Sealed(Payload),
}

/// A call as its rule sees it.
struct Looked<'a> {
    function: &'a str,
    values: Vec<(&'a str, Value)>,
    /// Whether the caller does not know one of them.
    unread: bool,
}

impl Caller {
    /// Asks the rule over the arguments of a permitted call, if its function has one.
    pub(super) fn ruled(
        &self,
        function: &str,
        permit: &EffectPermit,
        arguments: &[(String, Given)],
    ) -> Result<Ruled, GuestError> {
        let Some(rule) = self.run.compiled.call_rules.get(&permit.function()) else {
            return Ok(Ruled::Free(None));
        };
        let inputs = self.dereference(permit, arguments)?;
        let mut looked = Looked {
            function,
            values: Vec::new(),
            unread: false,
        };
        for ((name, given), (_, payload)) in arguments.iter().zip(&inputs) {
            if rule.looks_at(name) {
                looked.unread |= !self.knows(given)?;
                looked.values.push((name, payload.to_value()));
            }
        }
        let (ruling, counted) = if rule.counts() {
            let (ruling, counted) = self.count(rule, permit, &looked, &inputs)?;
            (ruling, Some(counted))
        } else {
            (self.ask_rule(rule, &looked, 0), None)
        };
        let why = match ruling {
            Ruling::Permitted => return Ok(Ruled::Free(counted)),
            Ruling::Forbidden(why) => why,
        };
        let explained = self.run.compiled.explain_rule(function, &why);
        // The operator sees every refusal; the caller sees what it may.
        let refused = self.refuse(function, &explained);
        if looked.unread && permit.is_sealed() {
            return Ok(Ruled::Sealed(Payload::failure(&explained.message)));
        }
        Err(refused)
    }

    /// Whether the caller knows an argument: it wrote it, or may read it without rising.
    fn knows(&self, given: &Given) -> Result<bool, GuestError> {
        let label = match given {
            Given::Plain(_) => return Ok(true),
            Given::Content(handle) => self.describe(*handle)?.1,
            Given::Written(_) => self.run.compiled.editor(),
            Given::Tree(label) => *label,
        };
        let current = self.act("rule", |monitor, caller| monitor.current(caller))?;
        Ok(label.flows_to(current))
    }

    /// Decides by the number of calls, and counts this one, without another in between.
    fn count(
        &self,
        rule: &CallRule,
        permit: &EffectPermit,
        looked: &Looked<'_>,
        inputs: &[(String, Payload)],
    ) -> Result<(Ruling, Counted), GuestError> {
        let mut counters = self.run.counters();
        let counter = counters.entry(permit.function()).or_default();
        let number = self.ruled.fetch_add(1, Ordering::Relaxed);
        let question = format!("{} {number}", self.step);
        let bits = self.act(looked.function, |monitor, caller| {
            let asked = self.run.question(question.clone());
            monitor.decide(caller, counter.label, &counter.origins, asked)
        })?;
        let asked = Asked {
            subject: String::new(),
            question,
            reserved: self.spends_its_own(),
            ..Asked::default()
        };
        self.note_bits("decision", &counter.origins, bits, asked)?;
        let recorded = self.recorded(looked.function, inputs);
        let calls = recorded.unwrap_or(counter.calls);
        let ruling = self.ask_rule(rule, looked, calls);
        let counted = Counted {
            calls,
            label: self.run.label_text(permit.inputs()),
            origins: origins_text(permit.origins()),
        };
        counter.label = counter.label.join(permit.inputs());
        counter.origins = counter.origins.union(permit.origins());
        if ruling == Ruling::Permitted {
            // One of an earlier part is in the number already.
            counter.calls += u64::from(recorded.is_none());
        } else {
            let event = Event::Ruled {
                step: self.step,
                function: looked.function.to_owned(),
                counted: counted.clone(),
            };
            let noted = self.run.note(&event);
            noted.map_err(|error| words::host_failed(&error))?;
        }
        Ok((ruling, counted))
    }

    /// How many calls there were before this one, where an earlier part of the run has made it.
    fn recorded(&self, function: &str, inputs: &[(String, Payload)]) -> Option<u64> {
        let arguments: Vec<(String, String)> = inputs
            .iter()
            .map(|(name, payload)| (name.clone(), payload.digest()))
            .collect();
        let scope = Scope {
            step: self.step,
            within: self.within,
        };
        let replay = self.run.replay();
        let effect = replay.recorded(scope, &effect_key(function, &arguments))?;
        Some(effect.calls.unwrap_or(0))
    }

    fn ask_rule(&self, rule: &CallRule, looked: &Looked<'_>, calls: u64) -> Ruling {
        let values: Vec<(&str, &Value)> = looked
            .values
            .iter()
            .map(|(name, value)| (*name, value))
            .collect();
        let workflow = self.run.compiled.workflow.as_ref();
        let principal = match self.about.profile.as_str() {
            "" => Principal::Workflow(workflow.map_or("script", |one| one.name.as_str())),
            profile => Principal::Profile(profile),
        };
        let told = if rule.has_schema() {
            Value::Null
        } else {
            self.run.told_schema(looked.function)
        };
        rule.decide(Call {
            function: looked.function,
            principal,
            arguments: &values,
            calls,
            told: &told,
        })
    }
}
