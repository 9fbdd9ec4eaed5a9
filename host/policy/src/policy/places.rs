//! Where the names of a policy stand in its text, for whoever judges the whole of it later.

use std::ops::Range;

use super::draft::Draft;
use lazaret_manifest::text::At;

/// The places of everything that has a name. Functions carry their own.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The name of `[source.args]`.
    pub(crate) args: Option<Range<usize>>,
    pub(crate) plugins: Vec<At<String>>,
    /// Components and servers.
    pub(crate) tools: Vec<At<String>>,
    pub(crate) profiles: Vec<At<String>>,
    /// The gate rules in the order of their ids, each with the tags that it removes.
    pub(crate) gates: Vec<(At<String>, Vec<At<String>>)>,
}

impl Places {
    pub(super) fn of(draft: &Draft) -> Self {
        let plugins = draft.plugins.iter().map(|(name, _)| name.clone());
        let tools = draft.tools.iter().map(|tool| tool.name.clone());
        let profiles = draft.profiles.iter().map(|profile| profile.name.clone());
        let gates = draft.gates.iter();
        let gates = gates.map(|gate| (gate.name.clone(), gate.removes.clone().unwrap_or_default()));
        Self {
            args: draft.args.as_ref().map(|args| args.span.clone()),
            plugins: plugins.collect(),
            tools: tools.collect(),
            profiles: profiles.collect(),
            gates: gates.collect(),
        }
    }
}
