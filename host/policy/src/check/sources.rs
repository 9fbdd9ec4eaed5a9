//! Where tainted content enters: launch arguments and answers, and parts of them with other labels.

use std::ops::Range;

use lazaret_kernel::label::Label;
use lazaret_kernel::tables::{FunctionId, Grants};
use lazaret_kernel::tree::LabelTree;

use super::carriers;
use crate::compiled::{Compiled, FunctionKind};
use crate::policy::Policy;

/// A place where tainted content enters.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    pub(super) label: Label,
    /// The functions that open it; launch arguments are there without one.
    opened_by: Vec<FunctionId>,
    /// Whether it is opened in the run tree.
    of_tree: bool,
    /// Whether the run tree has it from the beginning.
    pub(super) in_tree: bool,
}

impl Source {
    /// Whether somebody with these grants opens it himself.
    pub(super) fn is_opened_with(&self, grants: &Grants) -> bool {
        self.opened_by.iter().any(|id| grants.has_function(*id))
    }

    pub(super) fn is_opened_by(&self, id: FunctionId) -> bool {
        self.opened_by.contains(&id)
    }
}

/// Returns what enters tainted, as far as it is given or somebody may open it.
pub(super) fn find(policy: &Policy, compiled: &Compiled) -> Vec<Source> {
    let mut all = arguments(policy, compiled);
    let functions = compiled.functions.iter().zip(&compiled.tables.functions);
    for ((function, rule), id) in functions.zip((0..).map(FunctionId)) {
        let of_tree = opens_the_tree(compiled, &function.kind);
        let same = |one: &&mut Source| of_tree && one.of_tree && one.label == rule.source;
        if let Some(known) = all.iter_mut().find(same) {
            known.opened_by.push(id);
            continue;
        }
        let place = policy.functions.places.get(usize::from(id.0));
        let span = place.map_or(0..0, |place| place.span.clone());
        let flat = LabelTree::flat(rule.source);
        let labels = function.answer.labels.as_ref().unwrap_or(&flat);
        for (name, label) in parts(&function.name, labels) {
            all.push(Source {
                name,
                span: span.clone(),
                label,
                opened_by: vec![id],
                of_tree,
                in_tree: of_tree && !matches!(function.kind, FunctionKind::Command { .. }),
            });
        }
    }
    let granted = |source: &Source| {
        source.opened_by.is_empty()
            || carriers::grants(compiled).any(|grants| source.is_opened_with(grants))
    };
    all.retain(|source| !source.label.taint.is_empty() && granted(source));
    all
}

fn arguments(policy: &Policy, compiled: &Compiled) -> Vec<Source> {
    let span = policy.places.args.clone().unwrap_or(0..0);
    let parts = parts("source.args", &compiled.args.labels).into_iter();
    parts
        .map(|(name, label)| Source {
            name,
            span: span.clone(),
            label,
            opened_by: Vec::new(),
            of_tree: false,
            in_tree: false,
        })
        .collect()
}

/// The whole by the label of its structure, and each part that has another one: a part goes ways
/// that the whole, which carries all their labels, does not.
fn parts(name: &str, labels: &LabelTree) -> Vec<(String, Label)> {
    let mut all = vec![(name.to_owned(), labels.root())];
    for (pointer, label) in labels.fields() {
        // Parts of one label go the same ways.
        if all.iter().all(|(_, other)| other != label) {
            all.push((format!("{name}{pointer}"), *label));
        }
    }
    all
}

/// The same content opened by another function: the run tree's files, and what its commands and
/// worktrees tell of them, are one source.
fn opens_the_tree(compiled: &Compiled, kind: &FunctionKind) -> bool {
    match kind {
        FunctionKind::Files { mount, .. } => is_tree(compiled, mount),
        FunctionKind::Worktree { .. } | FunctionKind::Command { .. } => true,
        FunctionKind::Tool { .. }
        | FunctionKind::Mcp { .. }
        | FunctionKind::Model { .. }
        | FunctionKind::WebFetch { .. }
        | FunctionKind::WebSearch
        | FunctionKind::Person
        | FunctionKind::Code
        | FunctionKind::Apply
        | FunctionKind::Print => false,
    }
}

pub(super) fn is_tree(compiled: &Compiled, mount: &str) -> bool {
    compiled.mounts.get(mount).is_some_and(|mount| mount.tree)
}
