//! `cargo xtask bindings`: writes what the SDKs have generated from the contract.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::machine::Machine;
use crate::{bindings, ui};

/// Writes the SDKs' generated bindings anew from `wit/`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(machine: &Machine, _args: &Args) -> Result<ExitCode> {
    for (path, text) in bindings::all()? {
        let path = machine.root().join(path);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        let cannot = || format!("cannot write `{}`", path.display());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(cannot)?;
        }
        fs::write(&path, text).with_context(cannot)?;
        ui::note(&format!("  {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}
