//! Runs the project's own chores: `cargo xtask setup | guests | install | test | demo | bench | …`.
//!
//! It has to work on a fresh machine that has only the stock Rust toolchain,
//! node, python and apt. Whatever it makes that is not source goes to the user's
//! cache, so a clone stays clean; only `install` puts something elsewhere:
//!
//! ```text
//! $XDG_CACHE_HOME/lazaret/
//!   sysroot-<rustc>/          std for wasm32-unknown-unknown, where rustup cannot fetch it
//!   tools/                    other toolchains, one directory each
//!   guests-target/<clone>/    what cargo makes between source and guest
//!   dist-<clone>/             plugins/ guests/ workflows/, as tests and the demo use them
//! ```

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod binary;
mod bindings;
mod commands;
mod counts;
mod demo;
mod disk;
mod guests;
mod instructions;
mod lock;
mod machine;
mod process;
mod real_model;
mod stopwatch;
mod table;
mod tools;
mod ui;

use crate::machine::Machine;

/// The project's own chores.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Setup(commands::setup::Args),
    Guests(commands::guests::Args),
    Install(commands::install::Args),
    Test(commands::test::Args),
    Demo(commands::demo::Args),
    Bench(commands::bench::Args),
    Bindings(commands::bindings::Args),
    Conformance(commands::conformance::Args),
    KernelMutants(commands::kernel_mutants::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = Machine::find().and_then(|machine| match &cli.command {
        Command::Setup(args) => commands::setup::run(&machine, args),
        Command::Guests(args) => commands::guests::run(&machine, args),
        Command::Install(args) => commands::install::run(&machine, args),
        Command::Test(args) => commands::test::run(&machine, args),
        Command::Demo(args) => commands::demo::run(&machine, args),
        Command::Bench(args) => commands::bench::run(&machine, args),
        Command::Bindings(args) => commands::bindings::run(&machine, args),
        Command::Conformance(args) => commands::conformance::run(&machine, args),
        Command::KernelMutants(args) => commands::kernel_mutants::run(&machine, args),
    });
    done.unwrap_or_else(|error| {
        ui::note(&format!("error: {error:#}"));
        ExitCode::FAILURE
    })
}
