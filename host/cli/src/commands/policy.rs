//! `lazaret policy`: what a policy says, before a run and after it.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::Policy;

mod check;

pub(crate) fn run(arguments: &Policy) -> Result<ExitCode> {
    match arguments {
        Policy::Check(arguments) => check::run(arguments),
    }
}
