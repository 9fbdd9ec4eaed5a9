//! The tools of the languages that components are written in, each by the one command that
//! `lazaret build` prints where it is missing.

use std::process::Command;

use anyhow::{Context as _, Result};
use lazaret_build::place::Place;
use lazaret_build::toolchain::Toolchain;

use super::{State, Tool, make_dir_atomically, wasm_c};
use crate::machine::{self, Machine};
use crate::{process, ui};

/// A language's tool. Rust's is [`super::wasm_std`].
#[derive(Debug)]
pub(crate) struct Language(pub(crate) Toolchain);

/// Every language's tool but Rust's.
pub(crate) const ALL: [Language; 4] = [
    Language(Toolchain::JavaScript),
    Language(Toolchain::Python),
    Language(Toolchain::Go),
    Language(Toolchain::Zig),
];

/// Returns where builds of this machine find things.
pub(crate) fn place(machine: &Machine) -> Place {
    let path = machine::variable("PATH").unwrap_or_default();
    Place {
        path: std::env::split_paths(&path).collect(),
        cache: machine.cache().to_owned(),
        cargo_target: Some(machine.guests_target()),
    }
}

impl Tool for Language {
    fn name(&self) -> &'static str {
        match self.0 {
            Toolchain::RustStd => "rust",
            Toolchain::JavaScript => "javascript",
            Toolchain::Python => "python",
            Toolchain::Go => "go",
            Toolchain::Zig => "zig",
        }
    }

    fn why(&self) -> &'static str {
        match self.0 {
            Toolchain::RustStd => "components in Rust",
            Toolchain::JavaScript => "components in JavaScript and TypeScript",
            Toolchain::Python => "components in Python",
            Toolchain::Go => "components in Go",
            Toolchain::Zig => "components in C",
        }
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        Ok(match self.0.find(None, &place(machine)) {
            Some(found) => State::Ready(found.display().to_string()),
            None => State::Missing(format!("{} is not there", self.0.what())),
        })
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        if self.0 == Toolchain::Zig {
            return wasm_c::install_zig(machine);
        }
        make_dir_atomically(&machine.tool_dir(&self.0.directory()), |draft| {
            let words = self.0.fetch(draft);
            let (program, arguments) = words.split_first().context("no command")?;
            ui::note(&format!("  fetching {}", self.0.what()));
            let program = machine::find_program(&[&program.to_string_lossy()])
                .with_context(|| format!("no {} on the search path", program.display()))?;
            let mut command = Command::new(program);
            command
                .args(arguments)
                .env("PIP_ROOT_USER_ACTION", "ignore");
            // What npm and pip say of their progress is of no use here.
            process::output(&mut command).map(drop)
        })
    }
}
