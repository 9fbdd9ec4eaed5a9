//! Where things are: installed workflows and plugins, the journal, the compile cache.
//!
//! The only place that reads the environment for paths.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use lazaret_build::place::Place;
use lazaret_runtime::Workshop;

/// Returns the directories that may hold `workflows/` and `plugins/`, in the order in
/// which they are looked at.
pub(crate) fn installations() -> Vec<PathBuf> {
    if let Some(home) = variable("LAZARET_HOME") {
        return vec![home];
    }
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.parent()?.join("share/lazaret")));
    let user = variable("XDG_DATA_HOME").or_else(|| Some(home()?.join(".local/share")));
    user.map(|data| data.join("lazaret"))
        .into_iter()
        .chain(beside)
        .collect()
}

/// Returns the directories of installed plugins, in the order in which they are looked at.
pub(crate) fn plugins() -> impl Iterator<Item = PathBuf> {
    installations()
        .into_iter()
        .map(|installation| installation.join("plugins"))
}

/// Returns the journal's file.
pub(crate) fn journal() -> Result<PathBuf> {
    let directory = variable("LAZARET_STATE")
        .or_else(|| variable("XDG_STATE_HOME").map(|state| state.join("lazaret")))
        .or_else(|| Some(home()?.join(".local/state/lazaret")))
        .context("neither HOME nor LAZARET_STATE says where the journal belongs")?;
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("`{}` could not be made", directory.display()))?;
    Ok(directory.join("journal.db"))
}

/// Returns the directory of the files that runs work on.
pub(crate) fn trees() -> Result<PathBuf> {
    let journal = journal()?;
    Ok(journal.parent().unwrap_or(&journal).join("trees"))
}

/// Returns what runs work in: their trees, and this binary as what confines commands.
pub(crate) fn workshop() -> Workshop {
    Workshop {
        confiner: std::env::current_exe().ok(),
        trees: trees().ok(),
    }
}

/// Returns the compile cache's directory.
pub(crate) fn compile_cache() -> Result<PathBuf> {
    variable("LAZARET_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("lazaret/compiled")))
        .or_else(|| Some(home()?.join(".cache/lazaret/compiled")))
        .context("neither HOME nor LAZARET_CACHE says where compiled plugins belong")
}

/// Returns where builds find programs and fetched tools.
pub(crate) fn build_place() -> Result<Place> {
    let cache = variable("XDG_CACHE_HOME")
        .or_else(|| Some(home()?.join(".cache")))
        .context("neither HOME nor XDG_CACHE_HOME says where tools belong")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(Place {
        path: std::env::split_paths(&path).collect(),
        cache: cache.join("lazaret"),
        cargo_target: variable("CARGO_TARGET_DIR"),
    })
}

/// Looks for a file in the installations.
pub(crate) fn find(relative: &Path) -> Option<PathBuf> {
    installations()
        .into_iter()
        .map(|directory| directory.join(relative))
        .find(|path| path.exists())
}

/// Returns the directory of the stored secrets.
pub(crate) fn secrets() -> Result<PathBuf> {
    variable("LAZARET_STATE")
        .map(|state| state.join("secrets"))
        .or_else(|| variable("XDG_CONFIG_HOME").map(|config| config.join("lazaret/secrets")))
        .or_else(|| Some(home()?.join(".config/lazaret/secrets")))
        .context("neither HOME nor LAZARET_STATE says where secrets belong")
}

/// Returns the file of what the operator trusts.
pub(crate) fn trust() -> Result<PathBuf> {
    variable("LAZARET_STATE")
        .map(|state| state.join("trusted.json"))
        .or_else(|| variable("XDG_CONFIG_HOME").map(|config| config.join("lazaret/trusted.json")))
        .or_else(|| Some(home()?.join(".config/lazaret/trusted.json")))
        .context("neither HOME nor LAZARET_STATE says where the trusted files belong")
}

/// Returns the operator's own settings. No project's file is ever read as such.
pub(crate) fn settings() -> Result<PathBuf> {
    variable("LAZARET_STATE")
        .or_else(|| variable("XDG_CONFIG_HOME").map(|config| config.join("lazaret")))
        .or_else(|| Some(home()?.join(".config/lazaret")))
        .map(|directory| directory.join("settings.toml"))
        .context("neither HOME nor LAZARET_STATE says where settings belong")
}

/// Returns the user's own directory.
pub(crate) fn home() -> Option<PathBuf> {
    variable("HOME")
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
