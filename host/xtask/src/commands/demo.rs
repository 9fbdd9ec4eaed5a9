//! `cargo xtask demo`: builds what it needs, then shows the quarantine at work.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::machine::Machine;
use crate::stopwatch::Stopwatch;
use crate::{binary, demo, guests, ui};

/// Runs triage over hostile reports three times and shows what was allowed and denied.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the table as JSON.
    #[arg(long)]
    json: bool,
}

/// In the dev profile, and everything with it, as the tests do: cargo then chooses the same
/// features of every library, and none is built twice for the two commands.
const BUILD: &str = "build --workspace --all-targets";

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    let guests = guests::build(machine)?;
    if guests.is_empty() {
        bail!("there are no guests to show");
    }
    let binary = binary::build(machine, BUILD)?;
    let watch = Stopwatch::start();
    let code = demo::run(&machine.dist(), &binary, args.json)?;
    ui::note(&format!("the demo took {}", watch.shown()));
    Ok(code)
}
