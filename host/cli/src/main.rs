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
mod signals;
mod stored;
mod trust;
mod ui;
mod workflows;

use std::os::fd::AsFd as _;
use std::process::ExitCode;

use clap::Parser as _;
use lazaret_runtime::confine;

fn main() -> ExitCode {
    // Before anything else: a stage of a confined command is a process with one thread.
    let (input, output) = (std::io::stdin(), std::io::stdout());
    if let Some(stage) = confine::entered(std::env::args_os(), input.as_fd(), output.as_fd()) {
        return ExitCode::from(stage.unwrap_or_else(|reason| {
            ui::note(&format!("{}{reason}", confine::REASON));
            confine::NOT_CONFINED
        }));
    }
    let cli = cli::Cli::parse();
    match commands::dispatch(cli.command) {
        Ok(code) => code,
        Err(error) => {
            problem::show(&error);
            ExitCode::from(problem::EXIT_USAGE)
        }
    }
}
