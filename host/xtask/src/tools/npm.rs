//! Packages of npm: those that tests need, and the program that takes snapshots of guests.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{State, Tool, make_dir_atomically};
use crate::machine::{self, Machine};
use crate::{process, ui};

/// The packages that tests need, each as npm names it with its version.
const PACKAGES: [&str; 6] = [
    "@modelcontextprotocol/server-everything@2026.8.31",
    "@modelcontextprotocol/server-filesystem@2026.8.31",
    "@modelcontextprotocol/server-memory@2026.8.31",
    "@modelcontextprotocol/server-sequential-thinking@2026.8.31",
    "@octokit/rest@22.0.1",
    "typescript@5.9.3",
];

/// Wizer's package, with a program for each common system.
const WIZER: [&str; 1] = ["@bytecodealliance/wizer@11.0.3"];

/// The reference MCP servers, GitHub's own client, and the compiler that checks the types of the
/// JavaScript SDK, in one directory.
#[derive(Debug)]
pub(crate) struct Packages;

impl Tool for Packages {
    fn name(&self) -> &'static str {
        "npm-packages"
    }

    fn why(&self) -> &'static str {
        "the reference MCP servers, GitHub's client and the TypeScript compiler, for tests"
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        Ok(state(&place(machine, &PACKAGES)))
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        install(&place(machine, &PACKAGES), &PACKAGES)
    }
}

/// The program that runs the first part of a module and keeps its memory as it is then.
#[derive(Debug)]
pub(crate) struct Wizer;

impl Wizer {
    /// Returns the script that node starts it with.
    pub(crate) fn script(machine: &Machine) -> PathBuf {
        place(machine, &WIZER).join("node_modules/@bytecodealliance/wizer/wizer.js")
    }
}

impl Tool for Wizer {
    fn name(&self) -> &'static str {
        "wizer"
    }

    fn why(&self) -> &'static str {
        "a snapshot of the script engine, so that a script starts at once"
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        Ok(state(&place(machine, &WIZER)))
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        install(&place(machine, &WIZER), &WIZER)
    }
}

fn state(place: &Path) -> State {
    if place.is_dir() {
        State::Ready(place.display().to_string())
    } else {
        State::Missing(format!("`{}` is not there", place.display()))
    }
}

fn install(place: &Path, packages: &[&str]) -> Result<()> {
    let npm = machine::find_program(&["npm"]).context("no npm on the search path")?;
    make_dir_atomically(place, |draft| {
        for package in packages {
            ui::note(&format!("  fetching {package} from npm"));
        }
        let mut install = Command::new(npm);
        install.args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        process::run(install.arg(draft).args(packages))
    })
}

/// Another list is another directory.
fn place(machine: &Machine, packages: &[&str]) -> PathBuf {
    let list: String = packages.concat();
    let sum = list.bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    machine.cache().join(format!("npm-{sum:08x}"))
}
