//! Gates: a content as a value of a closed type, charged in bits.

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::monitor::{GatePermit, Monitor};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::tables::GateId;
use lazaret_policy::closed::{self, ClosedError};
use lazaret_workflow::event::Basis;
use serde_json::Value;

use super::{Caller, parse_json};
use crate::bindings::types::Error as GuestError;
use crate::payload::Payload;
use crate::plugin::digest;
use crate::run::Asked;
use crate::words;

/// What a gate answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Value(String),
    /// The caller's own handle of the part that its child handed back.
    Part(Handle),
    Invalid,
}

/// Why a schema was not taken: it is not closed, or a list in it was refused.
enum Unresolved {
    NotClosed(ClosedError),
    Refused(GuestError),
}

impl From<ClosedError> for Unresolved {
    fn from(problem: ClosedError) -> Self {
        Self::NotClosed(problem)
    }
}

impl Caller {
    /// Lets a content through a gate, as a value of a closed type.
    pub(crate) fn gate(
        &self,
        handle: Handle,
        schema: &str,
        rule: &str,
    ) -> Result<Verdict, GuestError> {
        self.keep(schema.len())?;
        let written = parse_json(schema)?;
        if closed::is_part(&written) {
            return self.gate_part(handle, &written, rule);
        }
        let written = closed::resolve(&written, |list| self.members(Handle(list)));
        let written = written.map_err(|problem| match problem {
            Unresolved::NotClosed(problem) => self.not_closed(&problem),
            Unresolved::Refused(error) => error,
        })?;
        let schema = closed::from_schema(&written).map_err(|problem| self.not_closed(&problem))?;
        let gate = self.gate_id(rule)?;
        // Its text, so that who reads the journal can count its values again.
        let label = self.act("gate.pass", |monitor, caller| monitor.current(caller))?;
        let stored = self.run.store(&Payload::json(written), label);
        let (stored, text) = stored.map_err(|error| words::host_failed(&error))?;
        let question = self.run.question(stored.digest.clone());
        let capacity = schema.capacity();
        let ((), permit) = self.within_share(capacity, |monitor, share| {
            let permit =
                monitor.gate_within(self.instance, handle, gate, question, capacity, share);
            permit.map(|permit| ((), permit))
        })?;
        let asked = Asked {
            question: stored.digest,
            basis: Some(Basis::Type),
            schema: Some(text),
            ..Asked::default()
        };
        self.note_gate(rule, &permit, asked)?;
        let value = permit.content().payload().to_value();
        Ok(match closed::normalise(&schema, &value) {
            Some(value) => Verdict::Value(value.to_string()),
            None => Verdict::Invalid,
        })
    }

    /// Asks which of its parts a child handed back.
    fn gate_part(
        &self,
        handle: Handle,
        written: &Value,
        rule: &str,
    ) -> Result<Verdict, GuestError> {
        let gate = self.gate_id(rule)?;
        let asked = digest(written.to_string().as_bytes());
        let question = self.run.question(asked.clone());
        let parts = self.act("gate.pass", |monitor, caller| monitor.parts(caller, handle))?;
        // One of the parts, or none of them.
        let capacity = Bits::of_choices(parts as u128 + 1);
        let (chosen, permit) = self.within_share(capacity, |monitor, share| {
            monitor.gate_part(self.instance, handle, gate, question, share)
        })?;
        let asked = Asked {
            question: asked,
            basis: Some(Basis::Parts(parts as u64)),
            ..Asked::default()
        };
        self.note_gate(rule, &permit, asked)?;
        Ok(chosen.map_or(Verdict::Invalid, Verdict::Part))
    }

    fn gate_id(&self, rule: &str) -> Result<GateId, GuestError> {
        let compiled = &self.run.compiled;
        compiled
            .gate_id(rule)
            .ok_or_else(|| self.refuse("gate.pass", &compiled.explain_gate_not_granted(rule)))
    }

    fn members(&self, list: Handle) -> Result<Value, Unresolved> {
        let list = self.act("gate.pass", |monitor, caller| monitor.members(caller, list));
        let list = list.map_err(Unresolved::Refused)?;
        Ok(list.payload().to_value())
    }

    fn not_closed(&self, problem: &ClosedError) -> GuestError {
        self.refuse("gate.pass", &words::not_closed(problem))
    }

    fn note_gate(
        &self,
        rule: &str,
        permit: &GatePermit<Payload>,
        asked: Asked,
    ) -> Result<(), GuestError> {
        let content = permit.content();
        let asked = Asked {
            subject: content.payload().digest(),
            reserved: self.spends_its_own(),
            ..asked
        };
        self.note_bits(rule, &content.facts().origins, permit.charged(), asked)
    }

    /// Whether what this caller spends was set aside for it.
    pub(super) fn spends_its_own(&self) -> bool {
        let monitor = self.run.monitor();
        monitor.spends_its_own(self.instance).unwrap_or(false)
    }

    /// Has a gate of this capacity decided within what is left to the caller's agent and phase.
    fn within_share<T>(
        &self,
        capacity: Bits,
        decide: impl FnOnce(&mut Monitor<Payload>, Bits) -> Result<(T, GatePermit<Payload>), Denial>,
    ) -> Result<(T, GatePermit<Payload>), GuestError> {
        // Held until the charge is counted, so that two gates at once cannot share the rest.
        let mut budgets = self.run.purse().budgets();
        let share = budgets.bits_left(self.who());
        let decided = decide(&mut self.run.monitor(), share);
        match decided {
            Ok((answer, permit)) => {
                budgets.note_bits(self.who(), permit.charged());
                Ok((answer, permit))
            }
            Err(Denial::GateRunBudget) if capacity > share => {
                drop(budgets);
                Err(self.refuse("gate.pass", &words::share_spent(share)))
            }
            Err(denial) => {
                drop(budgets);
                Err(self.deny("gate.pass", denial))
            }
        }
    }

    pub(super) fn note_bits(
        &self,
        channel: &str,
        origins: &Origins,
        bits: Bits,
        asked: Asked,
    ) -> Result<(), GuestError> {
        if bits == Bits::ZERO {
            return Ok(());
        }
        self.run
            .note_bits(self.who(), channel, origins, bits, asked)
            .map_err(|error| words::host_failed(&error))
    }
}
