//! The one effect: (tool, labelled arguments) → handle.

use std::sync::Arc;

use super::Monitor;
use crate::content::{Content, Facts};
use crate::denial::Denial;
use crate::instance::{Handle, Instance, InstanceId};
use crate::label::{Label, Readers, TagSet};
use crate::origins::Origins;
use crate::tables::{ArgumentId, FunctionId, FunctionRule, Grants, MAX_ARGUMENTS, Verdict};

/// An argument as the monitor sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A value that the caller wrote: it carries the caller's label.
    Plain,
    /// A content that the caller holds, read or not.
    Content(Handle),
}

/// The permission to make one effect once. Only the monitor makes one.
#[derive(Debug)]
pub struct EffectPermit {
    caller: InstanceId,
    function: FunctionId,
    inputs: Label,
    source: Label,
    sealed: bool,
    origins: Origins,
    arguments: [Option<Handle>; MAX_ARGUMENTS],
}

impl EffectPermit {
    /// Returns the function that may be called.
    pub fn function(&self) -> FunctionId {
        self.function
    }

    /// Returns the join of the arguments' labels and the caller's.
    pub fn inputs(&self) -> Label {
        self.inputs
    }

    /// Returns whether success or failure may depend on content above the caller, an
    /// argument's or the source's own, so that it has to stay inside the answer's handle.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }
}

impl<P> Monitor<P> {
    /// Decides one effect. `recipients` are those that the call's own plain arguments
    /// name, besides the function's; [`Readers::NOBODY`] where there are none.
    ///
    /// Cost: one table look-up per argument; no allocation.
    pub fn effect(
        &self,
        caller: InstanceId,
        function: FunctionId,
        arguments: &[(ArgumentId, Argument)],
        recipients: Readers,
    ) -> Result<EffectPermit, Denial> {
        let instance = self.instance(caller)?;
        let rule = self.granted(instance, function)?;
        if arguments.len() > MAX_ARGUMENTS {
            return Err(Denial::TooManyArguments(function));
        }
        check_caller(rule, function, instance)?;
        let mut permit = EffectPermit {
            caller,
            function,
            inputs: instance.current,
            source: rule.source,
            sealed: false,
            origins: instance.origins,
            arguments: [None; MAX_ARGUMENTS],
        };
        for ((id, argument), slot) in arguments.iter().zip(0..) {
            check_argument(rule, function, instance, *id, *argument, slot, &mut permit)?;
        }
        permit.sealed = !permit.inputs.join(rule.source).flows_to(instance.current);
        let excess = (rule.recipients | recipients).without(permit.inputs.readers);
        if !excess.is_nobody() {
            return Err(Denial::Recipients { function, excess });
        }
        match rule.verdict {
            Verdict::Allow => Ok(permit),
            Verdict::Ask => Err(Denial::NeedsApproval(function)),
        }
    }

    /// Hands out a content that a permitted call has as an argument.
    pub fn argument(
        &self,
        permit: &EffectPermit,
        handle: Handle,
    ) -> Result<Arc<Content<P>>, Denial> {
        if !permit.arguments.contains(&Some(handle)) {
            return Err(Denial::UnknownHandle);
        }
        Ok(Arc::clone(&self.held(permit.caller, handle)?.content))
    }

    /// Gives the caller the answer of a permitted call. `facts` are what the source
    /// declares of the answer; every label in it is joined with the call's inputs.
    pub fn answer(
        &mut self,
        permit: &EffectPermit,
        facts: Facts,
        payload: P,
    ) -> Result<Handle, Denial> {
        let floor = permit.inputs.join(permit.source_floor(&facts));
        let facts = facts.raised(floor, &permit.origins);
        self.give(permit.caller, facts, payload, Label::BOTTOM)
    }

    /// Returns the label of the answer of a permitted call.
    pub fn answer_label(&self, permit: &EffectPermit) -> Label {
        permit.inputs.join(permit.source)
    }

    /// Starts the fresh instance of the tool that performs a permitted call. It starts at
    /// the join of the arguments and may rise to what the called function tolerates and
    /// to what the tool's own grants bring in. What it tells of these is the function's
    /// declared label: a tool is trusted to answer no more than that.
    pub fn start_tool(
        &mut self,
        permit: &EffectPermit,
        grants: Grants,
        mark: u64,
    ) -> Result<InstanceId, Denial> {
        let rule = self
            .tables
            .function(permit.function)
            .ok_or(Denial::NotGranted(permit.function))?;
        let tolerated = rule
            .arguments
            .iter()
            .fold(rule.caller | rule.source.taint, |all, argument| {
                all | argument.tolerates
            });
        let own = grants
            .functions()
            .filter_map(|function| self.tables.function(function))
            .fold(TagSet::EMPTY, |all, rule| all | rule.source.taint);
        let clearance = Label {
            taint: tolerated | own | permit.inputs.taint,
            readers: Readers::NOBODY,
        };
        let mut tool = Instance::new(permit.inputs, clearance, grants, mark);
        tool.origins = permit.origins;
        Ok(self.add(tool))
    }

    fn granted(
        &self,
        instance: &Instance<P>,
        function: FunctionId,
    ) -> Result<&FunctionRule, Denial> {
        if !instance.grants.has_function(function) {
            return Err(Denial::NotGranted(function));
        }
        self.tables
            .function(function)
            .ok_or(Denial::NotGranted(function))
    }
}

impl EffectPermit {
    /// A declared tree already says what the source adds, field by field; a flat answer
    /// takes the function's label.
    fn source_floor(&self, facts: &Facts) -> Label {
        if facts.labels.is_flat() {
            self.source
        } else {
            Label::BOTTOM
        }
    }
}

/// Whether and when a call is made, and what it leaves out, is the caller's word: its
/// label is judged against every argument's tolerance, given or not.
fn check_caller<P>(
    rule: &FunctionRule,
    function: FunctionId,
    instance: &Instance<P>,
) -> Result<(), Denial> {
    let taint = instance.current.taint;
    let excess = taint.without(rule.caller);
    if !excess.is_empty() {
        return Err(Denial::CallerTaint { function, excess });
    }
    for (argument, number) in rule.arguments.iter().zip(0..) {
        excess_of(taint, argument.tolerates, function, ArgumentId(number))?;
    }
    Ok(())
}

fn check_argument<P>(
    rule: &FunctionRule,
    function: FunctionId,
    instance: &Instance<P>,
    id: ArgumentId,
    argument: Argument,
    slot: usize,
    permit: &mut EffectPermit,
) -> Result<(), Denial> {
    let tolerates = rule
        .arguments
        .get(usize::from(id.0))
        .ok_or(Denial::UnknownArgument(function))?
        .tolerates;
    let Argument::Content(handle) = argument else {
        return Ok(());
    };
    let held = instance.held(handle)?;
    let shown = held.shown();
    excess_of(shown.taint, tolerates, function, id)?;
    permit.inputs = permit.inputs.join(shown);
    permit.origins.add(&held.content.facts.origins);
    if let Some(slot) = permit.arguments.get_mut(slot) {
        *slot = Some(handle);
    }
    Ok(())
}

fn excess_of(
    taint: TagSet,
    tolerates: TagSet,
    function: FunctionId,
    argument: ArgumentId,
) -> Result<(), Denial> {
    let excess = taint.without(tolerates);
    if excess.is_empty() {
        return Ok(());
    }
    Err(Denial::ArgumentTaint {
        function,
        argument,
        excess,
    })
}
