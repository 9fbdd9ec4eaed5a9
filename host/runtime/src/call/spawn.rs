//! Spawns: a child for a task, with its own handles of the parts; another orchestrator.

use std::sync::Arc;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Content;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::tables::ProfileId;

use super::Caller;
use crate::bindings::turns::Spawning;
use crate::bindings::types::{self, Error as GuestError};
use crate::payload::Payload;
use crate::words;

/// A child that the monitor has started.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) instance: InstanceId,
    /// Its task's text.
    pub(crate) text: String,
    /// Its own handles of the parts.
    pub(crate) handles: Vec<Handle>,
    /// The contents of the parts, for the journal only.
    pub(crate) held: Vec<Arc<Content<Payload>>>,
    /// The bits that were set aside for it alone.
    pub(crate) aside: Option<Bits>,
}

impl Caller {
    /// Starts a child of a profile.
    pub(crate) fn spawn(
        &self,
        profile: ProfileId,
        mark: u64,
        spawning: &Spawning,
    ) -> Result<Child, GuestError> {
        let text: Vec<Handle> = words::handles_of(&spawning.text).collect();
        let parts: Vec<Handle> = spawning
            .parts
            .iter()
            .map(|part| Handle(part.content))
            .collect();
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
        Ok(Child {
            instance: spawned.child,
            text: text.collect(),
            handles: spawned.parts,
            held: spawned.held,
            aside: spawned.aside,
        })
    }

    /// Starts an orchestrator for this one, with the arguments that it was given. `program` is
    /// the label of what it runs.
    pub(crate) fn nest(
        &self,
        arguments: Handle,
        program: Label,
        mark: u64,
    ) -> Result<Child, GuestError> {
        let spawned = self.act("workflow", |monitor, caller| {
            monitor.nest(caller, &[arguments], program, mark)
        })?;
        Ok(Child {
            instance: spawned.child,
            text: String::new(),
            handles: spawned.parts,
            held: spawned.held,
            aside: spawned.aside,
        })
    }

    /// Whether reading a content raises the caller to nothing that it is not at already.
    pub(crate) fn is_at_its_label(&self, handle: Handle) -> bool {
        let monitor = self.run.monitor();
        let current = monitor.current(self.instance);
        let shown = monitor.describe(self.instance, handle);
        matches!((current, shown), (Ok(current), Ok((_, label))) if label.flows_to(current))
    }
}
