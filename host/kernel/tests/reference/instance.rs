//! What the naive monitor remembers of an instance.

use crate::labels::{Content, Label, join, joined};
use crate::policy::Profile;

#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) content: Content,
    pub(crate) floor: Label,
}

impl Held {
    pub(crate) fn shown(&self) -> Label {
        join(&joined(&self.content), &self.floor)
    }
}

pub(crate) struct Instance {
    pub(crate) start: Label,
    pub(crate) current: Label,
    pub(crate) profile: Profile,
    pub(crate) handles: Vec<Held>,
    /// Whether it knew more than its parent when that started it.
    pub(crate) knows: bool,
    /// What it can hand back at most.
    pub(crate) bound: Label,
}

impl Instance {
    pub(crate) fn new(start: Label, profile: Profile, handles: Vec<Held>, bound: Label) -> Self {
        let (current, knows) = (start.clone(), false);
        Self {
            start,
            current,
            profile,
            handles,
            knows,
            bound,
        }
    }
}
