//! `lazaret`: the command line. The only crate that prints, reads the environment and exits.

mod agents;
mod bits;
mod cli;
mod commands;
mod home;
mod keys;
mod own_policy;
mod problem;
mod progress;
mod prompt;
mod render;
mod secrets;
mod stored;
mod trust;
mod ui;
mod workflows;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::dispatch(cli.command) {
        Ok(code) => code,
        Err(error) => {
            problem::show(&error);
            ExitCode::from(problem::EXIT_USAGE)
        }
    }
}
