//! What an orchestrator may know of what its children gave.

use lazaret_kernel::instance::Handle;
use lazaret_kernel::monitor::{Delivery, EndingKind};
use serde_json::Value;

use super::{Done, Drive, Told, refused};
use crate::bindings::turns::{Outcome, Reply};
use crate::error::HostError;
use crate::payload::Payload;
use crate::run::Asked;

/// Told of an agent none of whose answers satisfied its schema.
const UNFIT: &str = "schema: no answer of the agent satisfied its schema";

/// Told of a nested script whose message the orchestrator may not see.
const SCRIPT_FAILED: &str = "script: the nested workflow failed";

/// The words that a script knows a failure by; see `plugins/script/src/fault.rs`.
const CODES: [&str; 7] = [
    "schema:",
    "budget:",
    "limit:",
    "unknown:",
    "isolation:",
    "denied:",
    "script:",
];

/// What a charge for how or when a child ended is for.
pub(super) fn about(mark: u64) -> Asked {
    Asked {
        question: mark.to_string(),
        ..Asked::default()
    }
}

/// What an answer says in the place of one that was decided by more than it may show.
const WITHHELD: &str = "what the agent set going may not be told here";

impl Drive {
    /// What the orchestrator may know of a result.
    pub(super) fn tell(&mut self, done: Done) -> Result<Reply, HostError> {
        let (ended, is_script) = match done {
            Done::Reply(reply) => return Ok(reply),
            Done::Violation(failure, label) => {
                self.violation = Some((failure, label));
                return Ok(Reply::Outcome(Outcome::None));
            }
            Done::Agent(step, ended) => {
                self.count_tokens(step, &ended);
                (ended, false)
            }
            Done::Workflow(ended) => (ended, true),
        };
        let (origins, mark) = (*ended.given(), ended.mark());
        let withheld = Payload::failure(WITHHELD);
        let caller = self.caller.instance();
        let told = self.run.monitor().deliver(caller, ended, withheld);
        Ok(match told {
            Ok(Delivery::Outcome(kind, handle, bits)) => {
                if bits.thousandths() > 0 {
                    let asked = about(mark);
                    let who = self.who();
                    self.run.note_bits(who, "outcome", &origins, bits, asked)?;
                }
                self.outcome(kind, handle, is_script)
            }
            Ok(Delivery::Sealed(handle)) => Reply::Content(handle.0),
            Err(denial) => refused(self.caller.deny("spawn", denial)),
        })
    }

    /// Trap, timeout, excess and a dead model look alike: why an agent failed is for the
    /// operator. Why a script failed is for the script that called it, where it may know it.
    fn outcome(&self, kind: EndingKind, handle: Handle, is_script: bool) -> Reply {
        Reply::Outcome(match kind {
            EndingKind::Value => match self.value(handle) {
                Some(text) => return Reply::Value(text),
                None => Outcome::Value(handle.0),
            },
            EndingKind::None => Outcome::None,
            EndingKind::Unfit => Outcome::Failed(UNFIT.to_owned()),
            EndingKind::Failed if is_script => Outcome::Failed(self.why(handle)),
            EndingKind::Failed => Outcome::Failed("the agent failed".to_owned()),
        })
    }

    /// The value itself, for a script that is told values.
    fn value(&self, handle: Handle) -> Option<String> {
        let may_read = match self.role.told {
            Told::Handles => false,
            Told::CleanValues => self.caller.is_at_its_label(handle),
            Told::Values => true,
        };
        // A refusal is recorded, and the orchestrator may still ask to reveal it.
        may_read.then(|| self.caller.read(handle).ok()).flatten()
    }

    fn why(&self, handle: Handle) -> String {
        let may_read = self.role.told == Told::Values || self.caller.is_at_its_label(handle);
        let text = may_read.then(|| self.caller.read(handle).ok()).flatten();
        let told = text.and_then(|text| {
            let value: Value = serde_json::from_str(&text).ok()?;
            Some(value.get("error")?.as_str()?.to_owned())
        });
        match told {
            Some(message) if CODES.iter().any(|code| message.starts_with(code)) => message,
            Some(message) => format!("script: {message}"),
            None => SCRIPT_FAILED.to_owned(),
        }
    }
}
