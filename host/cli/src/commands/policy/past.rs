//! A run of the journal with the policy that it last ran under.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use lazaret_journal::Journal;
use lazaret_policy::compile::compile;
use lazaret_policy::compiled::Compiled;
use lazaret_policy::policy::Policy;
use lazaret_runtime::plugin::Plugin;
use lazaret_runtime::resume;
use lazaret_workflow::event::Event;

use crate::{home, secrets, stored};

/// What a run left, and by what it was decided.
pub(super) struct Past {
    pub(super) run: String,
    pub(super) events: Vec<Event>,
    pub(super) policy: Policy,
    pub(super) policy_text: String,
    pub(super) compiled: Compiled,
}

/// Reads a run whose id begins with a text.
pub(super) fn read(run: &str) -> Result<Past> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, run)?;
    let launch = resume::launch(&journal, &id, secrets::keys(), Arc::new(|_| {}))?;
    let mut manifests = BTreeMap::new();
    for (name, component) in &launch.components {
        let manifest = Plugin::manifest_of(name, component.bytes())?;
        manifests.insert(name.clone(), manifest);
    }
    let compiled = compile(&launch.policy, &manifests)
        .map_err(|problems| anyhow!("the run's policy has {} problems by now", problems.len()))?;
    Ok(Past {
        run: id.to_string(),
        events: stored::events(&journal, &id)?,
        policy: launch.policy,
        policy_text: launch.policy_text,
        compiled,
    })
}

impl Past {
    /// Returns the profile of a step; the orchestrator has none.
    pub(super) fn profile(&self, step: u32) -> Option<&str> {
        self.events.iter().find_map(|event| match event {
            Event::StepStarted {
                step: number,
                profile,
                ..
            } if *number == step && step > 0 => Some(profile.as_str()),
            _ => None,
        })
    }
}
