//! What a build needs beyond the stock Rust toolchain, one file a tool.
//!
//! A tool is looked for before it is installed. What is installed goes to the
//! user's cache and nowhere else, so that neither root nor a password is needed
//! and removing the cache removes it. A new tool is a file here and a line in
//! [`all`].

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::machine::Machine;
use crate::{lock, ui};

mod apt;
pub(crate) mod languages;
pub(crate) mod mutants;
pub(crate) mod npm;
pub(crate) mod official_sdks;
pub(crate) mod python;
pub(crate) mod real_model;
pub(crate) mod valgrind;
pub(crate) mod wasm_c;
pub(crate) mod wasm_std;

/// One thing that a build needs.
///
/// [`ensure`] calls `check`, then `install` under a lock of the tool's own, then
/// `check` again. Both may be called any number of times, in any order.
pub(crate) trait Tool {
    /// Returns the name that `cargo xtask setup NAME` knows.
    fn name(&self) -> &'static str;

    /// Returns what it is for, in a few words.
    fn why(&self) -> &'static str;

    /// Looks for the tool without changing anything.
    fn check(&self, machine: &Machine) -> Result<State>;

    /// Makes the tool available, saying each step in a line. What is half done when it
    /// is interrupted must not look like a tool to `check`.
    fn install(&self, machine: &Machine) -> Result<()>;
}

/// Whether a tool is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Where it was found.
    Ready(String),
    /// What is lacking.
    Missing(String),
}

/// Returns every tool that `cargo xtask setup` sets up: all but the real model, which takes long
/// and is needed by `cargo xtask test --real-model` alone.
pub(crate) fn all() -> Vec<&'static dyn Tool> {
    let mut all: Vec<&'static dyn Tool> = vec![
        &wasm_std::WasmStd,
        &wasm_c::WasmC,
        &npm::Packages,
        &npm::Wizer,
        &official_sdks::OfficialSdks,
    ];
    all.extend(languages::ALL.iter().map(|one| one as &dyn Tool));
    all
}

/// Makes sure that the tool is there and returns where.
pub(crate) fn ensure(tool: &dyn Tool, machine: &Machine) -> Result<String> {
    if let State::Ready(place) = tool.check(machine)? {
        return Ok(place);
    }
    let _lock = lock::take(&machine.cache().join(format!("{}.lock", tool.name())))?;
    // Whoever held the lock may have done the work.
    if let State::Ready(place) = tool.check(machine)? {
        return Ok(place);
    }
    ui::note(&format!("{}: {}", tool.name(), tool.why()));
    tool.install(machine)
        .with_context(|| format!("cannot set up `{}`", tool.name()))?;
    match tool.check(machine)? {
        State::Ready(place) => Ok(place),
        State::Missing(what) => bail!("`{}` was installed, but {what}", tool.name()),
    }
}

/// Fills a fresh directory with `fill` and puts it at `place` in one step.
///
/// Only for a caller that holds the tool's lock: what an interrupted run left
/// beside `place` is removed.
fn make_dir_atomically(place: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let draft = place.with_added_extension("draft");
    remove_dir(&draft)?;
    fs::create_dir_all(&draft).with_context(|| format!("cannot make `{}`", draft.display()))?;
    if let Err(error) = fill(&draft) {
        remove_dir(&draft)?;
        return Err(error);
    }
    remove_dir(place)?;
    fs::rename(&draft, place).with_context(|| format!("cannot move to `{}`", place.display()))
}

fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", dir.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> std::path::PathBuf {
        let dir = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
        remove_dir(&dir).unwrap();
        dir
    }

    #[test]
    fn a_directory_appears_only_when_it_is_filled() {
        let place = scratch("appears").join("tool-1.2");
        make_dir_atomically(&place, |draft| {
            assert!(!place.exists());
            Ok(fs::write(draft.join("a"), "1")?)
        })
        .unwrap();
        assert_eq!(fs::read(place.join("a")).unwrap(), b"1");
        remove_dir(place.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_failure_keeps_what_was_there_and_leaves_no_draft() {
        let place = scratch("failure").join("tool");
        make_dir_atomically(&place, |draft| Ok(fs::write(draft.join("a"), "1")?)).unwrap();
        make_dir_atomically(&place, |_| bail!("no network")).unwrap_err();
        assert!(place.join("a").exists());
        assert_eq!(fs::read_dir(place.parent().unwrap()).unwrap().count(), 1);
        remove_dir(place.parent().unwrap()).unwrap();
    }
}
