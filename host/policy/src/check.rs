//! Is a policy sound as a whole, what of it can nobody use, and what stays open by its own word?
//!
//! Errors are what [`compile`](crate::compile::compile) refuses. Warnings are what does nothing:
//! grants that were not requested, rules that nobody can reach, requests without a rule. Open
//! paths are no mistakes: a policy that tolerates a tag somewhere means it. They are printed so
//! that whoever signs a policy has seen each of them.

use std::collections::BTreeMap;

use crate::compile::compile;
use crate::compiled::Compiled;
use crate::policy::Policy;
use lazaret_manifest::diagnostic::Diagnostic;
use lazaret_manifest::manifest::Manifest;
use lazaret_manifest::text::Report;

mod carriers;
mod paths;
mod sources;
mod taking;
mod unreachable;

pub use paths::{How, OpenPath};

/// What was found in a policy.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Why no run starts under it, in the text's order.
    pub errors: Vec<Diagnostic>,
    /// What does nothing, in the text's order.
    pub warnings: Vec<Diagnostic>,
    /// Every way from a tainted source to an effect on which neither a gate nor a person stands.
    pub paths: Vec<OpenPath>,
}

/// Judges a policy with its plugins' manifests, by the names that the policy gives them.
pub fn check(policy: &Policy, manifests: &BTreeMap<String, Manifest>) -> Checked {
    match compile(policy, manifests) {
        Ok(compiled) => judged(policy, manifests, &compiled),
        Err(errors) => Checked {
            errors,
            ..Checked::default()
        },
    }
}

fn judged(policy: &Policy, manifests: &BTreeMap<String, Manifest>, compiled: &Compiled) -> Checked {
    let mut report = Report::new(policy.text.clone());
    unreachable::find(policy, manifests, compiled, &mut report);
    let mut warnings = report.into_problems();
    warnings.extend(compiled.notes.iter().cloned());
    warnings.sort_by_key(|problem| problem.span.start);
    Checked {
        errors: Vec::new(),
        warnings,
        paths: paths::find(policy, compiled),
    }
}
