//! A loaded plugin: the component and what it says of itself, with its native code.

use std::fmt;

use lazaret_journal::Content;
use lazaret_policy::manifest::{Manifest, section};

use self::code::Code;
pub(crate) use self::code::{Loader, Room};
pub(crate) use self::link::Linked;
use crate::error::HostError;

mod code;
mod link;

/// A plugin that can be instantiated.
pub struct Plugin {
    name: String,
    digest: String,
    manifest: Manifest,
    code: Code,
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.name)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

impl Plugin {
    /// Reads the manifest that a component carries.
    pub fn manifest_of(name: &str, bytes: &[u8]) -> Result<Manifest, HostError> {
        let text = section::extract(bytes)
            .map_err(|problem| HostError::plugin(name, problem.to_string()))?
            .ok_or_else(|| {
                HostError::plugin(
                    name,
                    "the component carries no manifest; build it with its `plugin.toml` embedded",
                )
            })?;
        Manifest::parse(&format!("{name} (embedded plugin.toml)"), &text).map_err(HostError::Policy)
    }

    /// Makes a component ready whose manifest was read.
    pub(crate) fn load(
        name: &str,
        manifest: Manifest,
        content: &Content,
        loader: &Loader,
    ) -> Result<Self, HostError> {
        let code = Code::new(content, manifest.world(), loader);
        Ok(Self {
            name: name.to_owned(),
            digest: content.digest().to_string(),
            code: code.map_err(|error| unusable(name, &error))?,
            manifest,
        })
    }

    /// Returns its name in the policy.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the SHA-256 of the component in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns what it requests.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn linked(&self) -> Result<&Linked, HostError> {
        let linked = self.code.linked();
        linked.map_err(|error| unusable(&self.name, &error))
    }

    /// Returns where an instance runs.
    pub(crate) fn room(&self) -> Result<Room<'_>, HostError> {
        let room = self.code.room();
        room.map_err(|error| unusable(&self.name, &error))
    }
}

fn unusable(name: &str, error: &wasmtime::Error) -> HostError {
    HostError::plugin(name, format!("{error:#}"))
}

/// Returns the SHA-256 of bytes in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    lazaret_journal::Digest::of(bytes).to_string()
}
