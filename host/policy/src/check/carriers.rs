//! Who may make effects, and what of a content each of them has.

use lazaret_kernel::label::Label;
use lazaret_kernel::tables::{FunctionId, Grants};

use super::sources::Source;
use super::taking::{Taken, taken};
use crate::compiled::{Clearance, Compiled, FunctionKind};

/// Somebody who may make effects.
pub(super) struct Carrier<'a> {
    pub(super) name: String,
    pub(super) grants: Grants,
    pub(super) clearance: Label,
    /// A tool sees only what it opens itself and what it is called with.
    tool: Option<&'a str>,
}

/// What somebody has of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
    /// It may hold it, read or not.
    Handle,
    /// It was called with it, and so has read it from its start.
    Argument,
    /// It never sees it.
    Nothing,
}

impl Carrier<'_> {
    /// Says what this one may have of a source.
    pub(super) fn has(&self, compiled: &Compiled, source: &Source) -> Has {
        let Some(tool) = self.tool else {
            return Has::Handle;
        };
        if source.is_opened_with(&self.grants) {
            Has::Handle
        } else if is_called_with(compiled, tool, source.label) {
            Has::Argument
        } else {
            Has::Nothing
        }
    }
}

/// Returns all of them: profiles, the workflow, and tools.
pub(super) fn find(compiled: &Compiled) -> Vec<Carrier<'_>> {
    let profiles = compiled.profiles.iter().zip(&compiled.tables.profiles);
    let mut all: Vec<Carrier<'_>> = profiles
        .map(|(profile, rule)| Carrier {
            name: format!("profile {}", profile.name),
            grants: rule.grants,
            clearance: rule.clearance,
            tool: None,
        })
        .collect();
    all.extend(workflow(compiled));
    all.extend(compiled.tools.iter().map(|(name, tool)| Carrier {
        name: format!("tool {name}"),
        grants: tool.grants,
        clearance: Label::TOP,
        tool: Some(name.as_str()),
    }));
    all
}

/// Returns the grants of all who are granted something by name.
pub(super) fn grants(compiled: &Compiled) -> impl Iterator<Item = &Grants> {
    let profiles = compiled.tables.profiles.iter().map(|rule| &rule.grants);
    let tools = compiled.tools.values().map(|tool| &tool.grants);
    profiles.chain(tools)
}

fn workflow(compiled: &Compiled) -> Option<Carrier<'_>> {
    let workflow = compiled.workflow.as_ref()?;
    let name = match workflow.clearance {
        Clearance::Opaque => "the workflow",
        Clearance::Float => "the workflow (float)",
    };
    Some(Carrier {
        name: name.to_owned(),
        grants: workflow.grants,
        // Wherever an opaque one starts, nothing that is tainted flows there.
        clearance: workflow.clearance.label(Label::BOTTOM),
        tool: None,
    })
}

/// Whether some function of the tool takes content of this label unasked, and some agent may call
/// it. Tools call no other tools.
fn is_called_with(compiled: &Compiled, tool: &str, label: Label) -> bool {
    let functions = compiled.functions.iter().zip(&compiled.tables.functions);
    let mut functions = functions.zip((0..).map(FunctionId));
    functions.any(|((function, rule), id)| {
        let own = matches!(&function.kind, FunctionKind::Tool { tool: owner, .. } if owner == tool);
        let mut profiles = compiled.tables.profiles.iter();
        own && taken(rule, label) != Taken::Never
            && profiles.any(|profile| profile.grants.has_function(id))
    })
}
