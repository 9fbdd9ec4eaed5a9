//! Open paths: how tainted content may reach an effect as it is, by the policy's own word.
//!
//! A component that has read the content may make the effect where the whole call tolerates the
//! tags; one that only holds it may pass it on as an argument that does. A gate takes tags away
//! and a person is asked each time, so that neither leaves a path here. Models are left out,
//! which every agent asks and which act on nothing, and so is printing, which marks what it
//! prints.

use std::ops::Range;

use lazaret_kernel::label::Label;
use lazaret_kernel::tables::{FunctionId, FunctionRule, Grants, Verdict};

use crate::compiled::{Clearance, Compiled, FilesAct, Function, FunctionKind};
use crate::policy::Policy;

/// One way from a tainted source to an effect on which neither a gate nor a person stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPath {
    /// Where the content comes from: `source.args`, a field of it, or a function.
    pub source: String,
    /// The line on which the source stands.
    pub source_line: usize,
    /// The tags that it carries there.
    pub tags: Vec<String>,
    /// Who makes the effect: `profile NAME`, `tool NAME` or `workflow`.
    pub by: String,
    /// Whether that one has read it.
    pub how: How,
    /// The effect, with the argument where only that one takes it: `tracker.draft/body`.
    pub effect: String,
    /// The line on which the effect's rule stands.
    pub effect_line: usize,
}

/// How a component has the content that it passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It may read it, and act on what it read.
    Reads,
    /// It holds it unread.
    Holds,
}

/// A place where tainted content enters.
struct Source {
    name: String,
    span: Range<usize>,
    label: Label,
    /// The functions that open it; launch arguments are there without one.
    opened_by: Vec<FunctionId>,
}

impl Source {
    /// Whether somebody with these grants opens it himself.
    fn opens(&self, grants: &Grants) -> bool {
        self.opened_by.iter().any(|id| grants.has_function(*id))
    }
}

/// Somebody who may make effects.
struct Carrier {
    name: String,
    grants: Grants,
    clearance: Label,
    /// A tool sees only what it opens itself and what it is called with.
    only_own: bool,
}

/// Lists every path, by source, then by who acts, then by effect.
pub(super) fn find(policy: &Policy, compiled: &Compiled) -> Vec<OpenPath> {
    let (sources, carriers) = (sources(policy, compiled), carriers(compiled));
    let mut all = Vec::new();
    for source in sources
        .iter()
        .filter(|source| !source.label.taint.is_empty())
    {
        for carrier in &carriers {
            if carrier.only_own && !source.opens(&carrier.grants) {
                continue;
            }
            for id in carrier.grants.functions() {
                all.extend(path(policy, compiled, source, carrier, id));
            }
        }
    }
    all
}

fn path(
    policy: &Policy,
    compiled: &Compiled,
    source: &Source,
    carrier: &Carrier,
    id: FunctionId,
) -> Option<OpenPath> {
    let (function, rule) = (compiled.function(id)?, compiled.tables.function(id)?);
    let place = policy.functions.places.get(usize::from(id.0))?;
    if !acts(compiled, &function.kind) || !open(rule, source.label) {
        return None;
    }
    let taint = source.label.taint;
    let everywhere = taint.is_subset(rule.caller)
        && rule
            .arguments
            .iter()
            .all(|argument| taint.is_subset(argument.tolerates));
    let (how, effect) = if everywhere && source.label.flows_to(carrier.clearance) {
        (How::Reads, function.name.clone())
    } else {
        (How::Holds, holding(function, rule, source.label)?)
    };
    let line = |span: &Range<usize>| policy.text.position(span.start).0;
    Some(OpenPath {
        source: source.name.clone(),
        source_line: line(&source.span),
        tags: compiled.names.tag_names(taint),
        by: carrier.name.clone(),
        how,
        effect,
        effect_line: line(&place.span),
    })
}

/// Whether nobody is asked, and everybody whom the effect reaches may read the content.
fn open(rule: &FunctionRule, label: Label) -> bool {
    let asks = matches!(rule.verdict, Verdict::Ask { .. });
    !asks && rule.recipients.is_subset(label.readers)
}

/// The arguments that take the content from somebody who has not read it.
fn holding(function: &Function, rule: &FunctionRule, label: Label) -> Option<String> {
    let arguments = function.arguments.iter().zip(&rule.arguments);
    let taking = arguments.filter(|(_, rule)| label.taint.is_subset(rule.tolerates));
    let names: Vec<&str> = taking.map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| format!("{}/{}", function.name, names.join("+")))
}

/// Whether something outside of the run may change, or learn something, by it. What is written
/// to the run tree, or done in it by a command without a way out, stays in the run with its
/// label: it acts when the tree is applied.
fn acts(compiled: &Compiled, kind: &FunctionKind) -> bool {
    match kind {
        FunctionKind::Tool { .. }
        | FunctionKind::Mcp { .. }
        | FunctionKind::WebFetch { .. }
        | FunctionKind::WebSearch
        | FunctionKind::Apply => true,
        FunctionKind::Files { mount, act } => {
            matches!(act, FilesAct::Write | FilesAct::Edit) && !is_tree(compiled, mount)
        }
        FunctionKind::Command { group } => !compiled.has_no_exit(group),
        FunctionKind::Code
        | FunctionKind::Worktree { .. }
        | FunctionKind::Model { .. }
        | FunctionKind::Person
        | FunctionKind::Print => false,
    }
}

fn is_tree(compiled: &Compiled, mount: &str) -> bool {
    compiled.mounts.get(mount).is_some_and(|mount| mount.tree)
}

/// The same content opened by another function: the run tree's files, and what its commands and
/// worktrees tell of them, are one source.
fn opens_the_tree(compiled: &Compiled, kind: &FunctionKind) -> bool {
    match kind {
        FunctionKind::Files { mount, .. } => is_tree(compiled, mount),
        FunctionKind::Worktree { .. } | FunctionKind::Command { .. } => true,
        _ => false,
    }
}

fn sources(policy: &Policy, compiled: &Compiled) -> Vec<Source> {
    let span = policy.places.args.clone().unwrap_or(0..0);
    let labels = &compiled.args.labels;
    let whole = ("source.args".to_owned(), labels.root());
    let fields = labels.fields().iter();
    let fields = fields.map(|(pointer, label)| (format!("source.args{pointer}"), *label));
    let mut all: Vec<Source> = Vec::new();
    for (name, label) in std::iter::once(whole).chain(fields) {
        // Fields of the label of the whole go the ways of the whole.
        if all.iter().all(|other| other.label != label) {
            all.push(Source {
                name,
                span: span.clone(),
                label,
                opened_by: Vec::new(),
            });
        }
    }
    let mut tree: Vec<usize> = Vec::new();
    let functions = compiled.functions.iter().zip(&compiled.tables.functions);
    for ((function, rule), id) in functions.zip(0u16..) {
        let in_tree = opens_the_tree(compiled, &function.kind);
        let same = |at: &&usize| all.get(**at).is_some_and(|one| one.label == rule.source);
        let known = tree.iter().find(same).filter(|_| in_tree).copied();
        if let Some(known) = known.and_then(|at| all.get_mut(at)) {
            known.opened_by.push(FunctionId(id));
            continue;
        }
        if in_tree {
            tree.push(all.len());
        }
        let place = policy.functions.places.get(usize::from(id));
        all.push(Source {
            name: function.name.clone(),
            span: place.map_or(0..0, |place| place.span.clone()),
            label: rule.source,
            opened_by: vec![FunctionId(id)],
        });
    }
    let granted = |source: &Source| {
        source.opened_by.is_empty() || grants(compiled).any(|grants| source.opens(grants))
    };
    all.retain(granted);
    all
}

fn grants(compiled: &Compiled) -> impl Iterator<Item = &Grants> {
    let profiles = compiled.tables.profiles.iter().map(|rule| &rule.grants);
    let tools = compiled.tools.values().map(|tool| &tool.grants);
    profiles.chain(tools)
}

fn carriers(compiled: &Compiled) -> Vec<Carrier> {
    let profiles = compiled.profiles.iter().zip(&compiled.tables.profiles);
    let mut all: Vec<Carrier> = profiles
        .map(|(profile, rule)| Carrier {
            name: format!("profile {}", profile.name),
            grants: rule.grants,
            clearance: rule.clearance,
            only_own: false,
        })
        .collect();
    if let Some(workflow) = &compiled.workflow {
        let start = Label {
            readers: compiled.args.labels.root().readers,
            ..Label::BOTTOM
        };
        all.push(Carrier {
            name: match workflow.clearance {
                Clearance::Opaque => "the workflow".to_owned(),
                Clearance::Float => "the workflow (float)".to_owned(),
            },
            grants: workflow.grants,
            clearance: workflow.clearance.label(start),
            only_own: false,
        });
    }
    all.extend(compiled.tools.iter().map(|(name, tool)| Carrier {
        name: format!("tool {name}"),
        grants: tool.grants,
        clearance: Label::TOP,
        only_own: true,
    }));
    all
}
