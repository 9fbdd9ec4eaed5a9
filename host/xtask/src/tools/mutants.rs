//! cargo-mutants: changes the code in one place at a time, and sees which test notices.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::{State, Tool};
use crate::machine::{self, Machine};
use crate::{process, ui};

/// The version, so that the list of mutants is the same everywhere.
const VERSION: &str = "27.1.0";

/// The tool in a directory of its own.
#[derive(Debug)]
pub(crate) struct Mutants;

impl Tool for Mutants {
    fn name(&self) -> &'static str {
        "cargo-mutants"
    }

    fn why(&self) -> &'static str {
        "removes checks of the kernel one by one, to see which test dies"
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        let program = program(machine);
        Ok(if program.is_file() {
            State::Ready(program.display().to_string())
        } else {
            State::Missing(format!("`{}` is not there", program.display()))
        })
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        ui::note("  building cargo-mutants with cargo; this takes some minutes");
        let mut install = Command::new(machine::cargo());
        install
            .args([
                "install",
                "cargo-mutants",
                "--locked",
                "--quiet",
                "--version",
                VERSION,
            ])
            .arg("--root")
            .arg(root(machine))
            .env_remove("CARGO_BUILD_BUILD_DIR");
        process::run(&mut install)
    }
}

/// Returns the program.
pub(crate) fn program(machine: &Machine) -> PathBuf {
    root(machine).join("bin/cargo-mutants")
}

fn root(machine: &Machine) -> PathBuf {
    machine.tool_dir(&format!("cargo-mutants-{VERSION}"))
}
