//! `lazaret`: the command line. The only crate that prints, reads the environment and exits.

mod cli;
mod commands;
mod home;
mod keys;
mod problem;
mod progress;
mod prompt;
mod render;
mod secrets;
mod stored;
mod ui;

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
