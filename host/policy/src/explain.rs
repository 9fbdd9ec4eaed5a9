//! Denials in words: which rule decided, who and what it was about, what is allowed instead.
//!
//! Everything said here is a function of labels and of the call's shape, like the
//! denial itself; the caller that gets it learns nothing else.

use lazaret_kernel::denial::Denial;

use crate::compiled::Compiled;
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;

mod words;

use words::{
    explained, gate_run_budget, instance_ended, no_model, subject, unknown_handle, unknown_profile,
};

/// Which kind of rule refused a call: `denial-kind` of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenialKind {
    /// The grants do not name the effect.
    NotGranted,
    /// An argument, or the caller, carries a taint that the effect does not tolerate.
    Taint,
    /// A recipient of the effect may not read an argument.
    Readers,
    /// Reading would raise the label over the clearance.
    Clearance,
    /// The handle is not in the caller's table.
    UnknownHandle,
    /// A gate is missing, its type is not closed, or its budget is spent.
    Gate,
    /// A named limit was reached.
    Limit,
    /// A person was asked and refused, or has not been asked yet.
    Refused,
}

/// A denial in words: `denial` of the contract, and the code of its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The kind of rule.
    pub kind: DenialKind,
    /// The code; one of [`CODES`](lazaret_manifest::diagnostic::CODES).
    pub code: &'static str,
    /// The rule that decided: the code and what it is about, such as `taint:tracker.label/number`.
    pub rule: String,
    /// What was refused and why.
    pub message: String,
    /// What is allowed instead.
    pub remedy: String,
}

impl Compiled {
    /// Puts a denial of the monitor in words.
    pub fn explain(&self, denial: &Denial) -> Explained {
        match *denial {
            Denial::UnknownHandle => unknown_handle(),
            Denial::UnknownInstance => instance_ended(),
            Denial::NotGranted(function) => self.explain_not_granted(&self.function_name(function)),
            Denial::UnknownArgument(function) => self.unknown_argument(function),
            Denial::CallerTaint { function, excess } => self.caller_taint(function, excess),
            Denial::ArgumentTaint {
                function,
                argument,
                excess,
            } => self.argument_taint(function, argument, excess),
            Denial::Recipients { function, excess } => self.recipients(function, excess),
            Denial::NeedsApproval(function) => self.needs_approval(function),
            Denial::Clearance { label, clearance } => self.clearance(label, clearance),
            Denial::GateNotGranted(gate) => self.explain_gate_not_granted(&self.gate_called(gate)),
            Denial::GateCaller { gate, excess } => self.gate_caller(gate, excess),
            Denial::GateReaders { gate, excess } => self.gate_readers(gate, excess),
            Denial::GateItemBudget(gate) => self.gate_item_budget(gate),
            Denial::GateRunBudget => gate_run_budget(),
            Denial::UnknownProfile => unknown_profile(None),
            Denial::SpawnGrants(profile) => self.spawn_grants(profile),
            Denial::SpawnClearance { profile, start } => self.spawn_clearance(profile, start),
            Denial::TooManyHandles => self.too_many_handles(),
            Denial::TooManyArguments(function) => self.too_many_arguments(function),
        }
    }

    /// Says that a function is not granted. One that the policy does not have is denied
    /// in the same words: that it does not exist is nobody's business.
    pub fn explain_not_granted(&self, function: &str) -> Explained {
        if function.starts_with("model.") && self.providers.is_empty() {
            return no_model();
        }
        let name = quote(function);
        explained(
            DenialKind::NotGranted,
            codes::DENIED_NOT_GRANTED,
            &subject(function),
            format!("the caller may not use {name}"),
            format!(
                "let the plugin request {name} and the policy's profile grant it, or do without"
            ),
        )
    }

    /// Says that a rule over the arguments forbids a call. `why` names the policies.
    pub fn explain_rule(&self, function: &str, why: &str) -> Explained {
        let name = quote(function);
        explained(
            DenialKind::NotGranted,
            codes::DENIED_RULE,
            &subject(function),
            format!("the rule over the arguments of {name} forbids the call: {why}"),
            "call with other arguments, or less often".to_owned(),
        )
    }

    /// Says that a gate rule is not granted, or that the policy has none of that name.
    pub fn explain_gate_not_granted(&self, gate: &str) -> Explained {
        let name = quote(gate);
        explained(
            DenialKind::Gate,
            codes::DENIED_GATE_NOT_GRANTED,
            &subject(gate),
            format!("the caller may not use the gate rule {name}"),
            format!("let the plugin request the gate {name} and the policy grant it"),
        )
    }

    /// Says that the policy has no profile of that name.
    pub fn explain_unknown_profile(&self, profile: &str) -> Explained {
        unknown_profile(Some(profile))
    }
}
