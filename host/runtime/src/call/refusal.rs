//! The question to the monitor, and its refusals: recorded, counted, put into words.

use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::monitor::Monitor;
use lazaret_policy::explain::Explained;
use lazaret_workflow::event::Event;

use super::Caller;
use crate::bindings::types::Error as GuestError;
use crate::payload::Payload;
use crate::run::DeniedAct;
use crate::words;

/// The most characters of an act that a refusal repeats: a guest may name any.
const MAX_ACT_CHARS: usize = 80;

impl Caller {
    /// Asks the monitor; a refusal is recorded and put into words.
    pub(super) fn act<T>(
        &self,
        act: &str,
        decide: impl FnOnce(&mut Monitor<Payload>, InstanceId) -> Result<T, Denial>,
    ) -> Result<T, GuestError> {
        let decision = decide(&mut self.run.monitor(), self.instance);
        decision.map_err(|denial| self.deny(act, denial))
    }

    pub(crate) fn deny(&self, act: &str, denial: Denial) -> GuestError {
        self.refuse(act, &self.run.compiled.explain(&denial))
    }

    /// Records a refusal and gives it to the guest as a value.
    pub(crate) fn refuse(&self, act: &str, explained: &Explained) -> GuestError {
        let act: String = act.chars().take(MAX_ACT_CHARS).collect();
        let kept = self.run.tally().deny(DeniedAct {
            step: self.step,
            act: act.clone(),
            code: explained.code.to_owned(),
            rule: explained.rule.clone(),
            message: explained.message.clone(),
            remedy: explained.remedy.clone(),
        });
        if kept {
            let event = Event::Denied {
                step: self.step,
                act,
                code: explained.code.to_owned(),
                rule: explained.rule.clone(),
                message: explained.message.clone(),
                remedy: explained.remedy.clone(),
            };
            if let Err(error) = self.run.note(&event) {
                return words::host_failed(&error);
            }
        }
        GuestError::Denied(words::denial(explained))
    }
}
