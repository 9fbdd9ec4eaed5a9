//! `cargo xtask kernel-mutants`: takes checks of the kernel, the manifests and the policy out one
//! by one, and lists each with the test that dies without it. A survivor needs a written reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::machine::{self, Machine};
use crate::table::{self, Format, Row};
use crate::tools::{self, mutants};
use crate::{process, ui};

/// Why a change that no test notices changes nothing that matters: `MUTANT = "reason"`.
const REASONS: &str = "host/kernel/tests/survivors.json";

/// The packages whose checks are taken out.
const PACKAGES: [&str; 3] = ["lazaret-kernel", "lazaret-manifest", "lazaret-policy"];

/// How long the tests of one mutant may take: several times what they take of the code as it is.
const TIMEOUT_S: &str = "120";

/// Takes checks of the kernel, the manifests and the policy out, one by one, and lists the test
/// that dies without each.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only mutants of files that match this glob, such as `host/kernel/src/label.rs`.
    #[arg(long)]
    file: Vec<String>,
    /// Only one part of all, such as `2/8`: all take hours on one machine.
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Print the rows as JSON.
    #[arg(long)]
    json: bool,
}

/// What cargo-mutants writes of a whole run.
#[derive(Debug, Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    scenario: Scenario,
    summary: String,
    log_path: Option<PathBuf>,
}

/// The unchanged code, or one change of it.
#[derive(Debug, Deserialize)]
enum Scenario {
    Baseline,
    Mutant(Mutant),
}

#[derive(Debug, Deserialize)]
struct Mutant {
    name: String,
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    tools::ensure(&mutants::Mutants, machine)?;
    let out = machine.cache().join("mutants");
    fs::create_dir_all(&out).with_context(|| format!("cannot make `{}`", out.display()))?;
    carry_out(machine, args, &out)?;
    let out = out.join("mutants.out");
    let text =
        fs::read_to_string(out.join("outcomes.json")).context("cargo-mutants wrote no outcomes")?;
    let reasons = fs::read_to_string(machine.root().join(REASONS))
        .with_context(|| format!("`{REASONS}` could not be read"))?;
    let whole = args.file.is_empty() && args.shard.is_none();
    let rows = rows(&text, &reasons, whole, |log| {
        fs::read_to_string(out.join(log)).unwrap_or_default()
    })?;
    table::print(&rows, Format::from_flag(args.json))?;
    Ok(if rows.iter().all(|row| row.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Its own exit status says whether mutants survived, which is for the reasons to judge.
fn carry_out(machine: &Machine, args: &Args, out: &Path) -> Result<()> {
    let mut command = Command::new(mutants::program(machine));
    command
        .current_dir(machine.root())
        .env("CARGO", machine::cargo())
        // The copy that is changed lies elsewhere each time; what it depends on stays compiled.
        .env("CARGO_BUILD_BUILD_DIR", out.join("build"))
        .args(["mutants", "--no-shuffle", "--colors=never"])
        .args(["--timeout", TIMEOUT_S, "--output"])
        .arg(out);
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    for file in &args.file {
        command.args(["--file", file]);
    }
    if let Some(shard) = &args.shard {
        command.args(["--shard", shard]);
    }
    ui::note(&format!("  {}", process::shown(&command)));
    let status = command
        .stdout(std::io::stderr())
        .status()
        .context("cannot start cargo-mutants")?;
    match status.code() {
        // All caught, some missed, some timed out.
        Some(0 | 2 | 3) => Ok(()),
        _ => bail!("cargo-mutants failed ({status}); the tests must pass before it starts"),
    }
}

/// Makes a row of each mutant that could be built, and of each reason that is for none.
fn rows(
    outcomes: &str,
    reasons: &str,
    whole: bool,
    read_log: impl Fn(&Path) -> String,
) -> Result<Vec<Row>> {
    let outcomes: Outcomes =
        serde_json::from_str(outcomes).context("the outcomes have another form")?;
    let mut reasons: BTreeMap<String, String> =
        serde_json::from_str(reasons).with_context(|| format!("`{REASONS}` is no JSON object"))?;
    let mut rows = Vec::new();
    for outcome in &outcomes.outcomes {
        let Scenario::Mutant(mutant) = &outcome.scenario else {
            continue;
        };
        let name = without_place(&mutant.name);
        rows.push(match outcome.summary.as_str() {
            "CaughtMutant" => {
                let log = outcome.log_path.as_deref().map(&read_log);
                let test = log.as_deref().and_then(dead_test);
                let test = test.unwrap_or("a test program that does not end well");
                Row::fact("kernel-mutants", &name, true, format!("dies: {test}"))
            }
            "Timeout" => Row::fact(
                "kernel-mutants",
                &name,
                true,
                "dies: a test that no longer ends",
            ),
            "Unviable" => continue,
            _ => match reasons.remove(&name) {
                Some(reason) => {
                    Row::fact("kernel-mutants", &name, true, format!("survives: {reason}"))
                }
                None => Row::fact(
                    "kernel-mutants",
                    &name,
                    false,
                    "survives, and nobody says why",
                ),
            },
        });
    }
    if whole {
        rows.extend(reasons.keys().map(|name| {
            Row::fact(
                "kernel-mutants",
                name,
                false,
                "has a reason, and does not survive",
            )
        }));
    }
    if rows.is_empty() {
        bail!("there is no mutant to look at");
    }
    Ok(rows)
}

/// The name without line and column, which change with every edit above it.
fn without_place(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(line), Some(column), Some(rest))
            if is_number(line) && is_number(column) =>
        {
            format!("{file}:{rest}")
        }
        _ => name.to_owned(),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first test that failed, as the test program names it.
fn dead_test(log: &str) -> Option<&str> {
    log.lines().find_map(|line| {
        let line = line.strip_prefix("test ")?;
        line.strip_suffix(" ... FAILED")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOMES: &str = r#"{"outcomes": [
        {"scenario": "Baseline", "summary": "Success", "log_path": "log/baseline.log"},
        {"scenario": {"Mutant": {"name": "host/a.rs:7:9: replace x with y"}}, "summary": "CaughtMutant", "log_path": "log/a.log"},
        {"scenario": {"Mutant": {"name": "host/a.rs:8:9: delete !"}}, "summary": "MissedMutant", "log_path": "log/b.log"},
        {"scenario": {"Mutant": {"name": "host/a.rs:9:9: no code"}}, "summary": "Unviable", "log_path": null}]}"#;

    const LOG: &str = "running 2 tests\ntest one ... ok\ntest acts::two ... FAILED\n";

    fn said(reasons: &str, whole: bool) -> Vec<(String, bool, String)> {
        let rows = rows(OUTCOMES, reasons, whole, |_| LOG.to_owned()).unwrap();
        rows.into_iter()
            .map(|row| (row.case, row.ok, row.note))
            .collect()
    }

    fn row(case: &str, ok: bool, note: &str) -> (String, bool, String) {
        (case.to_owned(), ok, note.to_owned())
    }

    #[test]
    fn a_dead_mutant_has_its_test_and_a_survivor_needs_a_reason() {
        assert_eq!(
            said("{}", true),
            [
                row("host/a.rs: replace x with y", true, "dies: acts::two"),
                row(
                    "host/a.rs: delete !",
                    false,
                    "survives, and nobody says why"
                ),
            ]
        );
        let reasons = r#"{"host/a.rs: delete !": "both give the same"}"#;
        assert_eq!(
            said(reasons, true)[1],
            row("host/a.rs: delete !", true, "survives: both give the same")
        );
    }

    #[test]
    fn a_reason_for_what_does_not_survive_is_stale_where_all_were_looked_at() {
        let reasons = r#"{"host/a.rs: delete !": "same", "host/a.rs: gone": "same"}"#;
        assert!(!said(reasons, true)[2].1);
        assert_eq!(said(reasons, false).len(), 2);
    }
}
