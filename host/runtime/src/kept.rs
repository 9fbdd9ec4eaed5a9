//! A tree that a run has left behind: shown to the person whose files it would change, and
//! applied at that person's word alone.

use std::path::Path;

use lazaret_policy::policy::Policy;
use serde_json::Value;

use crate::error::HostError;
use crate::launch::Launch;
use crate::place::Place;
use crate::tree::{From, Origin, Tree};

/// A kept tree with what it has become.
#[derive(Debug)]
pub struct Kept {
    tree: Tree,
    project: Place,
    patch: Value,
    workplace: std::path::PathBuf,
}

impl Kept {
    /// Opens the tree that a run has left below `trees`; `None` where it left none, or nothing
    /// in it has changed.
    pub fn open(trees: &Path, launch: &Launch) -> Result<Option<Self>, HostError> {
        let workplace = trees.join(launch.id.to_string());
        let base = workplace.join("run");
        let Some(origin) = origin(&launch.policy, &launch.directory)? else {
            return Ok(None);
        };
        if !base.exists() {
            return Ok(None);
        }
        let own = Some(workplace.join("git")).filter(|own| own.exists());
        let project = Place::at(&origin.project, &origin.mount)?;
        let tree = Tree::open(&base, origin, From::WorkingCopy, own).map_err(HostError::Tree)?;
        let changes = tree.changes();
        if changes.is_empty() {
            return Ok(None);
        }
        let patch = tree.patch(&changes).map_err(HostError::Tree)?;
        Ok(Some(Self {
            tree,
            project,
            patch,
            workplace,
        }))
    }

    /// Returns what would change, as `run.apply` is shown it.
    pub fn patch(&self) -> &Value {
        &self.patch
    }

    /// Makes the operator's files what the tree has become, and takes the tree away.
    pub fn apply(self) -> Result<Vec<String>, HostError> {
        let applied = self.tree.apply(&self.project, &self.patch);
        let applied = applied.map_err(HostError::Tree)?;
        std::fs::remove_dir_all(self.workplace.join("run")).ok();
        let entries = std::fs::read_dir(&self.workplace).into_iter().flatten();
        let mut names = entries.flatten().map(|entry| entry.file_name());
        if !names.any(|name| name.to_string_lossy().starts_with('w')) {
            std::fs::remove_dir_all(&self.workplace).ok();
        }
        Ok(applied)
    }
}

fn origin(policy: &Policy, directory: &Path) -> Result<Option<Origin>, HostError> {
    let Some((rule, mount, names)) = policy.tree() else {
        return Ok(None);
    };
    let project = directory.join(&mount.path);
    let project = project
        .canonicalize()
        .map_err(|source| HostError::file(&project, source))?;
    Ok(Some(Origin {
        project,
        mount: mount.clone(),
        rule: rule.clone(),
        names: names.clone(),
    }))
}
