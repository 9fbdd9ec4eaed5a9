//! With which others a result may come: no batch tells when work ended of which its orchestrator
//! may not know.
//!
//! Which results are in a batch tells which of them had ended when it was made. That may be known
//! where the orchestrator carries all that decided it: when each of them ended, and when it was
//! last told something itself. Elsewhere they come one by one, whoever ended first.

use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::Monitor;
use lazaret_workflow::event::LabelText;
use lazaret_workflow::schedule::{Company, Number};

use super::{Done, Drive, Told};
use crate::error::HostError;
use crate::payload::Payload;

impl Drive {
    /// Says with what a result may come, and by what it raises the orchestrator that it comes
    /// before those of earlier children.
    pub(super) fn company(&self, number: Number) -> (Company, Label) {
        let monitor = self.run.monitor();
        let caller = self.caller.instance();
        let order = self.order_of(&monitor, number);
        let clearance = monitor.clearance(caller).unwrap_or(Label::BOTTOM);
        if !order.flows_to(clearance) {
            return (Company::Later, order);
        }
        let paced_by = monitor.goes_on_by(caller).unwrap_or(Label::TOP);
        let when = paced_by.join(self.when(number)).join(order);
        let current = monitor.current(caller).unwrap_or(Label::BOTTOM);
        if when.flows_to(current) {
            (Company::Any, order)
        } else {
            (Company::Alone, order)
        }
    }

    /// The label of when a result came. What decides when a call of the orchestrator's own is
    /// answered the orchestrator goes on by since it made the call.
    fn when(&self, number: Number) -> Label {
        match self.done.get(&number) {
            Some(Done::Agent(_, ended) | Done::Workflow(ended)) => ended.when(),
            Some(Done::Violation(..) | Done::Reply(_)) | None => Label::BOTTOM,
        }
    }

    /// The label of what those have gone on by so far that this one overtakes: that they have not
    /// ended is told by that.
    fn order_of(&self, monitor: &Monitor<Payload>, number: Number) -> Label {
        if self.role.told != Told::Values {
            return Label::BOTTOM;
        }
        let overtaken = self
            .schedule
            .unfinished_before(number)
            .filter_map(|earlier| self.children.get(&earlier))
            .filter_map(|child| monitor.goes_on_by(*child).ok());
        overtaken.fold(Label::BOTTOM, Label::join)
    }

    /// Raises an orchestrator that is given a result before those of earlier children. Returns
    /// what is new to it.
    pub(super) fn learn_order(&self, order: Label) -> Result<Label, HostError> {
        let caller = self.caller.instance();
        let mut monitor = self.run.monitor();
        let current = monitor.current(caller).unwrap_or(Label::TOP);
        if order.flows_to(current) {
            return Ok(Label::BOTTOM);
        }
        monitor
            .learn(caller, order)
            .map_err(|_above| HostError::Internal("an order told too much"))?;
        Ok(order)
    }

    /// Raises it as an earlier part of the run has.
    pub(super) fn learn_again(&self, learned: Option<&LabelText>) -> Result<(), HostError> {
        let Some(learned) = learned else {
            return Ok(());
        };
        let label = self.run.label_of(learned);
        self.run
            .monitor()
            .learn(self.caller.instance(), label)
            .map_err(|_above| HostError::Internal("an order told too much"))
    }
}
