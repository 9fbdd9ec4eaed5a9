//! `lazaret policy`: what a policy says, before a run and after it.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::Policy;

pub(super) mod check;
mod explain;
mod past;
mod suggest;

pub(crate) fn run(arguments: &Policy) -> Result<ExitCode> {
    match arguments {
        Policy::Check(arguments) => check::run(arguments),
        Policy::Explain(arguments) => explain::run(arguments),
        Policy::Suggest(arguments) => suggest::run(arguments),
    }
}
