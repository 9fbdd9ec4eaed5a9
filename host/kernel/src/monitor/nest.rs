//! Orchestrators that another one starts, children that are to hold less than their profile,
//! and what the order of results tells.

use std::sync::Arc;

use super::{Monitor, Spawned};
use crate::denial::Denial;
use crate::instance::{Handle, Held, Instance, InstanceId};
use crate::label::Label;
use crate::tables::Grants;

impl<P> Monitor<P> {
    /// Starts an orchestrator for another one, at that one's label and its program's own: it
    /// may rise no further than its parent may and holds what its parent holds. The parent's
    /// label does not rise.
    pub fn nest(
        &mut self,
        parent: InstanceId,
        parts: &[Handle],
        program: Label,
        mark: u64,
    ) -> Result<Spawned<P>, Denial> {
        let instance = self.instance(parent)?;
        let held = parts
            .iter()
            .map(|handle| instance.held(*handle).cloned())
            .collect::<Result<Vec<_>, _>>()?;
        let start = instance.current.join(program);
        if !start.flows_to(instance.clearance) {
            return Err(Denial::Clearance {
                label: start,
                clearance: instance.clearance,
            });
        }
        let clearance = self.nested_clearance(instance, start, &held);
        let mut child = Instance::new(start, clearance, instance.grants, mark);
        child.rose = !start.flows_to(instance.current);
        child.in_turns = true;
        child.origins = instance.origins;
        child.given = held.iter().fold(child.origins, |all, held| {
            all.union(&held.content.facts.origins)
        });
        // It is the same workflow: what it may decide is counted with its caller's.
        child.pool = instance.pool;
        child.reach = self.reach(&child, &held);
        child.parts = parts.to_vec();
        let contents = held.iter().map(|part| Arc::clone(&part.content)).collect();
        let handles = held
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
        Ok(Spawned {
            child: self.add(child),
            text: Vec::new(),
            parts: handles,
            held: contents,
            aside: None,
        })
    }

    /// A parent that may rise to anything gives its child no more than the child can come to
    /// hold: its parts, what its functions bring in, and what agents of any profile could
    /// answer. A higher clearance would only hide its result from everybody, for a result is
    /// as high as all that its maker may have read.
    fn nested_clearance(&self, parent: &Instance<P>, start: Label, parts: &[Held<P>]) -> Label {
        let held = parts.iter().fold(start, |sum, part| sum.join(part.shown()));
        let own = held.join(self.sources(&parent.grants));
        let profiles = self.tables.profiles.iter();
        let bound = profiles
            .filter(|profile| profile.grants.is_subset(&parent.grants))
            .fold(own, |sum, profile| {
                let sources = self.sources(&profile.grants);
                sum.join(profile.clearance).join(sources)
            });
        if bound.flows_to(parent.clearance) {
            bound
        } else {
            parent.clearance
        }
    }

    /// Takes from an instance all that is not in `grants`.
    pub fn narrow(&mut self, instance: InstanceId, grants: &Grants) -> Result<(), Denial> {
        let instance = self.instance_mut(instance)?;
        instance.grants = instance.grants.intersect(grants);
        Ok(())
    }

    /// Raises an instance to what it learns besides values, such as from the order in which
    /// results reach it.
    pub fn learn(&mut self, instance: InstanceId, label: Label) -> Result<(), Denial> {
        self.instance_mut(instance)?.rise(label, label)
    }
}
