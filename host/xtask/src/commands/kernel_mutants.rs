//! `cargo xtask kernel-mutants`: takes checks of the kernel, the manifests and the policy out one
//! by one, and lists each with the test that dies without it. A survivor needs a written reason.

use std::collections::{BTreeMap, BTreeSet};
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

/// A package whose checks are taken out.
struct Package {
    name: &'static str,
    /// The programs of its quick tests, in rounds: each looks only for what survived the one
    /// before, and all tests for what survived them.
    quick: &'static [&'static [&'static str]],
    /// Whose tests look for what survives, besides its own.
    others: &'static [&'static str],
}

/// Which tests look for a mutant.
#[derive(Clone, Copy, Debug)]
enum Round<'a> {
    /// Those of these programs, with some cases of each property. The rounds have numbers.
    Quick(usize, &'a [&'a str]),
    /// All of the package, and of the others that are named.
    All(&'a [&'a str]),
}

const PACKAGES: [Package; 3] = [
    Package {
        name: "lazaret-kernel",
        quick: &[&["--test=acts", "--test=units"]],
        others: &[],
    },
    Package {
        name: "lazaret-manifest",
        quick: &[&["--lib", "--test=manifest"]],
        others: &["lazaret-policy"],
    },
    Package {
        name: "lazaret-policy",
        // Its own code is compiled once for each of them, which takes longer than the tests.
        quick: &[&["--test=policy"], &["--lib"]],
        others: &[],
    },
];

/// What only finds words for people checks nothing.
const WORDS: [&str; 6] = [
    "host/policy/src/explain/**",
    "host/policy/src/explain.rs",
    "host/policy/src/suggestion.rs",
    "host/policy/src/rule_words.rs",
    "host/manifest/src/suggest.rs",
    "host/manifest/src/diagnostic.rs",
];
const DISPLAY: &str = "impl [a-z:]*(Display|Debug) for";

/// How many seconds the tests of one mutant may take: several times what they take of the code
/// as it is.
const QUICK_TIMEOUT_S: &str = "20";
const TIMEOUT_S: &str = "240";

/// How many cases a quick property test tries.
const QUICK_CASES: &str = "32";

/// For quick tests compiling counts, not running: thousands of mutants are compiled, and most die
/// soon.
const CARGO_ARGUMENT: &str = "--cargo-arg=--config=profile.dev.package.lazaret-kernel.opt-level=0";

/// Takes checks of the kernel, the manifests and the policy out, one by one, and lists the test
/// that dies without each.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only mutants of files that match this glob, such as `host/kernel/src/label.rs`.
    #[arg(long)]
    file: Vec<String>,
    /// Only mutants of these packages, such as `lazaret-kernel`.
    #[arg(long, value_name = "NAME")]
    package: Vec<String>,
    /// Only one part of all, such as `2/8`: all take hours on one machine. Parts can be looked at
    /// at the same time.
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Only the quick tests, and some cases of each law: what survives them may die of the others.
    #[arg(long)]
    quick: bool,
    /// Print the rows as JSON.
    #[arg(long)]
    json: bool,
}

/// What cargo-mutants writes of a whole run.
#[derive(Debug, Default, Deserialize)]
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

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// Of this test.
    Dies(String),
    Survives,
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    tools::ensure(&mutants::Mutants, machine)?;
    let part = args.shard.as_deref().unwrap_or("all").replace('/', "-of-");
    let place = machine.cache().join("mutants").join(part);
    let mut fates = BTreeMap::new();
    for package in &PACKAGES {
        if args.package.is_empty() || args.package.iter().any(|name| name == package.name) {
            fates.extend(look(machine, args, &place, package)?);
        }
    }
    let reasons = fs::read_to_string(machine.root().join(REASONS))
        .with_context(|| format!("`{REASONS}` could not be read"))?;
    let whole = args.file.is_empty() && args.package.is_empty() && args.shard.is_none();
    let rows = rows(&fates, &reasons, whole)?;
    table::print(&rows, Format::from_flag(args.json))?;
    Ok(if rows.iter().all(|row| row.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Looks at the mutants of one package: with its quick tests, and at what survives with all.
fn look(
    machine: &Machine,
    args: &Args,
    place: &Path,
    package: &Package,
) -> Result<BTreeMap<String, Fate>> {
    let mut which = Vec::new();
    for file in &args.file {
        which.extend(["--file".to_owned(), file.clone()]);
    }
    if let Some(shard) = &args.shard {
        which.extend(["--shard".to_owned(), shard.clone()]);
    }
    let quick = package.quick.iter().enumerate();
    let mut rounds: Vec<Round<'_>> = quick
        .map(|(number, programs)| Round::Quick(number, programs))
        .collect();
    if !args.quick {
        rounds.push(Round::All(package.others));
    }
    let mut fates = BTreeMap::new();
    for round in rounds {
        fates.extend(pass(machine, place, package.name, &which, round)?);
        let Some(left) = survivors(&fates) else {
            break;
        };
        which = vec!["--re".to_owned(), left];
    }
    Ok(fates)
}

/// A regular expression that matches what survives, if anything does.
fn survivors(fates: &BTreeMap<String, Fate>) -> Option<String> {
    let left = fates.iter().filter(|(_, fate)| **fate == Fate::Survives);
    let left: Vec<String> = left
        .map(|(name, _)| format!("^{}$", literal(name)))
        .collect();
    (!left.is_empty()).then(|| left.join("|"))
}

/// A regular expression that matches just this text.
fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for letter in text.chars() {
        if letter.is_ascii_punctuation() && !"<>_".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

/// Calls cargo-mutants once. Its own exit status says whether mutants survived, which is for the
/// reasons to judge.
fn pass(
    machine: &Machine,
    place: &Path,
    package: &str,
    which: &[String],
    round: Round<'_>,
) -> Result<BTreeMap<String, Fate>> {
    let (kind, timeout) = match round {
        Round::Quick(number, _) => (format!("quick-{number}"), QUICK_TIMEOUT_S),
        Round::All(_) => ("all".to_owned(), TIMEOUT_S),
    };
    let out = place.join(format!("{package}-{kind}"));
    fs::create_dir_all(&out).with_context(|| format!("cannot make `{}`", out.display()))?;
    let mut command = Command::new(mutants::program(machine));
    command
        .current_dir(machine.root())
        .env("CARGO", machine::cargo())
        // The copy that is changed lies elsewhere each time; what it depends on stays compiled.
        .env("CARGO_BUILD_BUILD_DIR", place.join("build"))
        .args(["mutants", "--no-shuffle", "--colors=never"])
        .args(["--exclude-re", DISPLAY])
        .args(WORDS.map(|file| format!("--exclude={file}")))
        .args(["--timeout", timeout, "--package", package])
        .args(which)
        .arg("--output")
        .arg(&out);
    match round {
        Round::Quick(_, programs) => {
            let programs = programs.iter();
            command
                .env("PROPTEST_CASES", QUICK_CASES)
                .arg(CARGO_ARGUMENT)
                .args(programs.map(|program| format!("--cargo-arg={program}")));
        }
        Round::All(others) => {
            let packages = [package].into_iter().chain(others.iter().copied());
            command.args(packages.map(|name| format!("--test-package={name}")));
        }
    }
    ui::note(&format!("  {}", process::shown(&command)));
    let status = command
        .stdout(std::io::stderr())
        .status()
        .context("cannot start cargo-mutants")?;
    // All caught, some missed, some timed out.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        bail!("cargo-mutants failed ({status}); the tests must pass before it starts");
    }
    let out = out.join("mutants.out");
    let text = fs::read_to_string(out.join("outcomes.json")).unwrap_or_default();
    fates(&text, |log| {
        fs::read_to_string(out.join(log)).unwrap_or_default()
    })
}

/// Reads what became of the mutants that could be built. There may have been none.
fn fates(outcomes: &str, read_log: impl Fn(&Path) -> String) -> Result<BTreeMap<String, Fate>> {
    if outcomes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let outcomes: Outcomes =
        serde_json::from_str(outcomes).context("the outcomes have another form")?;
    let mut fates = BTreeMap::new();
    for outcome in outcomes.outcomes {
        let Scenario::Mutant(mutant) = outcome.scenario else {
            continue;
        };
        let fate = match outcome.summary.as_str() {
            "CaughtMutant" => {
                let log = outcome.log_path.as_deref().map(&read_log);
                let test = log.as_deref().and_then(dead_test);
                Fate::Dies(
                    test.unwrap_or("a test program that does not end well")
                        .to_owned(),
                )
            }
            "Timeout" => Fate::Dies("a test that no longer ends".to_owned()),
            "Unviable" => continue,
            _ => Fate::Survives,
        };
        fates.insert(mutant.name, fate);
    }
    Ok(fates)
}

/// Makes a row of each mutant, and of each reason that is for none.
fn rows(fates: &BTreeMap<String, Fate>, reasons: &str, whole: bool) -> Result<Vec<Row>> {
    let reasons: BTreeMap<String, String> =
        serde_json::from_str(reasons).with_context(|| format!("`{REASONS}` is no JSON object"))?;
    let mut used = BTreeSet::new();
    let mut rows = Vec::new();
    let row =
        |name: &str, ok: bool, note: &str| Row::fact("kernel-mutants", name, ok, note.to_owned());
    for (name, fate) in fates {
        let known = without_place(name);
        rows.push(match fate {
            Fate::Dies(test) => row(name, true, &format!("dies: {test}")),
            Fate::Survives => match reasons.get_key_value(&known) {
                Some((known, reason)) => {
                    used.insert(known);
                    row(name, true, &format!("survives: {reason}"))
                }
                None => row(name, false, "survives, and nobody says why"),
            },
        });
    }
    let stale = reasons
        .keys()
        .filter(|known| whole && !used.contains(known));
    rows.extend(stale.map(|known| row(known, false, "has a reason, and does not survive")));
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
        {"scenario": {"Mutant": {"name": "host/a.rs:9:2: delete !"}}, "summary": "MissedMutant", "log_path": "log/b.log"},
        {"scenario": {"Mutant": {"name": "host/b.rs:1:1: turn"}}, "summary": "Timeout", "log_path": "log/c.log"},
        {"scenario": {"Mutant": {"name": "host/a.rs:9:9: no code"}}, "summary": "Unviable", "log_path": null}]}"#;

    const LOG: &str = "running 2 tests\ntest one ... ok\ntest acts::two ... FAILED\n";

    fn said(reasons: &str, whole: bool) -> Vec<(String, bool, String)> {
        let fates = fates(OUTCOMES, |_| LOG.to_owned()).unwrap();
        let rows = rows(&fates, reasons, whole).unwrap();
        rows.into_iter()
            .map(|row| (row.case, row.ok, row.note))
            .collect()
    }

    fn row(case: &str, ok: bool, note: &str) -> (String, bool, String) {
        (case.to_owned(), ok, note.to_owned())
    }

    #[test]
    fn a_dead_mutant_has_its_test_and_a_survivor_needs_a_reason() {
        const NOBODY: &str = "survives, and nobody says why";
        assert_eq!(
            said("{}", true),
            [
                row("host/a.rs:7:9: replace x with y", true, "dies: acts::two"),
                row("host/a.rs:8:9: delete !", false, NOBODY),
                row("host/a.rs:9:2: delete !", false, NOBODY),
                row(
                    "host/b.rs:1:1: turn",
                    true,
                    "dies: a test that no longer ends"
                ),
            ]
        );
        let reasons = r#"{"host/a.rs: delete !": "both give the same"}"#;
        for place in [1, 2] {
            let (_, ok, note) = &said(reasons, true)[place];
            assert!(ok);
            assert_eq!(note, "survives: both give the same");
        }
    }

    #[test]
    fn a_reason_for_what_does_not_survive_is_stale_where_all_were_looked_at() {
        let reasons = r#"{"host/a.rs: delete !": "same", "host/a.rs: gone": "same"}"#;
        assert!(!said(reasons, true)[4].1);
        assert_eq!(said(reasons, false).len(), 4);
    }

    #[test]
    fn a_name_is_looked_for_as_it_is_written() {
        let name = "host/a.rs:7:9: replace A<B>::c_d -> Option<u8> with None";
        let pattern = r"host\/a\.rs\:7\:9\: replace A<B>\:\:c_d \-> Option<u8> with None";
        assert_eq!(literal(name), pattern);
    }
}
