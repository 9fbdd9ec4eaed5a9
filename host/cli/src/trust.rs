//! Which files of projects the operator has seen and trusts, by their text.
//!
//! A private file beside the journal holds the trusted texts, so that a changed one can show
//! what changed.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use similar::TextDiff;

use crate::home;
use crate::prompt;
use crate::ui::{self, Tone};

/// The most files that are remembered.
const MAX_FILES: usize = 10_000;

/// The lines around a difference.
const CONTEXT: usize = 3;

/// How a file stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The operator trusts this very text.
    Trusted,
    /// The operator trusted another text at this place.
    Changed(String),
    /// Nobody has said anything.
    Unknown,
}

/// The texts that are trusted, by their place.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    texts: BTreeMap<String, String>,
}

impl Trust {
    /// Reads what was recorded.
    pub(crate) fn load() -> Result<Self> {
        let path = home::trust()?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(error).with_context(|| format!("`{}`", path.display()));
            }
        };
        private(&path)?;
        let value: Value = serde_json::from_str(&text).with_context(|| {
            format!("`{}` is damaged: remove it, and trust anew", path.display())
        })?;
        let files = value.get("files").and_then(Value::as_object);
        let texts = files
            .into_iter()
            .flatten()
            .filter_map(|(place, text)| Some((place.clone(), text.as_str()?.to_owned())));
        Ok(Self {
            texts: texts.collect(),
        })
    }

    /// Returns how a text at a place stands.
    pub(crate) fn standing(&self, path: &Path, text: &str) -> Standing {
        match self.texts.get(&place(path)) {
            Some(trusted) if trusted == text => Standing::Trusted,
            Some(trusted) => Standing::Changed(trusted.clone()),
            None => Standing::Unknown,
        }
    }

    /// Trusts a text at a place.
    pub(crate) fn add(&mut self, path: &Path, text: &str) -> Result<()> {
        self.texts.insert(place(path), text.to_owned());
        if self.texts.len() > MAX_FILES {
            bail!("more than {MAX_FILES} files are trusted: `lazaret trust --forget PATH` some");
        }
        Ok(())
    }

    /// Forgets a place; false where nothing was known of it.
    pub(crate) fn forget(&mut self, path: &Path) -> bool {
        self.texts.remove(&place(path)).is_some()
    }

    /// Returns the places, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// Writes all of it, as a whole or not at all.
    pub(crate) fn save(&self) -> Result<()> {
        let path = home::trust()?;
        let shown = || format!("`{}` could not be written", path.display());
        let directory = path
            .parent()
            .context("the trusted files have no directory")?;
        std::fs::create_dir_all(directory).with_context(shown)?;
        let mut file = tempfile::Builder::new()
            .permissions(std::fs::Permissions::from_mode(0o600))
            .tempfile_in(directory)
            .with_context(shown)?;
        let text = json!({ "version": 1, "files": self.texts }).to_string();
        file.write_all(text.as_bytes()).with_context(shown)?;
        file.as_file().sync_all().with_context(shown)?;
        file.persist(&path).with_context(shown)?;
        Ok(())
    }
}

/// Returns how a file of a project stands. One that changed since it was trusted shows its
/// difference; a person at the terminal is asked, and without one it is an error.
pub(crate) fn confirm(path: &Path, text: &str) -> Result<Standing> {
    let mut trust = Trust::load()?;
    let standing = trust.standing(path, text);
    let Standing::Changed(was) = &standing else {
        return Ok(standing);
    };
    let shown = path.display().to_string();
    ui::note(&ui::paint(
        Tone::Warn,
        &format!("`{}` has changed since you trusted it:", ui::escape(&shown)),
    ));
    for line in difference(was, text) {
        ui::note(&line);
    }
    if !prompt::has_person() {
        bail!(
            "`{}` has changed since it was trusted: look at it and say `lazaret trust {}`, or `lazaret trust --forget {}`",
            ui::escape(&shown),
            ui::escape(&shown),
            ui::escape(&shown)
        );
    }
    if !prompt::yes("Trust it as it is now?") {
        bail!("`{}` was not trusted as it is now", ui::escape(&shown));
    }
    trust.add(path, text)?;
    trust.save()?;
    Ok(Standing::Trusted)
}

/// Returns a unified difference, line by line, safe to show.
pub(crate) fn difference(was: &str, is: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(was, is);
    let unified = diff
        .unified_diff()
        .context_radius(CONTEXT)
        .header("trusted", "now")
        .to_string();
    let paint = |line: &str| match line.chars().next() {
        Some('+') => ui::paint(Tone::Good, &ui::escape(line)),
        Some('-') => ui::paint(Tone::Bad, &ui::escape(line)),
        _ => ui::escape(line),
    };
    unified
        .lines()
        .map(|line| format!("  {}", paint(line)))
        .collect()
}

/// A file is known by where it really is.
fn place(path: &Path) -> String {
    let whole = path.canonicalize();
    whole.map_or_else(
        |_| path.display().to_string(),
        |whole| whole.display().to_string(),
    )
}

/// Whoever else could write the file could trust anything.
fn private(path: &PathBuf) -> Result<()> {
    let mode = std::fs::metadata(path)
        .with_context(|| format!("`{}`", path.display()))?
        .permissions()
        .mode();
    if mode & 0o022 != 0 {
        bail!(
            "`{}` can be written by others: `chmod 600` it, after you have looked at it",
            path.display()
        );
    }
    Ok(())
}
