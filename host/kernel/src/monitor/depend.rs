//! What an instance goes on by though it has not read it: what its calls are made of.
//!
//! A call may take long, or use up what its caller may use, by what is in a content that the
//! caller only passes on. So who makes a sealed call is *moved* by it from the permit on: its end
//! and what it spends are told as if it had read what the call depends on. What it says is not:
//! it says it knowing nothing of that, and that it came to say anything is paid for.
//!
//! Where that is beyond all that its answers may show, its parent is given nothing of them: what it
//! set going may be decided by what it read, and a label that tells of it is told for nothing.
//!
//! An orchestrator goes on in turns and is stopped by nothing that it waits for. But when its
//! turns come is decided by that, and by what its children went on by.

use super::{EffectPermit, Monitor};
use crate::denial::Denial;
use crate::instance::InstanceId;
use crate::label::Label;

impl<P> Monitor<P> {
    /// Remembers what a sealed call depends on.
    pub(super) fn set_going(&mut self, permit: &EffectPermit) {
        if permit.is_sealed() {
            let label = self.answer_label(permit);
            self.depends(permit, label);
        }
    }

    /// Remembers that a permitted call depends on content of this label, also where its
    /// arguments do not say so: a command looks at all files of the run tree.
    pub fn depends(&mut self, permit: &EffectPermit, label: Label) {
        if let Some(caller) = self.instances.get_mut(&permit.caller) {
            caller.depend(label);
        }
    }

    /// Returns the label of all that an instance goes on by: what it has read, what its calls
    /// depend on, and what decided when it was told of its children.
    pub fn goes_on_by(&self, instance: InstanceId) -> Result<Label, Denial> {
        Ok(self.instance(instance)?.goes_on_by())
    }
}
