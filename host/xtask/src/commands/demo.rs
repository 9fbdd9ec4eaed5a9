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

/// What cargo says of a thing that it made.
#[derive(Deserialize)]
struct Message {
    target: Target,
    profile: Profile,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Builds the command line in the dev profile and returns where it is.
///
/// Everything is built with it, as the tests do: cargo then chooses the same features of
/// every library, and none is built twice for the two commands.
fn build_binary(machine: &Machine) -> Result<PathBuf> {
    let mut cargo = Command::new(machine::cargo());
    cargo
        .current_dir(machine.root())
        .args(["build", "--workspace", "--all-targets"]);
    cargo
        .arg("--message-format=json-render-diagnostics")
        .stderr(std::process::Stdio::inherit());
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`{}` failed", process::shown(&cargo));
    }
    let messages = String::from_utf8(output.stdout).context("cargo did not write UTF-8")?;
    messages
        .lines()
        .find_map(binary_of)
        .context("cargo made no binary `lazaret`")
}

/// Returns the program if the message is about the command line itself, not its tests.
fn binary_of(line: &str) -> Option<PathBuf> {
    let message: Message = serde_json::from_str(line).ok()?;
    let ours = message.target.name == "lazaret" && message.target.kind == ["bin"];
    (ours && !message.profile.test)
        .then_some(message.executable)
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_told_from_its_own_tests_and_from_others() {
        let line = |name: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"name":"{name}","kind":["bin"]}},"profile":{{"test":{test}}},"executable":"/x"}}"#
            )
        };
        assert_eq!(binary_of(&line("lazaret", false)), Some("/x".into()));
        assert_eq!(binary_of(&line("lazaret", true)), None);
        assert_eq!(binary_of(&line("xtask", false)), None);
        assert_eq!(binary_of(r#"{"reason":"build-finished"}"#), None);
    }
}
