//! `cargo xtask bench`: runs the bench programs in release and shows their rows.
//!
//! A bench program is a `[[bench]]` with `harness = false` of any package in the
//! workspace. Called with `--json` it prints one array of rows to stdout, and what
//! it wants to say to people to stderr.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::machine::{self, Machine};
use crate::table::{self, Format, Row};
use crate::{guests, instructions, process, ui};

/// Runs the bench programs in release and shows what they measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only programs whose name contains this.
    filter: Option<String>,
    /// Print the rows as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    guests::build(machine)?;
    let wanted = |bench: &Bench| {
        args.filter
            .as_ref()
            .is_none_or(|filter| bench.name.contains(filter))
    };
    let benches: Vec<Bench> = build(machine)?.into_iter().filter(wanted).collect();
    if benches.is_empty() {
        bail!("the workspace has no such bench program");
    }
    let mut rows = Vec::new();
    for bench in &benches {
        ui::note(&format!("== {}", bench.name));
        rows.extend(measure(machine, bench)?);
    }
    let built = benches
        .iter()
        .map(|bench| (bench.name.as_str(), &bench.program));
    if let Some(program) = instructions::program(built) {
        rows.extend(instructions::rows(machine, &program)?);
    }
    table::print(&rows, Format::from_flag(args.json))?;
    Ok(if rows.iter().all(|row| row.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[derive(Debug, PartialEq, Eq)]
struct Bench {
    name: String,
    program: PathBuf,
}

#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

fn build(machine: &Machine) -> Result<Vec<Bench>> {
    let mut cargo = Command::new(machine::cargo());
    cargo
        .current_dir(machine.root())
        .args(["bench", "--workspace", "--benches", "--no-run"]);
    cargo
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit());
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`{}` failed", process::shown(&cargo));
    }
    Ok(read_messages(
        &String::from_utf8(output.stdout).context("cargo did not write UTF-8")?,
    ))
}

/// Libraries and binaries are listed too, as holders of libtest benches; we have none.
fn read_messages(messages: &str) -> Vec<Bench> {
    let bench = |line: &str| {
        let message: Message = serde_json::from_str(line).ok()?;
        let (target, program) = (message.target?, message.executable?);
        target
            .kind
            .iter()
            .any(|kind| kind == "bench")
            .then_some(Bench {
                name: target.name,
                program,
            })
    };
    messages.lines().filter_map(bench).collect()
}

fn measure(machine: &Machine, bench: &Bench) -> Result<Vec<Row>> {
    let mut program = Command::new(&bench.program);
    program
        .arg("--json")
        .env("LAZARET_DIST", machine.dist())
        .current_dir(machine.root())
        .stderr(Stdio::inherit());
    let rows: Vec<Row> = serde_json::from_str(&process::output(&mut program)?)
        .with_context(|| format!("`{}` did not print rows", bench.name))?;
    if rows.is_empty() {
        bail!("`{}` measured nothing", bench.name);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bench_targets_are_run() {
        let messages = r#"{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"step"},"executable":"/t/step"}
{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"kernel"},"executable":"/t/kernel"}
{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"lib"},"executable":null}
{"reason":"build-finished","success":true}"#;
        assert_eq!(
            read_messages(messages),
            [Bench {
                name: "step".into(),
                program: "/t/step".into()
            }]
        );
    }
}
