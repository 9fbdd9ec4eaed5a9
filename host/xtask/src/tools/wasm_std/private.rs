//! Builds std for guests from Debian's source of the same release.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::library_dir;
use crate::machine::{self, GUEST_TARGET, Rustc};
use crate::tools::{apt, make_dir_atomically};
use crate::{process, ui};

/// The crate whose build brings std along; it is empty itself.
const CARRIER: &str = r#"[package]
name = "carrier"
version = "0.0.0"
edition = "2021"
[workspace]
[profile.release]
opt-level = 3
codegen-units = 1
"#;

/// Makes `sysroot` hold std for guests. The caller holds the tool's lock.
pub(super) fn build(rustc: &Rustc, sysroot: &Path) -> Result<()> {
    let scratch = sysroot.with_added_extension("scratch");
    make_dir_atomically(&scratch, |_| Ok(()))?;
    let built = build_in(rustc, sysroot, &scratch);
    crate::tools::remove_dir(&scratch)?;
    built
}

fn build_in(rustc: &Rustc, sysroot: &Path, scratch: &Path) -> Result<()> {
    ui::note("  reading Debian's package list through a private apt configuration");
    let source = apt::unpack_source("rust-src", &rustc.release, &scratch.join("source"))?;
    let library = find_library(&source, &rustc.release)?;
    ui::note("  building std once (half a minute on two idle cores)");
    let built = compile(&library, &scratch.join("carrier"))?;
    ui::note(&format!("  putting it into `{}`", sysroot.display()));
    make_dir_atomically(sysroot, |draft| copy_libraries(&built, &library_dir(draft)))
}

/// Debian unpacks to `usr/src/rustc-1.95.0/library`, with a suffix in some releases.
fn find_library(source: &Path, release: &str) -> Result<PathBuf> {
    let wanted = format!("rustc-{release}");
    let entries = fs::read_dir(source.join("usr/src")).context("the package holds no sources")?;
    for entry in entries {
        let entry = entry.context("cannot list the package's sources")?;
        let library = entry.path().join("library");
        if entry.file_name().to_string_lossy().starts_with(&wanted) && library.is_dir() {
            return Ok(library);
        }
    }
    bail!("the package holds no `{wanted}/library`")
}

/// Builds std and its companions, and returns the directory of the libraries.
///
/// `RUSTC_BOOTSTRAP` lets a stable cargo use `-Zbuild-std`. The result is marked
/// unstable inside, as the real one is, so guests cannot reach std's private parts.
fn compile(library: &Path, carrier: &Path) -> Result<PathBuf> {
    let write = |name: &str, text: &str| {
        let path = carrier.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))
    };
    fs::create_dir_all(carrier.join("src")).context("cannot make a scratch crate")?;
    write("Cargo.toml", CARRIER)?;
    write("src/lib.rs", "#![no_std]\n")?;
    let target = carrier.join("target");
    let mut cargo = Command::new(machine::cargo());
    cargo
        .current_dir(carrier)
        .args(["build", "--quiet", "--release", "--target", GUEST_TARGET])
        .args(["-Z", "build-std=std,panic_abort,proc_macro,test"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("__CARGO_TESTS_ONLY_SRC_ROOT", library)
        .env(
            "RUSTFLAGS",
            "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes",
        )
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_BUILD_BUILD_DIR", &target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    process::run(&mut cargo)?;
    Ok(target.join(GUEST_TARGET).join("release/deps"))
}

fn copy_libraries(built: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make `{}`", to.display()))?;
    for entry in
        fs::read_dir(built).with_context(|| format!("cannot list `{}`", built.display()))?
    {
        let entry = entry.context("cannot list the built libraries")?;
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        if shown.ends_with(".rlib") && !shown.starts_with("libcarrier-") {
            fs::copy(entry.path(), to.join(&name))
                .with_context(|| format!("cannot copy `{shown}`"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_another_release_is_refused() {
        let dir = std::env::temp_dir().join(format!("xtask-{}-library", std::process::id()));
        fs::create_dir_all(dir.join("usr/src/rustc-1.95.0+dfsg/library")).unwrap();
        find_library(&dir, "1.95.0").unwrap();
        let error = find_library(&dir, "1.96.0").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the package holds no `rustc-1.96.0/library`"
        );
        fs::remove_dir_all(dir).unwrap();
    }
}
