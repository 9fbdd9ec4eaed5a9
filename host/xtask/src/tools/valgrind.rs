//! Valgrind: counts instructions, which do not depend on what else the machine does.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::{State, Tool};
use crate::machine::{self, Machine};
use crate::{process, ui};

/// The program of the machine's own packages: it has to fit the C library.
#[derive(Debug)]
pub(crate) struct Valgrind;

impl Tool for Valgrind {
    fn name(&self) -> &'static str {
        "valgrind"
    }

    fn why(&self) -> &'static str {
        "counts the instructions of a decision"
    }

    fn check(&self, _machine: &Machine) -> Result<State> {
        Ok(match machine::find_program(&["valgrind"]) {
            Some(program) => State::Ready(program.display().to_string()),
            None => State::Missing("there is no `valgrind` on the search path".to_owned()),
        })
    }

    fn install(&self, _machine: &Machine) -> Result<()> {
        let apt = machine::find_program(&["apt-get"])
            .context("there is no apt; install valgrind as this system does")?;
        ui::note("  installing valgrind with apt, which needs root");
        let mut install = match machine::find_program(&["sudo"]) {
            Some(sudo) => {
                let mut install = Command::new(sudo);
                install.arg("--non-interactive").arg(apt);
                install
            }
            None => Command::new(apt),
        };
        process::run(install.args(["install", "--yes", "--quiet", "valgrind"]))
            .context("as root, type `apt-get install valgrind`")
    }
}
