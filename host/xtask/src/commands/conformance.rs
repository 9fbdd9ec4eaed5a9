//! `cargo xtask conformance`: the same behaviours in every language, as one table.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use lazaret_build::language::Language;
use serde::Deserialize;

use crate::guests::{self, kib};
use crate::machine::{self, Machine};
use crate::table::{self, Format, Row};
use crate::{process, ui};

/// Builds the conformance suite's component in every language, plays every case, and shows the
/// table with sizes and times.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print the table as JSON.
    #[arg(long)]
    json: bool,
}

/// A line of the suite's own program.
#[derive(Debug, Deserialize)]
struct Line {
    language: String,
    case: Option<String>,
    shows: Option<String>,
    ok: Option<bool>,
    wrong: Option<String>,
    bytes: Option<usize>,
    run_ms: Option<f64>,
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    guests::build(machine)?;
    let mut suite = Command::new(machine::cargo());
    suite
        .current_dir(machine.root())
        .args(["run", "--quiet", "--package", "lazaret-conformance"])
        .env("LAZARET_DIST", machine.dist())
        .stderr(Stdio::inherit());
    let output = suite.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`{}` failed", process::shown(&suite));
    }
    let output = String::from_utf8(output.stdout).context("the suite did not write UTF-8")?;
    let mut rows = Vec::new();
    for line in output.lines() {
        let line: Line = serde_json::from_str(line).context("the suite's line is odd")?;
        rows.extend(rows_of(machine, &line)?);
    }
    if rows.is_empty() {
        bail!("the suite has no cases");
    }
    table::print(&rows, Format::from_flag(args.json))?;
    let holes = rows.iter().filter(|row| !row.ok).count();
    ui::note(&format!(
        "{} rows, {holes} not as they should be",
        rows.len()
    ));
    Ok(if holes == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn rows_of(machine: &Machine, line: &Line) -> Result<Vec<Row>> {
    let language = line.language.as_str();
    if let Some(case) = &line.case {
        let suite = format!("conformance {language}");
        let note = line.wrong.clone().or_else(|| line.shows.clone());
        let ok = line.ok == Some(true);
        return Ok(vec![Row::fact(&suite, case, ok, note.unwrap_or_default())]);
    }
    let known = Language::named(language).context("the suite names a strange language")?;
    let built = guests::languages::build_time(machine, known)?;
    let bytes = line.bytes.unwrap_or_default();
    let run = line.run_ms.unwrap_or_default();
    let suite = format!("conformance {language}");
    Ok(vec![
        Row::number(&suite, "size", bytes > 0, kib(bytes), "KiB"),
        Row::number(&suite, "build", true, built.as_secs_f64(), "s"),
        Row::number(&suite, "run", run > 0.0, run, "ms"),
    ])
}
