//! Makes the operator's files what the tree's have become: all of them, or none.

use std::io::{Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use cap_std::fs::{Dir, OpenOptions, Permissions, PermissionsExt as _};
use serde_json::Value;

use super::{Change, Tree, scan};
use crate::place::{Inside, Place};

/// One change that can be made: where, and what becomes of it.
pub(super) struct Step {
    at: Inside,
    directory: Dir,
    name: PathBuf,
    /// The new file beside the old one; `None` where the old one goes away.
    new: Option<PathBuf>,
}

impl Tree {
    /// Applies a patch. What the operator has changed meanwhile is named, and then nothing is
    /// applied. What is as it should become already was applied before.
    pub(crate) fn apply(&self, project: &Place, patch: &Value) -> Result<Vec<String>, String> {
        let changes = patch.get("changes").and_then(Value::as_array);
        let changes = changes.ok_or("the patch has no `changes`")?;
        let mut wanted = Vec::new();
        let mut conflicts = Vec::new();
        for change in changes {
            let text = |key: &str| change.get(key).and_then(Value::as_str);
            let path = text("path").ok_or("a change has no `path`")?;
            let at = project.inside(path)?;
            let now = scan::state(&self.project().join(path))?;
            if now.as_deref() == text("after") {
                continue;
            }
            if now.as_deref() != text("before") {
                conflicts.push(format!("`{path}` was changed in the project meanwhile"));
            } else if let Some(reason) = self.unfit(path, text("after"))? {
                conflicts.push(reason);
            }
            wanted.push((at, text("after").map(str::to_owned)));
        }
        if !conflicts.is_empty() {
            return Err(format!("nothing was applied: {}", conflicts.join("; ")));
        }
        let mut steps = Vec::new();
        for (at, after) in wanted {
            match self.prepare(project, &at, after.as_deref(), None) {
                Ok(step) => steps.push(step),
                Err(error) => {
                    steps.iter().for_each(Step::forget);
                    return Err(format!("nothing was applied: {error}"));
                }
            }
        }
        let mut applied = Vec::new();
        for step in &steps {
            let done = step.take();
            done.map_err(|error| {
                format!(
                    "`{}`: {}; apply the run again to go on",
                    step.at,
                    error.kind()
                )
            })?;
            applied.push(step.at.to_string());
        }
        Ok(applied)
    }

    /// Says which change is not there in the operator's files, if one is not.
    pub(crate) fn unapplied(&self, changes: &[Change]) -> Option<String> {
        let differs = |change: &&Change| {
            let now = scan::state(&self.project().join(&change.path));
            now.ok().is_none_or(|now| now != change.after)
        };
        let change = changes.iter().find(differs)?;
        Some(format!(
            "`{}` is not yet as it is in the run tree",
            change.path
        ))
    }

    /// Says why the tree's file cannot become the operator's.
    fn unfit(&self, path: &str, after: Option<&str>) -> Result<Option<String>, String> {
        if scan::state(&self.files().join(path))?.as_deref() != after {
            return Ok(Some(format!(
                "`{path}` of the run tree is no longer what was shown"
            )));
        }
        let target = after.and_then(|state| state.strip_prefix("link:"));
        Ok(target
            .filter(|target| leads_out(path, target))
            .map(|target| {
                format!("the link `{path}` would lead out of the project, to `{target}`")
            }))
    }

    /// Puts the new file beside the old one: this tree's, or one of these bytes.
    pub(super) fn prepare(
        &self,
        project: &Place,
        at: &Inside,
        after: Option<&str>,
        bytes: Option<&[u8]>,
    ) -> Result<Step, String> {
        let (directory, name) = project.parent(at, after.is_some())?;
        let failed = |error: std::io::Error| format!("`{at}`: {}", error.kind());
        let mut step = Step {
            at: at.clone(),
            directory,
            name,
            new: None,
        };
        let Some(after) = after else {
            return Ok(step);
        };
        let beside = PathBuf::from(format!(".{}.lazaret-new", step.name.display()));
        step.directory.remove_file(&beside).ok();
        step.new = Some(beside.clone());
        let written = if let Some(target) = after.strip_prefix("link:") {
            step.directory.symlink(target, &beside)
        } else {
            let own = match bytes {
                Some(bytes) => Ok(bytes.to_owned()),
                None => self.bytes(at),
            };
            own.and_then(|own| step.put(&beside, &own, after.starts_with("program:")))
        };
        written.map_err(failed).inspect_err(|_| step.forget())?;
        Ok(step)
    }

    /// Reads a file of this tree. No link leads out of it.
    pub(super) fn bytes(&self, at: &Inside) -> std::io::Result<Vec<u8>> {
        let mut file = self.place().file(at).map_err(std::io::Error::other)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Step {
    fn put(&self, beside: &Path, bytes: &[u8], is_program: bool) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let mut file = self.directory.open_with(beside, &options)?;
        file.write_all(bytes)?;
        let before = self.directory.symlink_metadata(&self.name).ok();
        let mode = before.filter(cap_std::fs::Metadata::is_file);
        let mode = mode.map_or(0o644, |before| before.permissions().mode() & 0o777);
        let mode = if is_program {
            mode | 0o111
        } else {
            mode & !0o111
        };
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()
    }

    pub(super) fn take(&self) -> std::io::Result<()> {
        match &self.new {
            Some(new) => self.directory.rename(new, &self.directory, &self.name),
            None => self.directory.remove_file(&self.name),
        }
    }

    pub(super) fn forget(&self) {
        if let Some(new) = &self.new {
            self.directory.remove_file(new).ok();
        }
    }
}

/// Whether a link at a path leads out of the directory that the path is from.
fn leads_out(path: &str, target: &str) -> bool {
    let mut depth = Path::new(path).components().count().saturating_sub(1);
    for part in Path::new(target).components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return true,
            },
            Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::leads_out;

    #[test]
    fn a_link_is_followed_by_its_spelling() {
        assert!(!leads_out("a/b", "../c"));
        assert!(!leads_out("a", "b/../c"));
        assert!(leads_out("a", "../c"));
        assert!(leads_out("a/b", "../../c"));
        assert!(leads_out("a/b", "/etc/passwd"));
        assert!(leads_out("a/b", "x/../../../c"));
    }
}
