//! `gate`: content becomes a plain value at a lower label.

use lazaret_kernel::instance::Handle;

use crate::bindings::gate::{Host, Verdict};
use crate::bindings::types::Error;
use crate::call;
use crate::state::GuestState;

impl Host for GuestState {
    async fn pass(&mut self, content: u64, schema: String, rule: String) -> Result<Verdict, Error> {
        let verdict = self.caller.gate(Handle(content), &schema, &rule)?;
        Ok(match verdict {
            call::Verdict::Value(value) => Verdict::Value(value),
            // An agent has no children that could hand back a part.
            call::Verdict::Part(_) | call::Verdict::Invalid => Verdict::Invalid,
        })
    }
}
