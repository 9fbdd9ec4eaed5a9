//! `cargo xtask demo`: builds what it needs, then shows the quarantine at work.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::path::PathBuf;

use crate::machine::{self, Machine};
use crate::stopwatch::Stopwatch;
use crate::{demo, guests, process, ui};

/// Runs triage over hostile reports three times and shows what was allowed and denied.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the table as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    let guests = guests::build(machine)?;
    if guests.is_empty() {
        bail!("there are no guests to show");
    }
    ui::note("building lazaret");
    let binary = build_binary(machine)?;
    let watch = Stopwatch::start();
    let code = demo::run(&machine.dist(), &binary, args.json)?;
    ui::note(&format!("the demo took {}", watch.shown()));
    Ok(code)
}

#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// Builds the command line in the dev profile and returns where it is.
fn build_binary(machine: &Machine) -> Result<PathBuf> {
    let mut cargo = Command::new(machine::cargo());
    cargo
        .current_dir(machine.root())
        .args(["build", "--package", "lazaret", "--bin", "lazaret"]);
    cargo
        .arg("--message-format=json-render-diagnostics")
        .stderr(std::process::Stdio::inherit());
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`{}` failed", process::shown(&cargo));
    }
    let messages = String::from_utf8(output.stdout).context("cargo did not write UTF-8")?;
    let executable = |line: &str| serde_json::from_str::<Message>(line).ok()?.executable;
    messages
        .lines()
        .find_map(executable)
        .context("cargo made no binary `lazaret`")
}
