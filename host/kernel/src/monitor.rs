//! The reference monitor: every act of every instance is decided here and nowhere else.
//!
//! A pure state machine in the sense of J. Anderson, *Computer Security Technology
//! Planning Study* (1972): always invoked, tamper-proof, small enough to be verified.
//! It never looks at a payload; it hands one out only with a permit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::content::{Content, Facts};
use crate::denial::Denial;
use crate::instance::{Handle, Held, Instance, InstanceId};
use crate::label::Label;
use crate::ledger::{Ledger, PoolId};
use crate::origins::Origins;
use crate::tables::{Grants, Tables};

mod approval;
mod content;
mod decision;
mod depend;
mod effect;
mod end;
mod gate;
mod nest;
mod question;
mod recall;
mod spawn;

pub use approval::{Approval, ApprovalRefusal, Binding, Digest, Pending, Terms, Unapproved};
pub use effect::{Argument, EffectPermit, Excess};
pub use end::{Delivery, Ended, Ending, EndingKind};
pub use gate::GatePermit;
pub use recall::Past;
pub use spawn::Spawned;

/// The state of one run's information flow.
#[derive(Debug)]
pub struct Monitor<P> {
    tables: Tables,
    instances: BTreeMap<InstanceId, Instance<P>>,
    ledger: Ledger,
    /// The requests whose approval was used.
    approved: BTreeSet<u64>,
    next_instance: u64,
    next_content: u64,
    /// Tells contents apart by their bytes, where a run goes on.
    identify: Option<fn(&P) -> [u8; 32]>,
}

impl<P> Monitor<P> {
    /// Returns a monitor with no instance yet.
    pub fn new(tables: Tables) -> Self {
        Self {
            ledger: Ledger::new(tables.limits.gate_bits),
            tables,
            instances: BTreeMap::new(),
            approved: BTreeSet::new(),
            next_instance: 0,
            next_content: 0,
            identify: None,
        }
    }

    /// Returns the tables by which it decides.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Returns what untrusted content has decided so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Starts the run's first instance, which has no parent.
    ///
    /// `mark` makes its handles its own; it should differ between instances and be
    /// the same in a replay.
    pub fn start_root(
        &mut self,
        start: Label,
        clearance: Label,
        grants: Grants,
        mark: u64,
    ) -> InstanceId {
        self.add(Instance::new(start, start.join(clearance), grants, mark))
    }

    /// Gives an instance a content that entered the run from outside.
    pub fn admit(
        &mut self,
        instance: InstanceId,
        facts: Facts,
        payload: P,
    ) -> Result<Handle, Denial> {
        self.give(instance, facts, payload, Label::BOTTOM)
    }

    /// Returns the label to which an instance has risen.
    pub fn current(&self, instance: InstanceId) -> Result<Label, Denial> {
        Ok(self.instance(instance)?.current)
    }

    /// Returns the highest label to which an instance may rise.
    pub fn clearance(&self, instance: InstanceId) -> Result<Label, Denial> {
        Ok(self.instance(instance)?.clearance)
    }

    /// Returns what an instance may do.
    pub fn grants(&self, instance: InstanceId) -> Result<&Grants, Denial> {
        Ok(&self.instance(instance)?.grants)
    }

    /// Returns the items that a content was made of.
    pub fn origins(&self, instance: InstanceId, handle: Handle) -> Result<Origins, Denial> {
        Ok(self.held(instance, handle)?.content.facts.origins)
    }

    /// Returns whether what an instance spends was reserved for it when it started.
    pub fn spends_its_own(&self, instance: InstanceId) -> Result<bool, Denial> {
        Ok(self.instance(instance)?.pool != PoolId::RUN)
    }

    /// Forgets an instance and all that it held.
    pub fn end(&mut self, instance: InstanceId) {
        self.instances.remove(&instance);
    }

    fn add(&mut self, instance: Instance<P>) -> InstanceId {
        let id = InstanceId(self.next_instance);
        self.next_instance += 1;
        self.instances.insert(id, instance);
        id
    }

    fn instance(&self, id: InstanceId) -> Result<&Instance<P>, Denial> {
        self.instances.get(&id).ok_or(Denial::UnknownInstance)
    }

    fn instance_mut(&mut self, id: InstanceId) -> Result<&mut Instance<P>, Denial> {
        self.instances.get_mut(&id).ok_or(Denial::UnknownInstance)
    }

    fn held(&self, instance: InstanceId, handle: Handle) -> Result<&Held<P>, Denial> {
        self.instance(instance)?.held(handle)
    }

    /// Puts a new content into an instance's table.
    fn give(
        &mut self,
        instance: InstanceId,
        facts: Facts,
        payload: P,
        floor: Label,
    ) -> Result<Handle, Denial> {
        let media = facts.media;
        let content = self.content(facts, Arc::new(payload));
        let held = Held {
            content,
            floor,
            media,
            choice: None,
        };
        self.hold(instance, held)
    }

    /// Refuses what would give an instance more handles than it may hold. An act that is
    /// charged for asks this first: nothing may fail after the charge.
    fn check_room(&self, instance: InstanceId, handles: u32) -> Result<(), Denial> {
        let maximum = self.tables.limits.handles;
        if self.instance(instance)?.has_room(handles, maximum) {
            return Ok(());
        }
        Err(Denial::TooManyHandles)
    }

    fn hold(&mut self, instance: InstanceId, held: Held<P>) -> Result<Handle, Denial> {
        let maximum = self.tables.limits.handles;
        self.instance_mut(instance)?.hold(held, maximum)
    }

    fn content(&mut self, facts: Facts, payload: Arc<P>) -> Arc<Content<P>> {
        let number = self.next_content;
        self.next_content += 1;
        Arc::new(Content {
            number,
            facts,
            payload,
        })
    }
}
