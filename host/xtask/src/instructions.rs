//! How many instructions does one decision of the monitor take, and are they more than they were?
//!
//! Callgrind counts the same program twice, with few decisions and with many; the difference is
//! the decisions' own. The count is held against a file that is checked in.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::machine::Machine;
use crate::table::Row;
use crate::tools::{self, valgrind::Valgrind};
use crate::{process, ui};

/// What was counted when somebody last looked, one `NAME COUNT` a line.
const BASELINE: &str = "host/kernel/benches/instructions.txt";

/// More than this over the baseline, in hundredths, is a regression.
const TOLERATED: f64 = 1.10;

/// Decisions of the two runs.
const FEW: u32 = 1_000;
const MANY: u32 = 11_000;

/// Returns a row for one decision with each number of arguments.
pub(crate) fn rows(machine: &Machine, program: &Path) -> Result<Vec<Row>> {
    tools::ensure(&Valgrind, machine)?;
    let path = machine.root().join(BASELINE);
    let baseline = std::fs::read_to_string(&path)
        .with_context(|| format!("`{}` could not be read", path.display()))?;
    let baseline = parse(&baseline)?;
    ui::note("== instructions");
    let mut rows = Vec::new();
    for (name, arguments) in [("decision-0", "0"), ("decision-4", "4")] {
        let few = count(program, arguments, FEW)?;
        let many = count(program, arguments, MANY)?;
        let each = many.saturating_sub(few) / u64::from(MANY - FEW);
        rows.push(row(name, each, &baseline)?);
    }
    Ok(rows)
}

fn row(name: &str, each: u64, baseline: &[(String, u64)]) -> Result<Row> {
    let found = baseline.iter().find(|(other, _)| other == name);
    let Some((_, was)) = found else {
        bail!("`{BASELINE}` says nothing of `{name}`; it takes {each} instructions");
    };
    let limit = as_float(*was) * TOLERATED;
    let value = as_float(each);
    Ok(Row {
        limit: Some(limit),
        note: format!("{was} when it was last looked at; `{BASELINE}` has it"),
        ..Row::number("instructions", name, value <= limit, value, "instructions")
    })
}

/// Runs the program under callgrind and reads how much it counted.
fn count(program: &Path, arguments: &str, decisions: u32) -> Result<u64> {
    let mut run = Command::new("valgrind");
    run.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["--decisions", &decisions.to_string(), arguments]);
    let output = run
        .output()
        .with_context(|| format!("`{}`", process::shown(&run)))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("`{}` failed: {said}", process::shown(&run));
    }
    collected(&said).with_context(|| format!("callgrind said no count: {said}"))
}

/// Reads `==123== Collected : 4567`.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

fn parse(text: &str) -> Result<Vec<(String, u64)>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, count) = line.split_once(' ').context("a line is `NAME COUNT`")?;
            Ok((name.to_owned(), count.trim().parse()?))
        })
        .collect()
}

/// Counts of instructions are far below what a float can tell apart.
fn as_float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Returns the bench program that counts are taken of, if it is among those that were built.
pub(crate) fn program<'a>(
    mut built: impl Iterator<Item = (&'a str, &'a PathBuf)>,
) -> Option<PathBuf> {
    built
        .find(|(name, _)| *name == "decision")
        .map(|(_, path)| path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_hundredths_more_are_tolerated_and_no_more() {
        let baseline = parse("# comment\ndecision-0 100\n").unwrap();
        assert!(row("decision-0", 110, &baseline).unwrap().ok);
        assert!(!row("decision-0", 111, &baseline).unwrap().ok);
        assert!(row("decision-0", 50, &baseline).unwrap().ok);
        row("decision-4", 1, &baseline).unwrap_err();
    }

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        let said = "==7== Callgrind\n==7== Events    : Ir\n==7== Collected : 123456\n==7==\n";
        assert_eq!(collected(said), Some(123_456));
        assert_eq!(collected("nothing"), None);
    }
}
