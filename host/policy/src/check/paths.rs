//! Open paths: how tainted content may reach an effect as it is, by the policy's own word.
//!
//! A component that has read the content may make the effect where the whole call tolerates the
//! tags; one that only holds it may pass it on as an argument that does; and a command that
//! reaches hosts can send them whatever somebody wrote into the run tree. A gate takes tags away
//! and a person is asked each time, so that neither leaves a path here. Models are left out,
//! which every agent asks and which act on nothing, and so is printing, which marks what it
//! prints.

use std::ops::Range;

use lazaret_kernel::label::Label;
use lazaret_kernel::tables::{FunctionId, FunctionRule};

use super::carriers::{self, Carrier, Has};
use super::sources::{self, Source, is_tree};
use super::taking::{Taken, is_open, taken};
use crate::command::TREE;
use crate::compiled::{Compiled, FilesAct, Function, FunctionKind};
use crate::policy::Policy;

/// One way from a tainted source to an effect on which neither a gate nor a person stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPath {
    /// Where the content comes from: `source.args`, a function, or a field of either.
    pub source: String,
    /// The line on which the source stands.
    pub source_line: usize,
    /// The tags that it carries there.
    pub tags: Vec<String>,
    /// Who makes the effect, or brings the content into the run tree: `profile NAME`,
    /// `tool NAME` or `the workflow`.
    pub by: String,
    /// Whether that one has read it.
    pub how: How,
    /// The effect, with the argument where only that one takes it: `tracker.draft/body`. What
    /// goes out in a file begins with the run tree: `run tree -> command.remote`.
    pub effect: String,
    /// The line on which the effect's rule stands.
    pub effect_line: usize,
}

/// How a component has the content that it passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It may read it, and act on what it read.
    Reads,
    /// It holds it unread.
    Holds,
}

/// Lists every path, by source, then by who acts, then by effect.
pub(super) fn find(policy: &Policy, compiled: &Compiled) -> Vec<OpenPath> {
    let (sources, carriers) = (sources::find(policy, compiled), carriers::find(compiled));
    let senders = senders(compiled);
    let mut all = Vec::new();
    for source in &sources {
        for carrier in &carriers {
            let way = Way {
                policy,
                compiled,
                source,
                carrier,
                has: carrier.has(compiled, source),
            };
            let functions = carrier.grants.functions();
            all.extend(functions.filter_map(|id| way.direct(id)));
            all.extend(senders.iter().filter_map(|id| way.by_tree(*id)));
        }
    }
    all
}

/// The functions in use whose commands reach hosts.
fn senders(compiled: &Compiled) -> Vec<FunctionId> {
    let functions = compiled.functions.iter().zip((0..).map(FunctionId));
    functions
        .filter(|(function, _)| is_sender(compiled, &function.kind))
        .map(|(_, id)| id)
        .filter(|id| carriers::grants(compiled).any(|grants| grants.has_function(*id)))
        .collect()
}

/// A source, and somebody who may have what comes from it.
struct Way<'a> {
    policy: &'a Policy,
    compiled: &'a Compiled,
    source: &'a Source,
    carrier: &'a Carrier<'a>,
    has: Has,
}

impl Way<'_> {
    /// Returns the path on which this one makes the effect.
    fn direct(&self, id: FunctionId) -> Option<OpenPath> {
        let (function, rule) = self.rule(id)?;
        if !acts(self.compiled, &function.kind) {
            return None;
        }
        let how = self.how(rule)?;
        let effect = match how {
            How::Reads => function.name.clone(),
            How::Holds => holding(function, rule, self.source.label)?,
        };
        self.path(how, effect, id)
    }

    /// Returns the path on which this one brings the content into the run tree, which a command
    /// then sends. What is there from the beginning is sent by whoever runs the command.
    fn by_tree(&self, id: FunctionId) -> Option<OpenPath> {
        let (function, rule) = self.rule(id)?;
        if !self.is_sent(id, rule) {
            return None;
        }
        let how = if self.source.in_tree {
            let runs = self.carrier.grants.has_function(id) && self.direct(id).is_none();
            runs.then_some(How::Holds)?
        } else {
            self.by_the_tree()?
        };
        self.path(how, format!("run tree -> {}", function.name), id)
    }

    /// Says how this one can pass the content on, if at all.
    fn how(&self, rule: &FunctionRule) -> Option<How> {
        let label = self.source.label;
        let reads = label.flows_to(self.carrier.clearance);
        match (self.has, taken(rule, label)) {
            (Has::Handle | Has::Argument, Taken::Read) if reads => Some(How::Reads),
            (Has::Handle, Taken::Read | Taken::Unread) => Some(How::Holds),
            (Has::Argument, Taken::Read | Taken::Unread)
            | (Has::Nothing, _)
            | (_, Taken::Never) => None,
        }
    }

    /// Says how this one gets the content into the run tree: a command's own answer is there too,
    /// where the command may write.
    fn by_the_tree(&self) -> Option<How> {
        let functions = self.carrier.grants.functions();
        let ways = functions.filter_map(|id| {
            let (function, rule) = self.rule(id)?;
            if !fills_the_tree(self.compiled, &function.kind) {
                return None;
            }
            let opens = self.source.is_opened_by(id).then_some(How::Holds);
            self.how(rule).or(opens)
        });
        ways.min()
    }

    /// Whether a command takes the run tree with the content in it. Of the tree only what is
    /// above the project's own label is judged.
    fn is_sent(&self, id: FunctionId, rule: &FunctionRule) -> bool {
        let mut mounts = self.compiled.mounts.values();
        let Some(project) = mounts.find(|mount| mount.tree) else {
            return false;
        };
        let label = self.source.label.beyond(project.label);
        let tree = self.compiled.argument_id(id, TREE);
        let tree = tree.and_then(|tree| rule.arguments.get(usize::from(tree.0)));
        tree.is_some_and(|tree| label.taint.is_subset(tree.tolerates)) && is_open(rule, label)
    }

    fn rule(&self, id: FunctionId) -> Option<(&Function, &FunctionRule)> {
        let function = self.compiled.function(id)?;
        Some((function, self.compiled.tables.function(id)?))
    }

    fn path(&self, how: How, effect: String, id: FunctionId) -> Option<OpenPath> {
        let place = self.policy.functions.places.get(usize::from(id.0))?;
        let line = |span: &Range<usize>| self.policy.text.position(span.start).0;
        Some(OpenPath {
            source: self.source.name.clone(),
            source_line: line(&self.source.span),
            tags: self.compiled.names.tag_names(self.source.label.taint),
            by: self.carrier.name.clone(),
            how,
            effect,
            effect_line: line(&place.span),
        })
    }
}

/// The arguments that take the content from somebody who has not read it. The run tree is none
/// of them: the host gives it.
fn holding(function: &Function, rule: &FunctionRule, label: Label) -> Option<String> {
    let is_command = matches!(function.kind, FunctionKind::Command { .. });
    let arguments = function.arguments.iter().zip(&rule.arguments);
    let names: Vec<&str> = arguments
        .filter(|(_, rule)| label.taint.is_subset(rule.tolerates))
        .map(|(name, _)| name.as_str())
        .filter(|name| !is_command || *name != TREE)
        .collect();
    (!names.is_empty()).then(|| format!("{}/{}", function.name, names.join("+")))
}

/// Whether something outside of the run may change, or learn something, by it. What is written
/// to the run tree, or done in it by a command without a way out, stays in the run with its
/// label: it acts when the tree is applied, or by a command with a way out.
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
        FunctionKind::Command { .. } => is_sender(compiled, kind),
        FunctionKind::Code
        | FunctionKind::Worktree { .. }
        | FunctionKind::Model { .. }
        | FunctionKind::Person
        | FunctionKind::Print => false,
    }
}

/// Whether it is a command with a way out.
fn is_sender(compiled: &Compiled, kind: &FunctionKind) -> bool {
    matches!(kind, FunctionKind::Command { group } if !compiled.has_no_exit(group))
}

/// Whether it changes files of the run tree. Who takes a worktree over brings nothing that the
/// one who wrote to it did not.
fn fills_the_tree(compiled: &Compiled, kind: &FunctionKind) -> bool {
    match kind {
        FunctionKind::Files { mount, act } => {
            matches!(act, FilesAct::Write | FilesAct::Edit) && is_tree(compiled, mount)
        }
        FunctionKind::Command { group } => {
            let commands = compiled.commands.as_ref();
            let group = commands.and_then(|commands| commands.group(group));
            group.is_some_and(|group| group.write)
        }
        FunctionKind::Tool { .. }
        | FunctionKind::Mcp { .. }
        | FunctionKind::WebFetch { .. }
        | FunctionKind::WebSearch
        | FunctionKind::Apply
        | FunctionKind::Code
        | FunctionKind::Worktree { .. }
        | FunctionKind::Model { .. }
        | FunctionKind::Person
        | FunctionKind::Print => false,
    }
}
