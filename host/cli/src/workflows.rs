//! Where saved scripts are, in which order, and which of them are the operator's own word.
//!
//! From the working directory up to the repository's root the nearest wins, then come the
//! user's own, then what is installed. A script of the project counts by its name once
//! `lazaret trust` knows its text; before that it shadows nothing, and runs as untrusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use lazaret_runtime::scripts::{Library, SavedScript};

use crate::trust::{self, Standing};
use crate::{home, ui};

/// The directories that hold saved scripts, below each place that is looked at.
const SAVED: [&str; 2] = [".lazaret/workflows", ".claude/workflows"];

/// How a script's file ends.
const ENDING: &str = "js";

/// The most bytes of a script's file: 524,288 characters of up to four.
const MAX_BYTES: u64 = 4 * 524_288;

/// A script on disk.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) path: PathBuf,
    pub(crate) source: String,
    /// Whether it is the operator's own word.
    pub(crate) trusted: bool,
}

/// Returns whether the words name a file, and not a saved name.
pub(crate) fn is_path(words: &str) -> bool {
    let path = Path::new(words);
    path.extension().is_some_and(|ending| ending == ENDING) || words.contains('/')
}

/// Reads a script that was named by its path on the command line: trusted for this run.
pub(crate) fn at(path: &Path) -> Result<Script> {
    Ok(Script {
        source: read(path)?,
        path: path.to_owned(),
        trusted: true,
    })
}

/// Finds a script by its saved name.
pub(crate) fn named(name: &str) -> Result<Option<Script>> {
    if Path::new(name).components().count() != 1 {
        return Ok(None);
    }
    let file = format!("{name}.{ENDING}");
    let mut untrusted = None;
    for directory in project()? {
        for place in SAVED {
            let path = directory.join(place).join(&file);
            if !path.is_file() {
                continue;
            }
            let source = read(&path)?;
            if trust::confirm(&path, &source)? == Standing::Trusted {
                return Ok(Some(Script {
                    path,
                    source,
                    trusted: true,
                }));
            }
            untrusted.get_or_insert(Script {
                path,
                source,
                trusted: false,
            });
        }
    }
    let own = own_places().into_iter().map(|place| place.join(&file));
    if let Some(path) = own.into_iter().find(|path| path.is_file()) {
        return at(&path).map(Some);
    }
    // What is installed under this name is no script, and is not shadowed either.
    let installed = Path::new("workflows").join(name).join("lazaret.toml");
    Ok(untrusted.filter(|_| home::find(&installed).is_none()))
}

/// Finds the scripts that a script names: by saved name, or by a path from the working
/// directory.
pub(crate) fn library() -> Library {
    Arc::new(|target| {
        let found = if target.contains('/') {
            referred(Path::new(target)).map(Some)
        } else {
            named(target)
        };
        match found {
            Ok(Some(script)) => Ok(SavedScript {
                file: script.path.display().to_string(),
                source: script.source,
                trusted: script.trusted,
            }),
            Ok(None) => Err(format!(
                "there is no workflow `{}`; saved are {}",
                ui::escape(target),
                listed(&names().unwrap_or_default())
            )),
            Err(error) => Err(format!("{error:#}")),
        }
    })
}

/// Reads a file that a script refers to. Below the user's own places it is trusted; in a
/// project it has to be known.
fn referred(path: &Path) -> Result<Script> {
    let source = read(path)?;
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let is_own = own_places().iter().any(|place| whole.starts_with(place));
    let trusted = is_own || trust::confirm(&whole, &source)? == Standing::Trusted;
    Ok(Script {
        path: path.to_owned(),
        source,
        trusted,
    })
}

/// Returns the saved names, each once, as they can be run.
pub(crate) fn names() -> Result<Vec<String>> {
    let project = project()?;
    let below = project
        .iter()
        .flat_map(|directory| SAVED.map(|place| directory.join(place)));
    let mut names: Vec<String> = below
        .chain(own_places())
        .filter_map(|place| std::fs::read_dir(place).ok())
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_script = path.extension().is_some_and(|ending| ending == ENDING);
            let name = path.file_stem()?.to_str()?.to_owned();
            is_script.then_some(name)
        })
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Lists names for a message.
pub(crate) fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", ui::escape(name)))
        .collect();
    names.join(", ")
}

/// Returns the directories from the working directory up to the repository's root; without a
/// repository the working directory alone.
pub(crate) fn project() -> Result<Vec<PathBuf>> {
    let start = std::env::current_dir().context("the working directory is gone")?;
    let root = start
        .ancestors()
        .position(|directory| directory.join(".git").exists());
    let count = root.map_or(1, |steps| steps + 1);
    Ok(start.ancestors().take(count).map(Path::to_owned).collect())
}

/// Returns where `lazaret save` puts a script of the user's own.
pub(crate) fn own_place() -> Result<PathBuf> {
    let home = home::home().context("HOME does not say where your workflows belong")?;
    Ok(home.join(".lazaret/workflows"))
}

/// The user's own places, and the installations'.
fn own_places() -> Vec<PathBuf> {
    let home = home::home();
    let saved = home
        .into_iter()
        .flat_map(|home| SAVED.map(|place| home.join(place)));
    let installed = home::installations().into_iter();
    saved
        .chain(installed.map(|place| place.join("workflows")))
        .collect()
}

fn read(path: &Path) -> Result<String> {
    let shown = || format!("`{}` could not be read", path.display());
    let length = std::fs::metadata(path).with_context(shown)?.len();
    if length > MAX_BYTES {
        anyhow::bail!(
            "`{}` has {length} bytes; a script has at most 524288 characters",
            path.display()
        );
    }
    std::fs::read_to_string(path).with_context(shown)
}
