//! Children that are to be less than their profile: another plugin, or fewer tools.

use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::tables::Grants;
use lazaret_policy::compiled::Profile;
use lazaret_policy::manifest::{Reads, World};
use serde_json::Value;

use crate::bindings::types::Error as GuestError;
use crate::run::Run;

impl Run {
    /// Returns the profile with the plugin that the options name, if they do.
    pub(crate) fn with_plugin(
        &self,
        profile: &Profile,
        options: &Value,
    ) -> Result<Profile, GuestError> {
        let Some(name) = options.get("plugin").and_then(Value::as_str) else {
            return Ok(profile.clone());
        };
        let failed = |why: &str| GuestError::Failed(format!("unknown: the plugin `{name}` {why}"));
        let plugin = self.plugins.get(name);
        let plugin = plugin.ok_or_else(|| failed("is none of the policy's"))?;
        let manifest = plugin.manifest();
        if manifest.world() != World::Agent {
            return Err(failed("is no agent"));
        }
        // What an instance may read is its profile's, which asked another plugin.
        if *manifest.reads() != Reads::All {
            return Err(failed(
                "says itself what it reads: give it a profile of its own",
            ));
        }
        Ok(Profile {
            plugin: name.to_owned(),
            limits: manifest.limits().within(self.compiled.ceiling),
            ..profile.clone()
        })
    }

    /// Takes from a child what its options do not name, and what its plugin does not ask for.
    pub(crate) fn narrow(
        &self,
        child: InstanceId,
        profile: &Profile,
        options: &Value,
    ) -> Result<(), GuestError> {
        let mut grants = None;
        if let Some(tools) = options.get("tools").filter(|tools| !tools.is_null()) {
            let names = names(tools)?;
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            grants = Some(self.compiled.named_tools(&names));
        }
        if options.get("plugin").is_some_and(Value::is_string) {
            let asked = self.requested(profile);
            grants = Some(grants.map_or(asked, |named| named.intersect(&asked)));
        }
        let Some(grants) = grants else {
            return Ok(());
        };
        let narrowed = self.monitor().narrow(child, &grants);
        narrowed.map_err(|_gone| GuestError::Failed("the child is gone".to_owned()))
    }

    /// Returns what a profile's plugin asks for.
    fn requested(&self, profile: &Profile) -> Grants {
        let mut grants = Grants::NONE;
        let Some(plugin) = self.plugins.get(&profile.plugin) else {
            return grants;
        };
        for function in &self.compiled.functions {
            if plugin.manifest().requests_function(&function.name)
                && let Some(id) = self.compiled.function_id(&function.name)
            {
                grants.allow_function(id);
            }
        }
        for gate in plugin.manifest().gates() {
            if let Some(id) = self.compiled.gate_id(gate) {
                grants.allow_gate(id);
            }
        }
        grants
    }
}

fn names(tools: &Value) -> Result<Vec<String>, GuestError> {
    let names: Option<Vec<String>> = match tools {
        Value::String(list) => Some(list.split(',').map(|one| one.trim().to_owned()).collect()),
        Value::Array(list) => list
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    };
    names.ok_or_else(|| GuestError::Failed("`tools` is a list of tools' names".to_owned()))
}
