//! Children: how one starts with no more than its parent.

use std::sync::Arc;

use super::Monitor;
use crate::capacity::Bits;
use crate::content::Content;
use crate::denial::Denial;
use crate::instance::{Handle, Held, Instance, InstanceId};
use crate::label::Label;
use crate::tables::{Grants, ProfileId};

/// A child that was started.
#[derive(Debug)]
pub struct Spawned<P> {
    /// The child.
    pub child: InstanceId,
    /// The contents of the task's text, in order, which the child may see at once.
    pub text: Vec<Arc<Content<P>>>,
    /// The child's own handles of the parts, in order.
    pub parts: Vec<Handle>,
    /// The contents of the parts, by whose bytes the host finds again what a child gave.
    /// Nothing of them is for the child or the parent.
    pub held: Vec<Arc<Content<P>>>,
    /// The bits that were set aside for the child, where it may know more than its parent.
    pub aside: Option<Bits>,
}

impl<P> Monitor<P> {
    /// Starts a child of a profile. The parent's label does not rise.
    ///
    /// `text` are the contents in the task's text: the child starts above them.
    pub fn spawn(
        &mut self,
        parent: InstanceId,
        profile: ProfileId,
        text: &[Handle],
        parts: &[Handle],
        mark: u64,
    ) -> Result<Spawned<P>, Denial> {
        let rule = *self.tables.profile(profile).ok_or(Denial::UnknownProfile)?;
        let instance = self.instance(parent)?;
        if !rule.grants.is_subset(&instance.grants) {
            return Err(Denial::SpawnGrants(profile));
        }
        let text = hold_all(instance, text)?;
        let own = parts.to_vec();
        let parts = hold_all(instance, parts)?;
        let start = text
            .iter()
            .fold(instance.current, |sum, held| sum.join(held.shown()));
        if !start.flows_to(rule.clearance) {
            return Err(Denial::SpawnClearance { profile, start });
        }
        let mut child = Instance::new(start, rule.clearance, rule.grants, mark);
        child.origins = text.iter().fold(instance.origins, |all, held| {
            all.union(&held.content.facts.origins)
        });
        child.rose = !start.flows_to(instance.current);
        child.given = parts.iter().fold(child.origins, |all, held| {
            all.union(&held.content.facts.origins)
        });
        child.reach = self.reach(&child, &parts);
        // What it reads or only passes on may decide what it comes to spend.
        let (pool, may_know_more) = (instance.pool, !child.reach.flows_to(instance.current));
        let held = parts.iter().map(|part| Arc::clone(&part.content)).collect();
        let parts = parts
            .into_iter()
            .map(|part| {
                // What another child chose among is the parent's, and means nothing to this one.
                let part = Held {
                    choice: None,
                    ..part
                };
                child.hold(part, self.tables.limits.handles)
            })
            .collect::<Result<_, _>>()?;
        child.parts = own;
        let reserved = may_know_more.then(|| self.ledger.reserve(pool, rule.reserve));
        child.pool = reserved.unwrap_or(pool);
        let child = self.add(child);
        let text = text.into_iter().map(|held| held.content).collect();
        Ok(Spawned {
            child,
            text,
            parts,
            held,
            aside: reserved.map(|own| self.ledger.limit(own)),
        })
    }

    /// A bound on what the child can hand back that depends on no byte: its clearance,
    /// what it holds from the start, and what its grants can bring in.
    pub(super) fn reach(&self, child: &Instance<P>, parts: &[Held<P>]) -> Label {
        parts
            .iter()
            .fold(child.clearance, |sum, part| sum.join(part.shown()))
            .join(self.sources(&child.grants))
    }

    /// What the granted functions can bring in.
    pub(super) fn sources(&self, grants: &Grants) -> Label {
        grants
            .functions()
            .filter_map(|function| self.tables.function(function))
            .fold(Label::BOTTOM, |sum, rule| sum.join(rule.source))
    }
}

fn hold_all<P>(instance: &Instance<P>, handles: &[Handle]) -> Result<Vec<Held<P>>, Denial> {
    handles
        .iter()
        .map(|handle| instance.held(*handle).cloned())
        .collect()
}
