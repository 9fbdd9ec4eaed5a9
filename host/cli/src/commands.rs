//! One command, one file.

mod completions;
mod doctor;
mod inspect;
mod run;
mod runs;
mod show;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::Command;

/// Carries out a command and returns the exit status.
pub(crate) fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Runs(arguments) => runs::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Completions(arguments) => Ok(completions::run(&arguments)),
    }
}
