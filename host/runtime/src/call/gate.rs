//! Gates: a content as a value of a closed type, charged in bits.

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::instance::Handle;
use lazaret_kernel::origins::Origins;
use lazaret_policy::closed;

use super::{Caller, parse_json};
use crate::bindings::types::Error as GuestError;
use crate::plugin::digest;
use crate::run::Asked;
use crate::words;

/// What a gate answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Value(String),
    Invalid,
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
        let schema = closed::from_schema(&written)
            .map_err(|problem| self.refuse("gate.pass", &words::not_closed(&problem)))?;
        let Some(gate) = self.run.compiled.gate_id(rule) else {
            return Err(self.refuse(
                "gate.pass",
                &self.run.compiled.explain_gate_not_granted(rule),
            ));
        };
        let question = self.run.question(digest(written.to_string().as_bytes()));
        let permit = self.act("gate.pass", |monitor, caller| {
            monitor.gate(caller, handle, gate, question, schema.capacity())
        })?;
        let content = permit.content();
        let origins = &content.facts().origins;
        let asked = Asked {
            subject: content.payload().digest(),
            question: digest(written.to_string().as_bytes()),
        };
        self.note_bits(rule, origins, permit.charged(), asked)?;
        let value = permit.content().payload().to_value();
        Ok(match closed::normalise(&schema, &value) {
            Some(value) => Verdict::Value(value.to_string()),
            None => Verdict::Invalid,
        })
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
            .note_bits(self.step, channel, origins, bits, asked)
            .map_err(|error| words::host_failed(&error))
    }
}
