//! The one effect: (tool, labelled arguments) → handle.

use std::sync::Arc;

use super::Monitor;
use crate::capacity::Bits;
use crate::content::{Content, Facts};
use crate::denial::Denial;
use crate::instance::{Handle, Instance, InstanceId};
use crate::label::{Label, Readers, TagSet};
use crate::ledger::PoolId;
use crate::origins::Origins;
use crate::tables::{ArgumentId, FunctionId, FunctionRule, Grants, MAX_ARGUMENTS, Verdict};

/// An argument as the monitor sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A value that the caller wrote: it carries the caller's label.
    Plain,
    /// A content that the caller holds, read or not.
    Content(Handle),
    /// What is given by another than the caller, under a label of its own: what a person wrote
    /// in the place of an argument, or the files that a command can send.
    Written(Label),
}

/// The permission to make one effect once. Only the monitor makes one.
#[derive(Debug)]
pub struct EffectPermit {
    pub(super) caller: InstanceId,
    pub(super) function: FunctionId,
    pub(super) inputs: Label,
    source: Label,
    pub(super) recipients: Readers,
    sealed: bool,
    pub(super) origins: Origins,
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

    /// Returns whom the call reaches.
    pub fn recipients(&self) -> Readers {
        self.recipients
    }

    /// Returns the items of which the arguments and the caller know.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// Returns whether success or failure may depend on content above the caller, an
    /// argument's or the source's own, so that it has to stay inside the answer's handle.
    pub fn is_sealed(&self) -> bool {
        self.sealed
    }
}

/// A call as far as it was judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) permit: EffectPermit,
    /// What the labels refuse it for, and a person may let through.
    pub(super) excess: Excess,
}

/// What the labels refuse a call for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The taints that are not tolerated.
    pub taint: TagSet,
    /// Those whom the call reaches and who may not read what goes there.
    pub readers: Readers,
}

impl Excess {
    pub(super) const NONE: Self = Self {
        taint: TagSet::EMPTY,
        readers: Readers::NOBODY,
    };
}

impl<P> Monitor<P> {
    /// Decides one effect. `recipients` are those that the call's own plain arguments
    /// name, besides the function's; [`Readers::NOBODY`] where there are none.
    ///
    /// From here on a sealed call moves its caller, whether it is answered or not: see
    /// [`depends`](Self::depends).
    ///
    /// Cost: one table look-up per argument; no allocation.
    pub fn effect(
        &mut self,
        caller: InstanceId,
        function: FunctionId,
        arguments: &[(ArgumentId, Argument)],
        recipients: Readers,
    ) -> Result<EffectPermit, Denial> {
        let (judged, verdict) = self.judge(caller, function, arguments, recipients)?;
        match verdict {
            Verdict::Allow => {}
            Verdict::AskOtherwise { .. } if judged.excess == Excess::NONE => {}
            Verdict::AskOtherwise { .. } | Verdict::Ask { .. } => {
                return Err(Denial::NeedsApproval(function));
            }
        }
        self.set_going(&judged.permit);
        Ok(judged.permit)
    }

    /// Judges one effect. What a person may let through is gathered; the rest is refused.
    pub(super) fn judge(
        &self,
        caller: InstanceId,
        function: FunctionId,
        arguments: &[(ArgumentId, Argument)],
        recipients: Readers,
    ) -> Result<(Judged, Verdict), Denial> {
        let instance = self.instance(caller)?;
        let rule = self.granted(instance, function)?;
        if arguments.len() > MAX_ARGUMENTS {
            return Err(Denial::TooManyArguments(function));
        }
        let mut judged = Judged {
            permit: EffectPermit {
                caller,
                function,
                inputs: instance.current,
                source: rule.source,
                recipients: rule.recipients | recipients,
                sealed: false,
                origins: instance.origins,
                arguments: [None; MAX_ARGUMENTS],
            },
            excess: Excess::NONE,
        };
        check_caller(rule, function, instance, &mut judged.excess)?;
        for ((id, argument), slot) in arguments.iter().zip(0..) {
            check_argument(rule, instance, *id, *argument, slot, &mut judged)?;
        }
        let permit = &mut judged.permit;
        permit.sealed = !permit.inputs.join(rule.source).flows_to(instance.current);
        let excess = permit.recipients.without(permit.inputs.readers);
        if !excess.is_nobody() {
            match rule.verdict {
                Verdict::Allow => return Err(Denial::Recipients { function, excess }),
                Verdict::AskOtherwise { .. } | Verdict::Ask { .. } => {
                    judged.excess.readers = excess;
                }
            }
        }
        Ok((judged, rule.verdict))
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
        // What a source tells of its answer's label may be more than the permit knew.
        self.depends(permit, facts.labels.joined());
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
        // What a tool finds in its own sources moves no budget of its caller's.
        tool.pool = self.ledger.reserve(PoolId::RUN, Bits::ZERO);
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
    gathered: &mut Excess,
) -> Result<(), Denial> {
    let taint = instance.current.taint;
    let denial = |excess| Denial::CallerTaint { function, excess };
    gather(rule, taint.without(rule.caller), gathered, denial)?;
    for (argument, number) in rule.arguments.iter().zip(0..) {
        let argument_id = ArgumentId(number);
        let excess = taint.without(argument.tolerates);
        gather(rule, excess, gathered, tainted(function, argument_id))?;
    }
    Ok(())
}

fn check_argument<P>(
    rule: &FunctionRule,
    instance: &Instance<P>,
    id: ArgumentId,
    argument: Argument,
    slot: usize,
    judged: &mut Judged,
) -> Result<(), Denial> {
    let permit = &mut judged.permit;
    let tolerates = rule
        .arguments
        .get(usize::from(id.0))
        .ok_or(Denial::UnknownArgument(permit.function))?
        .tolerates;
    let handle = match argument {
        Argument::Plain => return Ok(()),
        Argument::Content(handle) => handle,
        Argument::Written(label) => {
            let excess = label.taint.without(tolerates);
            let denial = tainted(permit.function, id);
            permit.inputs = permit.inputs.join(label);
            return gather(rule, excess, &mut judged.excess, denial);
        }
    };
    let held = instance.held(handle)?;
    let shown = held.shown();
    let excess = shown.taint.without(tolerates);
    gather(
        rule,
        excess,
        &mut judged.excess,
        tainted(permit.function, id),
    )?;
    permit.inputs = permit.inputs.join(shown);
    permit.origins.add(&held.content.facts.origins);
    if let Some(slot) = permit.arguments.get_mut(slot) {
        *slot = Some(handle);
    }
    Ok(())
}

fn tainted(function: FunctionId, argument: ArgumentId) -> impl Fn(TagSet) -> Denial {
    move |excess| Denial::ArgumentTaint {
        function,
        argument,
        excess,
    }
}

/// Refuses what nobody may let through, and gathers what a person may.
fn gather(
    rule: &FunctionRule,
    excess: TagSet,
    gathered: &mut Excess,
    denial: impl Fn(TagSet) -> Denial,
) -> Result<(), Denial> {
    let passes = match rule.verdict {
        Verdict::Allow => TagSet::EMPTY,
        Verdict::AskOtherwise { passes } | Verdict::Ask { passes } => passes,
    };
    let refused = excess.without(passes);
    if !refused.is_empty() {
        return Err(denial(refused));
    }
    gathered.taint = gathered.taint | excess;
    Ok(())
}
