//! The distribution directory: rewritten only where something changed, and without leftovers.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The folders whose every file comes from the last build.
const FOLDERS: [&str; 4] = ["plugins", "guests", "conformance", "workflows"];

/// A distribution directory that is being brought up to date.
#[derive(Debug)]
pub(super) struct Dist {
    dir: PathBuf,
    current: BTreeSet<PathBuf>,
}

impl Dist {
    /// Opens the directory, and notes in it which clone it belongs to.
    pub(super) fn open(dir: PathBuf, clone: &Path) -> Result<Self> {
        for folder in FOLDERS {
            let folder = dir.join(folder);
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make `{}`", folder.display()))?;
        }
        let mut dist = Self {
            dir,
            current: BTreeSet::new(),
        };
        dist.put(
            Path::new("CLONE"),
            format!("{}\n", clone.display()).as_bytes(),
        )?;
        Ok(dist)
    }

    /// Puts a file there and returns whether it was another before.
    pub(super) fn put(&mut self, path: &Path, bytes: &[u8]) -> Result<bool> {
        if !self.current.insert(path.to_owned()) {
            bail!("two guests want to be `{}`", path.display());
        }
        let place = self.dir.join(path);
        if fs::read(&place).is_ok_and(|old| old == bytes) {
            return Ok(false);
        }
        put_in_one_step(&place, |draft| fs::write(draft, bytes))?;
        Ok(true)
    }

    /// Copies what is in `from`; nothing if it is not there.
    pub(super) fn copy_tree(&mut self, from: &Path, to: &Path) -> Result<()> {
        for file in files_below(from)? {
            let bytes = fs::read(from.join(&file))
                .with_context(|| format!("cannot read `{}`", file.display()))?;
            self.put(&to.join(file), &bytes)?;
        }
        Ok(())
    }

    /// Removes every file that no longer has a source.
    pub(super) fn finish(self) -> Result<()> {
        for folder in FOLDERS.map(Path::new) {
            for file in files_below(&self.dir.join(folder))? {
                let path = folder.join(file);
                if !self.current.contains(&path) {
                    let path = self.dir.join(path);
                    fs::remove_file(&path)
                        .with_context(|| format!("cannot remove `{}`", path.display()))?;
                }
            }
        }
        Ok(())
    }
}

/// Puts a file at `place`, where somebody may be reading the old one: `fill` makes it under
/// another name.
pub(crate) fn put_in_one_step(
    place: &Path,
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<()> {
    let cannot = || format!("cannot write `{}`", place.display());
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).with_context(cannot)?;
    }
    let draft = place.with_added_extension("draft");
    fill(&draft).with_context(cannot)?;
    fs::rename(&draft, place).with_context(cannot)
}

/// Returns the files below a directory as paths from there, in order.
pub(crate) fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        let entries = match fs::read_dir(dir.join(&folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => bail!("cannot list `{}`: {error}", dir.join(folder).display()),
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list `{}`", folder.display()))?;
            let path = folder.join(entry.file_name());
            if entry
                .file_type()
                .context("cannot see what a file is")?
                .is_dir()
            {
                open.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let dir =
                std::env::temp_dir().join(format!("xtask-{}-dist-{name}", std::process::id()));
            fs::remove_dir_all(&dir).ok();
            Self(dir)
        }

        fn open(&self) -> Dist {
            Dist::open(self.0.clone(), Path::new("/clone")).unwrap()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn only_a_changed_file_is_written() {
        let scratch = Scratch::new("changed");
        let path = Path::new("plugins/a.wasm");
        assert!(scratch.open().put(path, b"1").unwrap());
        assert!(!scratch.open().put(path, b"1").unwrap());
        assert!(scratch.open().put(path, b"2").unwrap());
        assert_eq!(fs::read(scratch.0.join(path)).unwrap(), b"2");
    }

    #[test]
    fn what_has_no_source_any_more_is_removed() {
        let scratch = Scratch::new("removed");
        let (old, new) = (Path::new("guests/old.wasm"), Path::new("guests/new.wasm"));
        scratch.open().put(old, b"1").unwrap();
        let mut dist = scratch.open();
        dist.put(new, b"2").unwrap();
        dist.finish().unwrap();
        assert!(
            !scratch.0.join(old).exists()
                && scratch.0.join(new).exists()
                && scratch.0.join("CLONE").exists()
        );
    }

    #[test]
    fn two_guests_of_one_name_are_refused() {
        let scratch = Scratch::new("twice");
        let mut dist = scratch.open();
        dist.put(Path::new("guests/a.wasm"), b"1").unwrap();
        let error = dist.put(Path::new("guests/a.wasm"), b"2").unwrap_err();
        assert_eq!(error.to_string(), "two guests want to be `guests/a.wasm`");
    }

    #[test]
    fn a_tree_is_copied_with_its_folders() {
        let (from, scratch) = (Scratch::new("from"), Scratch::new("to"));
        fs::create_dir_all(from.0.join("triage/data")).unwrap();
        fs::write(from.0.join("triage/data/issues.json"), "[]").unwrap();
        scratch
            .open()
            .copy_tree(&from.0, Path::new("workflows"))
            .unwrap();
        assert_eq!(
            fs::read(scratch.0.join("workflows/triage/data/issues.json")).unwrap(),
            b"[]"
        );
        scratch
            .open()
            .copy_tree(Path::new("/not/there"), Path::new("workflows"))
            .unwrap();
    }
}
