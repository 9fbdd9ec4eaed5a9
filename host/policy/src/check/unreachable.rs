//! What a policy defines and nobody can use, and what its plugins ask for that it does not define.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use lazaret_kernel::label::{Label, TagSet};
use lazaret_kernel::tables::FunctionId;

use crate::compiled::{Clearance, Compiled, FunctionKind};
use crate::policy::{Grant, Policy};
use lazaret_manifest::codes;
use lazaret_manifest::diagnostic::quote;
use lazaret_manifest::grant;
use lazaret_manifest::manifest::Manifest;
use lazaret_manifest::text::Report;

/// Looks for everything that is defined in vain.
pub(super) fn find(
    policy: &Policy,
    manifests: &BTreeMap<String, Manifest>,
    compiled: &Compiled,
    report: &mut Report,
) {
    let granted = granted(policy);
    plugins(policy, report);
    gates(policy, report);
    functions(policy, &granted, report);
    tools(policy, report);
    profiles(policy, compiled, report);
    tags(policy, &granted, report);
    requests(policy, manifests, report);
}

/// Every function that somebody is granted, requested or not.
fn granted(policy: &Policy) -> BTreeSet<u16> {
    let profiles = policy.profiles.iter().map(|entry| &entry.grants);
    let tools = policy.tools.iter().map(|entry| &entry.grants);
    let functions = |grants: &Vec<Grant>| -> Vec<FunctionId> {
        let all = grants.iter().flat_map(|grant| grant.functions.clone());
        all.collect()
    };
    let mut all: BTreeSet<u16> = profiles
        .chain(tools)
        .flat_map(functions)
        .map(|id| id.0)
        .collect();
    if policy.workflow.as_ref().is_some_and(|entry| entry.print) {
        all.insert(policy.functions.print.0);
    }
    all
}

fn plugins(policy: &Policy, report: &mut Report) {
    let profiles = policy.profiles.iter().map(|entry| &entry.plugin.value);
    let tools = policy.tools.iter().map(|entry| &entry.plugin.value);
    let workflow = policy.workflow.iter().map(|entry| &entry.plugin.value);
    let used: BTreeSet<&String> = profiles.chain(tools).chain(workflow).collect();
    for plugin in &policy.places.plugins {
        if !used.contains(&plugin.value) {
            let message = format!("nothing uses the plugin {}", quote(&plugin.value));
            let hint = "name it in a profile, a tool or the workflow, or take it out";
            unreachable(report, &plugin.span, message, hint);
        }
    }
}

fn gates(policy: &Policy, report: &mut Report) {
    let profiles = policy.profiles.iter().map(|entry| &entry.gates);
    let workflow = policy.workflow.iter().map(|entry| &entry.gates);
    let used = profiles.chain(workflow).flatten();
    let used: BTreeSet<u8> = used.map(|(_, id)| id.0).collect();
    for ((gate, _), id) in policy.places.gates.iter().zip(0..) {
        if !used.contains(&id) {
            let message = format!("nobody may use the gate {}", quote(&gate.value));
            let hint = "grant it with `gates` of the workflow or of a profile, or take it out";
            unreachable(report, &gate.span, message, hint);
        }
    }
}

/// A directory and a site make several functions, of which one in use is enough.
fn functions(policy: &Policy, granted: &BTreeSet<u16>, report: &mut Report) {
    let mut groups: Vec<(String, Range<usize>, bool)> = Vec::new();
    let all = policy.functions.list.iter().zip(&policy.functions.places);
    for ((function, place), id) in all.zip(0u16..) {
        let name = match &function.kind {
            FunctionKind::Tool { .. } | FunctionKind::Mcp { .. } => {
                format!("the function {}", quote(&function.name))
            }
            FunctionKind::Files { mount, .. } => format!("the directory {}", quote(mount)),
            FunctionKind::WebFetch { site, .. } => format!("the site {}", quote(site)),
            FunctionKind::WebSearch => "the search service".to_owned(),
            FunctionKind::Command { group } => format!("the group of commands {}", quote(group)),
            FunctionKind::Code
            | FunctionKind::Worktree { .. }
            | FunctionKind::Apply
            | FunctionKind::Model { .. }
            | FunctionKind::Person
            | FunctionKind::Print => continue,
        };
        let used = granted.contains(&id);
        match groups.iter_mut().find(|(other, _, _)| *other == name) {
            Some((_, _, any)) => *any |= used,
            None => groups.push((name, place.span.clone(), used)),
        }
    }
    for (name, span, _) in groups.iter().filter(|(_, _, used)| !used) {
        let message = format!("nobody is granted {name}");
        let hint = "grant it with `use` of a profile or a tool, or take it out";
        unreachable(report, span, message, hint);
    }
}

fn tools(policy: &Policy, report: &mut Report) {
    for tool in &policy.places.tools {
        let mut functions = policy.functions.list.iter();
        let has_any = functions.any(|function| match &function.kind {
            FunctionKind::Tool { tool: name, .. } | FunctionKind::Mcp { server: name, .. } => {
                *name == tool.value
            }
            FunctionKind::Files { .. }
            | FunctionKind::Model { .. }
            | FunctionKind::WebFetch { .. }
            | FunctionKind::WebSearch
            | FunctionKind::Command { .. }
            | FunctionKind::Code
            | FunctionKind::Worktree { .. }
            | FunctionKind::Apply
            | FunctionKind::Person
            | FunctionKind::Print => false,
        });
        if !has_any {
            let message = format!(
                "the tool {} has no function with a rule",
                quote(&tool.value)
            );
            let hint = format!(
                "write `[tool.{}.fn.NAME]` for what may be called",
                tool.value
            );
            report.hinted(codes::NO_RULE, &tool.span, message, hint);
        }
    }
}

/// An opaque orchestrator knows nothing above its start, and its children start there: a
/// profile that may not rise even to that is never spawned.
fn profiles(policy: &Policy, compiled: &Compiled, report: &mut Report) {
    let workflow = compiled.workflow.as_ref();
    if workflow.is_none_or(|one| one.clearance != Clearance::Opaque) {
        return;
    }
    let start = Label {
        readers: compiled.args.labels.root().readers,
        ..Label::BOTTOM
    };
    for (place, rule) in policy.places.profiles.iter().zip(&compiled.tables.profiles) {
        if !start.flows_to(rule.clearance) {
            let message = format!(
                "the workflow cannot spawn {}: it starts with what fewer may read",
                quote(&place.value)
            );
            let hint = "let `readers` of the profile be no more than those of `[source.args]`";
            unreachable(report, &place.span, message, hint);
        }
    }
}

/// A tag that only comes from what nobody may open is never seen.
fn tags(policy: &Policy, granted: &BTreeSet<u16>, report: &mut Report) {
    let rules = policy.functions.rules.iter().zip(0u16..);
    let brought = rules.filter(|(_, id)| granted.contains(id));
    let brought = brought.fold(policy.args.labels.joined().taint, |all, (rule, _)| {
        all | rule.source.taint
    });
    let seen = brought | TagSet::UNKNOWN;
    let removed = policy.places.gates.iter().flat_map(|(_, removes)| removes);
    let read = policy.profiles.iter().flat_map(|entry| &entry.read_tags);
    for tag in removed.chain(read) {
        let set = policy.names.find_tag(&tag.value);
        if set.is_some_and(|set| !set.is_subset(seen)) {
            let message = format!(
                "nothing that anybody may open carries {}",
                quote(&tag.value)
            );
            let hint = "grant the source that carries it, or take the tag out";
            unreachable(report, &tag.span, message, hint);
        }
    }
}

/// A plugin that asks for a function which the policy does not have is denied each call of it.
fn requests(policy: &Policy, manifests: &BTreeMap<String, Manifest>, report: &mut Report) {
    for plugin in &policy.places.plugins {
        let Some(manifest) = manifests.get(&plugin.value) else {
            continue;
        };
        let known = |request: &String| {
            let mut all = policy.functions.list.iter();
            all.any(|one| one.kind.can_be_granted() && grant::covers(request, &one.name))
        };
        let requests = manifest.requests().iter();
        for request in requests.filter(|request| !known(request)) {
            let message = format!(
                "the plugin {} asks for {}, for which there is no rule",
                quote(&plugin.value),
                quote(request)
            );
            let hint = "each call of it is denied; define the function if it is wanted".to_owned();
            report.hinted(codes::NO_RULE, &plugin.span, message, hint);
        }
    }
}

fn unreachable(report: &mut Report, span: &Range<usize>, message: String, hint: &str) {
    report.hinted(codes::UNREACHABLE, span, message, hint.to_owned());
}
