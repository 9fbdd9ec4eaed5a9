//! `lazaret completions`: a script for the user's shell.

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::cli::{Cli, Completions};
use crate::ui;

pub(crate) fn run(arguments: &Completions) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "lazaret", &mut script);
    ui::out(&String::from_utf8_lossy(&script));
    ExitCode::SUCCESS
}
