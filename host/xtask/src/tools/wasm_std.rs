//! The standard library for wasm32-unknown-unknown, which every Rust guest needs.
//!
//! Three ways, in this order: the toolchain has it; rustup fetches it; or, where
//! rustup's server cannot be reached, it is built from Debian's copy of the very
//! same release into a sysroot of our own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::{State, Tool};
use crate::machine::{self, GUEST_TARGET, Machine};
use crate::{process, ui};

mod private;

/// Rustup downloads 20 MiB here; a server that cannot be reached should not cost more.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);

/// The tool.
#[derive(Debug)]
pub(crate) struct WasmStd;

/// Returns the flags that rustc needs for a guest: none where the toolchain has
/// the target, else the private sysroot.
pub(crate) fn guest_rustflags(machine: &Machine) -> Vec<String> {
    let private = private_sysroot(machine);
    if has_std(&machine.rustc().sysroot) || !has_std(&private) {
        return Vec::new();
    }
    vec![format!("--sysroot={}", private.display())]
}

/// Builds the private sysroot even where rustup would do.
pub(crate) fn build_private(machine: &Machine) -> Result<()> {
    let _lock = crate::lock::take(&machine.cache().join("wasm-std.lock"))?;
    private::build(machine.rustc(), &private_sysroot(machine))
}

impl Tool for WasmStd {
    fn name(&self) -> &'static str {
        "wasm-std"
    }

    fn why(&self) -> &'static str {
        "Rust's standard library for guests"
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        let places = [machine.rustc().sysroot.clone(), private_sysroot(machine)];
        Ok(match places.into_iter().find(|place| has_std(place)) {
            Some(place) => State::Ready(place.display().to_string()),
            None => State::Missing(format!(
                "rustc {} has no {GUEST_TARGET}",
                machine.rustc().release
            )),
        })
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        if let Some(rustup) = machine::find_program(&["rustup"]) {
            ui::note(&format!(
                "  asking rustup for {GUEST_TARGET} (at most {} s)",
                RUSTUP_LIMIT.as_secs()
            ));
            let mut add = Command::new(rustup);
            add.args(["target", "add", GUEST_TARGET]);
            match process::run_within(&mut add, RUSTUP_LIMIT) {
                Ok(()) if has_std(&machine.rustc().sysroot) => return Ok(()),
                Ok(()) => ui::note("  rustup added it to another toolchain than the one in use"),
                Err(error) => ui::note(&format!("  {error}")),
            }
        }
        private::build(machine.rustc(), &private_sysroot(machine))
    }
}

/// The compiler accepts only what the very same compiler made, so its commit is in the name.
fn private_sysroot(machine: &Machine) -> PathBuf {
    let rustc = machine.rustc();
    machine
        .cache()
        .join(format!("sysroot-{}-{}", rustc.release, rustc.commit))
}

fn has_std(sysroot: &Path) -> bool {
    let Ok(entries) = fs::read_dir(library_dir(sysroot)) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

fn library_dir(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(GUEST_TARGET).join("lib")
}
