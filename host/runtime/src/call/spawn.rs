//! Spawns: a child for a task, with its own handles of the parts.

use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::tables::ProfileId;

use super::Caller;
use crate::bindings::turns::Spawning;
use crate::bindings::types::{self, Error as GuestError};
use crate::words;

impl Caller {
    /// Starts a child of a profile, and gives its instance, its task's text and its own
    /// handles of the parts.
    pub(crate) fn spawn(
        &self,
        profile: ProfileId,
        step: u32,
        spawning: &Spawning,
    ) -> Result<(InstanceId, String, Vec<Handle>), GuestError> {
        let text: Vec<Handle> = words::handles_of(&spawning.text).collect();
        let parts: Vec<Handle> = spawning
            .parts
            .iter()
            .map(|part| Handle(part.content))
            .collect();
        let mark = self.run.derive("agent", step, 0);
        let spawned = self.act("spawn", |monitor, caller| {
            monitor.spawn(caller, profile, &text, &parts, mark)
        })?;
        let mut contents = spawned.text.iter();
        let text = spawning.text.iter().map(|piece| match piece {
            types::Piece::Literal(text) => text.clone(),
            types::Piece::Content(_) => contents
                .next()
                .map_or_else(String::new, |content| content.payload().to_text()),
        });
        Ok((spawned.child, text.collect(), spawned.parts))
    }
}
