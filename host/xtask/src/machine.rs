//! Where are the clone, the cache and the compiler of this machine?
//!
//! The only file that reads the environment.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process;

/// The target that guests are built for.
pub(crate) const GUEST_TARGET: &str = "wasm32-unknown-unknown";

/// The places and the compiler that every command starts from.
#[derive(Debug)]
pub(crate) struct Machine {
    root: PathBuf,
    cache: PathBuf,
    rustc: Rustc,
}

/// The compiler in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rustc {
    /// `1.95.0`.
    pub(crate) release: String,
    /// The first digits of the commit, so that two builds of one release differ.
    pub(crate) commit: String,
    /// `x86_64-unknown-linux-gnu`.
    pub(crate) host: String,
    /// Where its own standard libraries are.
    pub(crate) sysroot: PathBuf,
}

impl Machine {
    /// Looks at the environment and asks rustc who it is.
    pub(crate) fn find() -> Result<Self> {
        let rustc = Rustc::find()?;
        Ok(Self {
            root: find_root()?,
            cache: find_cache()?,
            rustc,
        })
    }

    /// Returns the root of the clone.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the compiler in use.
    pub(crate) fn rustc(&self) -> &Rustc {
        &self.rustc
    }

    /// Returns the project's directory in the user's cache.
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// Returns the directory of a toolchain that `setup` made.
    pub(crate) fn tool_dir(&self, name: &str) -> PathBuf {
        self.cache.join("tools").join(name)
    }

    /// Returns the directory that holds the built plugins, guests and workflows.
    pub(crate) fn dist(&self) -> PathBuf {
        self.cache.join(format!("dist-{}", self.clone_id()))
    }

    /// Returns the directory for what cargo makes between source and guest.
    ///
    /// One for each clone: cargo names the members of a workspace by their path
    /// inside it and compares times only, so in a shared directory a second
    /// clone would be served the first one's guests.
    pub(crate) fn guests_target(&self) -> PathBuf {
        self.cache.join("guests-target").join(self.clone_id())
    }

    fn clone_id(&self) -> String {
        format!("{:016x}", fnv1a(self.root.as_os_str().as_encoded_bytes()))
    }
}

impl Rustc {
    fn find() -> Result<Self> {
        let version = process::output(Command::new("rustc").arg("-vV"))?;
        let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
        Self::parse(&version, sysroot.trim())
    }

    fn parse(version: &str, sysroot: &str) -> Result<Self> {
        let field = |name: &str| {
            version
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                .with_context(|| format!("`rustc -vV` has no line `{name}`"))
        };
        Ok(Self {
            release: field("release")?.to_owned(),
            commit: field("commit-hash")?.chars().take(9).collect(),
            host: field("host")?.to_owned(),
            sysroot: PathBuf::from(sysroot),
        })
    }
}

/// Returns a variable of the environment, if it is set and not empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the first of `names` that is a program on the search path.
pub(crate) fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = variable("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    })
}

/// Returns the cargo that started us, else the one on the search path.
pub(crate) fn cargo() -> OsString {
    variable("CARGO").unwrap_or_else(|| "cargo".into())
}

fn find_root() -> Result<PathBuf> {
    // `cargo run` sets this for the clone that it was called in. A path compiled
    // in would be wrong after a move, or from a build shared by two clones.
    let start = match variable("CARGO_MANIFEST_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => env::current_dir().context("no current directory")?,
    };
    let Some(root) = start
        .ancestors()
        .find(|dir| dir.join("host/xtask/Cargo.toml").is_file())
    else {
        bail!("`{}` is not inside a clone of the project", start.display());
    };
    root.canonicalize()
        .with_context(|| format!("cannot resolve `{}`", root.display()))
}

fn find_cache() -> Result<PathBuf> {
    let base = match (variable("XDG_CACHE_HOME"), variable("HOME")) {
        (Some(cache), _) => PathBuf::from(cache),
        (None, Some(home)) => PathBuf::from(home).join(".cache"),
        (None, None) => bail!("neither XDG_CACHE_HOME nor HOME is set"),
    };
    Ok(base.join("lazaret"))
}

/// A hash that stays the same between versions of Rust; nothing hostile is hashed.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustc_is_known_by_release_commit_and_host() {
        let text = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\ncommit-hash: 59807616e1fa\nhost: h\nrelease: 1.95.0\n";
        let rustc = Rustc::parse(text, "/s").unwrap();
        assert_eq!(
            (
                rustc.release.as_str(),
                rustc.commit.as_str(),
                rustc.host.as_str()
            ),
            ("1.95.0", "59807616e", "h")
        );
    }

    #[test]
    fn a_rustc_without_a_release_is_refused() {
        let error = Rustc::parse("host: h\n", "/s").unwrap_err();
        assert_eq!(error.to_string(), "`rustc -vV` has no line `release`");
    }

    #[test]
    fn two_clones_have_two_directories() {
        assert_ne!(fnv1a(b"/a/lazaret"), fnv1a(b"/b/lazaret"));
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
    }
}
