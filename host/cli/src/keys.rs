//! The operator's own signing key, and the public keys that the operator trusts.
//!
//! Both lie beside the journal: `receipt.key` holds 32 bytes in hexadecimal and is readable by
//! its owner alone; `trusted-keys` holds one public key a line, with `#` for comments.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use lazaret_workflow::receipt::{Key, PublicKey};

use crate::home;

/// The most bytes of a file of keys that are read.
const MAX_BYTES: u64 = 1 << 20;

/// Who may read the key's file: its owner.
const PRIVATE: u32 = 0o600;

/// Makes the operator's key. An existing one is never replaced.
pub(crate) fn make() -> Result<(PathBuf, Key)> {
    let path = own_path()?;
    let mut seed = [0; 32];
    if let Err(error) = getrandom::fill(&mut seed) {
        bail!("the machine gives no random numbers: {error}");
    }
    let mut digits = String::new();
    for byte in seed {
        write!(digits, "{byte:02x}").ok();
    }
    let mut options = OpenOptions::new();
    let opened = options
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(&path);
    let mut file = match opened {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "`{}` holds a key already; move it away to make another, and keep it to check old receipts",
                path.display()
            )
        }
        opened => opened.with_context(|| format!("`{}`", path.display()))?,
    };
    writeln!(file, "{digits}").with_context(|| format!("`{}`", path.display()))?;
    Ok((path, Key::from_seed(&seed)))
}

/// Returns the operator's key, if there is one.
pub(crate) fn own() -> Result<Option<Key>> {
    let path = own_path()?;
    let metadata = match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        metadata => metadata.with_context(|| format!("`{}`", path.display()))?,
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!(
            "`{0}` can be read by others; `chmod 600 {0}` if nobody has, else make another key",
            path.display()
        );
    }
    let text = read(&path)?;
    let seed = seed(text.trim())
        .with_context(|| format!("`{}` does not hold 64 hexadecimal digits", path.display()))?;
    Ok(Some(Key::from_seed(&seed)))
}

/// Returns the operator's own public key and those that the operator trusts.
pub(crate) fn trusted() -> Result<Vec<PublicKey>> {
    let mut keys: Vec<_> = own()?.iter().map(Key::public).collect();
    let path = beside_the_journal("trusted-keys")?;
    if !path.exists() {
        return Ok(keys);
    }
    for (index, line) in read(&path)?.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let key = line.parse::<PublicKey>();
        keys.push(key.with_context(|| format!("{}:{}", path.display(), index + 1))?);
    }
    Ok(keys)
}

fn own_path() -> Result<PathBuf> {
    beside_the_journal("receipt.key")
}

fn beside_the_journal(name: &str) -> Result<PathBuf> {
    Ok(home::journal()?.with_file_name(name))
}

fn read(path: &std::path::Path) -> Result<String> {
    let named = || format!("`{}`", path.display());
    if fs::metadata(path).with_context(named)?.len() > MAX_BYTES {
        bail!("{} is past the limit of {MAX_BYTES} bytes", named());
    }
    fs::read_to_string(path).with_context(named)
}

fn seed(digits: &str) -> Option<[u8; 32]> {
    if digits.len() != 64 {
        return None;
    }
    let mut seed = [0; 32];
    for (index, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(seed)
}
