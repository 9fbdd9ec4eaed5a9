//! Where keys are: the values that `lazaret secret set` stored, and every other place that a
//! policy can name. A value goes to whoever needs it and is never shown.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line reads the environment"
)]

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use lazaret_policy::compiled::KeySource;
use lazaret_runtime::models::Keys;

use crate::home;

/// The most bytes of a secret: a signed token is a few thousand.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// The most characters of a secret's name.
const MAX_NAME: usize = 64;

/// Gives keys from wherever a policy says they are.
pub(crate) fn keys() -> Keys {
    Arc::new(|source: &KeySource| {
        let found = match source {
            KeySource::Variable(name) => variable(name),
            KeySource::File(path) => from_file(&expanded(path)),
            KeySource::Command(words) => from_command(words),
            KeySource::Stored(name) => get(name),
        };
        found.map_err(|error| format!("{source}: {error:#}"))
    })
}

fn variable(name: &str) -> Result<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.context("it is not set")
}

fn from_file(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path).context("it could not be read")?;
    if text.len() > MAX_BYTES {
        bail!("it has more than {MAX_BYTES} bytes");
    }
    Ok(text)
}

/// What the program prints is the key; its own errors go to the terminal.
fn from_command(words: &[String]) -> Result<String> {
    let (program, arguments) = words.split_first().context("it names no program")?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("it could not be started")?;
    if !output.status.success() {
        bail!("it ended with {}", output.status);
    }
    let text = String::from_utf8(output.stdout);
    text.ok()
        .filter(|text| !text.trim().is_empty() && text.len() <= MAX_BYTES)
        .context("it printed no key")
}

/// Stores a secret; only the user can read the file.
pub(crate) fn set(name: &str, value: &str) -> Result<()> {
    let path = place(name)?;
    let directory = home::secrets()?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&directory)
        .with_context(|| format!("`{}` could not be made", directory.display()))?;
    let permissions = Permissions::from_mode(0o700);
    fs::set_permissions(&directory, permissions).context("its directory stays open to others")?;
    let fresh = directory.join(format!(".{name}.new"));
    drop(fs::remove_file(&fresh));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .with_context(|| format!("`{}` could not be written", fresh.display()))?;
    file.write_all(value.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, &path).with_context(|| format!("`{}` could not be written", path.display()))
}

/// Returns a secret. A file that others can read is refused: they have the key already.
pub(crate) fn get(name: &str) -> Result<String> {
    let path = place(name)?;
    let about = fs::metadata(&path)
        .with_context(|| format!("it is not stored; run `lazaret secret set {name}`"))?;
    if about.permissions().mode() & 0o077 != 0 {
        bail!("others can read `{}`; set it anew", path.display());
    }
    from_file(&path)
}

/// Returns the names of all secrets.
pub(crate) fn names() -> Result<Vec<String>> {
    let Ok(entries) = fs::read_dir(home::secrets()?) else {
        return Ok(Vec::new());
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| is_name(name)).collect();
    names.sort();
    Ok(names)
}

/// Removes a secret; returns whether it was there.
pub(crate) fn remove(name: &str) -> Result<bool> {
    let path = place(name)?;
    if !path.exists() {
        return Ok(false);
    }
    fs::remove_file(&path).with_context(|| format!("`{}` could not be removed", path.display()))?;
    Ok(true)
}

fn place(name: &str) -> Result<PathBuf> {
    if !is_name(name) {
        bail!(
            "`{}` is no name of a secret: use letters, digits, `_`, `-` and `.`, at most {MAX_NAME}",
            crate::ui::escape(name)
        );
    }
    Ok(home::secrets()?.join(name))
}

fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME
        && text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn expanded(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), home::home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
