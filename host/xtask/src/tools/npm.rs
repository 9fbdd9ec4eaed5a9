//! Packages of npm that tests need: the reference MCP servers, GitHub's own client, and the
//! compiler that checks the types of the JavaScript SDK.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{State, Tool, make_dir_atomically};
use crate::machine::{self, Machine};
use crate::{process, ui};

/// The packages, each as npm names it with its version.
const PACKAGES: [&str; 6] = [
    "@modelcontextprotocol/server-everything@2026.8.31",
    "@modelcontextprotocol/server-filesystem@2026.8.31",
    "@modelcontextprotocol/server-memory@2026.8.31",
    "@modelcontextprotocol/server-sequential-thinking@2026.8.31",
    "@octokit/rest@22.0.1",
    "typescript@5.9.3",
];

/// All of them in one directory.
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
        let place = place(machine);
        Ok(if place.is_dir() {
            State::Ready(place.display().to_string())
        } else {
            State::Missing(format!("`{}` is not there", place.display()))
        })
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        let npm = machine::find_program(&["npm"]).context("no npm on the search path")?;
        make_dir_atomically(&place(machine), |draft| {
            for package in PACKAGES {
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
            process::run(install.arg(draft).args(PACKAGES))
        })
    }
}

/// Another list is another directory.
fn place(machine: &Machine) -> PathBuf {
    let list: String = PACKAGES.concat();
    let sum = list.bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    machine.cache().join(format!("npm-{sum:08x}"))
}
