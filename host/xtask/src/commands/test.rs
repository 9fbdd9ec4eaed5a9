//! `cargo xtask test`: everything that has to hold before a change goes in.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::counts::Counts;
use crate::guests::{self, WORKSPACES, Workspace};
use crate::machine::{self, Machine};
use crate::stopwatch::Stopwatch;
use crate::table::{self, Format, Row};
use crate::tools::official_sdks::OfficialSdks;
use crate::tools::{self, State, Tool as _};
use crate::{disk, process, real_model, ui};

/// Runs formatting, lints, guests and all tests; stops at the first step that fails.
///
/// The last line of stdout is `N passed, N failed, N skipped`. A step that is no
/// test run, such as formatting, counts as one failure when it fails.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only tests whose name contains this; formatting and lints are left out.
    filter: Option<String>,
    /// Also the slow suites.
    #[arg(long)]
    full: bool,
    /// Only the tests with a real model on this machine's processor, which is fetched and
    /// built first where it is missing.
    #[arg(long, conflicts_with = "filter")]
    real_model: bool,
    /// Print the steps as a JSON array; the line of counts goes to stderr.
    #[arg(long)]
    json: bool,
}

/// The test that needs the model providers' own clients, and a step of its own for them.
const SDKS_TEST: &str = "the_official_sdks_work_against_the_fake";

/// One step.
struct Step {
    name: String,
    work: Work,
}

impl Step {
    fn new(name: &str, work: Work) -> Self {
        Self {
            name: name.to_owned(),
            work,
        }
    }
}

/// What a step does.
enum Work {
    /// Right if the program says so.
    Check(Command),
    /// The same, and its tests are counted.
    Tests(Command),
    /// Builds the guests.
    Guests,
    /// Tests beside a real model, by a command that is told where it is.
    RealModel(Command),
}

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    disk::note_if_short(machine);
    let started = Stopwatch::start();
    let mut counts = Counts::default();
    let mut rows = Vec::new();
    for mut step in plan(machine, args)? {
        ui::note(&format!("== {}", step.name));
        let watch = Stopwatch::start();
        let (ok, found) = perform(machine, &mut step.work)?;
        ui::note(&format!(
            "== {}: {} in {}",
            step.name,
            if ok { "ok" } else { "FAILED" },
            watch.shown()
        ));
        counts += found;
        rows.push(Row::number(
            "steps",
            &step.name,
            ok,
            watch.elapsed().as_secs_f64(),
            "s",
        ));
        if !ok {
            ui::note(&format!("repeat: {}", repeat(&step.work)));
            break;
        }
    }
    if args.filter.is_some() && counts.passed + counts.failed == 0 {
        counts.failed = 1;
        ui::note("no test has a name that contains this");
    }
    rows.push(Row::number(
        "steps",
        "all",
        counts.failed == 0,
        started.elapsed().as_secs_f64(),
        "s",
    ));
    report(&rows, counts, args.json)?;
    Ok(if counts.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(rows: &[Row], counts: Counts, json: bool) -> Result<()> {
    table::print(rows, Format::from_flag(json))?;
    if json {
        ui::note(&counts.to_string());
    } else {
        ui::result(&counts.to_string());
    }
    Ok(())
}

fn plan(machine: &Machine, args: &Args) -> Result<Vec<Step>> {
    let mut workspaces = Vec::new();
    for one in &WORKSPACES {
        if !one.packages(machine)?.is_empty() {
            workspaces.push(one);
        }
    }
    // Clippy of a guest needs the target as much as its build does.
    guests::prepare(machine)?;
    let mut steps = Vec::new();
    if args.real_model {
        // One test at a time: the server breaks an answer off for the next request.
        let words = "test --quiet --workspace --test cli -- --ignored --nocapture --test-threads=1";
        let mut command = host(machine, words);
        with_test_env(&mut command, machine, args);
        steps.push(Step::new("guests", Work::Guests));
        steps.push(Step::new("real model", Work::RealModel(command)));
        return Ok(steps);
    }
    if args.filter.is_none() {
        steps.extend(format(machine, &workspaces));
        steps.extend(clippy(machine, &workspaces));
    }
    steps.push(Step::new("guests", Work::Guests));
    tools::ensure(&tools::npm::Packages, machine)?;
    // The fake provider may test our client only where the providers' own clients take it for real.
    steps.extend(official_sdks(machine, args)?);
    steps.extend(tests(machine, args, &workspaces));
    Ok(steps)
}

fn format(machine: &Machine, workspaces: &[&Workspace]) -> Vec<Step> {
    let words = "fmt --all --check";
    let mut steps = vec![Step::new("format", Work::Check(host(machine, words)))];
    for one in workspaces {
        let format = guests::command(machine, one, words);
        steps.push(Step::new(
            &format!("format {}", one.dir),
            Work::Check(format),
        ));
    }
    steps
}

fn clippy(machine: &Machine, workspaces: &[&Workspace]) -> Vec<Step> {
    let strict = ["--", "-D", "warnings"];
    let mut command = host(machine, "clippy --quiet --workspace --all-targets");
    command.args(strict);
    let mut steps = vec![Step::new("clippy", Work::Check(command))];
    for one in workspaces {
        // In release, which shares the macros with the guests' build.
        let words = "clippy --quiet --release --workspace --all-targets";
        let mut command = guests::wasm_command(machine, one, words);
        command.args(strict);
        steps.push(Step::new(
            &format!("clippy {}", one.dir),
            Work::Check(command),
        ));
    }
    steps
}

/// The host's own tests with those on the tree, the plain Rust parts of the guests,
/// and the examples of the documentation.
fn tests(machine: &Machine, args: &Args, workspaces: &[&Workspace]) -> Vec<Step> {
    let nextest = "nextest run --workspace --no-fail-fast --no-tests=pass --status-level=slow";
    let libtest = "test --quiet --workspace --no-fail-fast --lib --bins --tests";
    let has_nextest = machine::find_program(&["cargo-nextest"]).is_some();
    let counted = |name: &str, mut command: Command| {
        with_test_env(command.args(&args.filter), machine, args);
        Step::new(name, Work::Tests(command))
    };
    let words = if has_nextest { nextest } else { libtest };
    let mut steps = vec![counted("tests", host(machine, words))];
    for one in workspaces.iter().filter(|one| one.native_tests) {
        let native = guests::command(machine, one, "test --quiet --workspace --no-fail-fast");
        steps.push(counted(&format!("tests of {}", one.dir), native));
    }
    let words = "test --quiet --workspace --no-fail-fast --doc";
    steps.push(counted("doctests", host(machine, words)));
    steps
}

/// The model providers' own clients against the fake provider.
fn official_sdks(machine: &Machine, args: &Args) -> Result<Option<Step>> {
    let is_meant = |filter: &String| SDKS_TEST.contains(filter.as_str());
    if !args.filter.as_ref().is_none_or(is_meant) {
        return Ok(None);
    }
    tools::ensure(&OfficialSdks, machine)?;
    let words = "test --quiet --workspace --test official_sdks -- --ignored --nocapture";
    let mut command = host(machine, words);
    command.env("LAZARET_SDKS", OfficialSdks::dir(machine));
    command.env("LAZARET_PYTHON", tools::python::find()?);
    Ok(Some(Step::new("official SDKs", Work::Tests(command))))
}

fn with_test_env(command: &mut Command, machine: &Machine, args: &Args) {
    command.env("LAZARET_DIST", machine.dist());
    if let Ok(State::Ready(place)) = tools::npm::Packages.check(machine) {
        command.env("LAZARET_NPM", place);
    }
    if args.full {
        command.env("LAZARET_FULL", "1");
    }
}

fn host(machine: &Machine, words: &str) -> Command {
    let mut command = Command::new(machine::cargo());
    command.current_dir(machine.root()).args(words.split(' '));
    command
}

/// Returns whether the step is right, and its tests.
fn perform(machine: &Machine, work: &mut Work) -> Result<(bool, Counts)> {
    match work {
        Work::Check(command) => {
            let status = command
                .status()
                .with_context(|| format!("cannot start `{}`", process::shown(command)))?;
            Ok(judge(status.success(), Counts::default()))
        }
        Work::Tests(command) => {
            let (status, output) = process::run_and_read(command)?;
            Ok(judge(status.success(), Counts::read(&output)))
        }
        Work::RealModel(command) => {
            let server = real_model::Server::start(machine)?;
            let (status, output) =
                process::run_and_read(command.env("LAZARET_REAL_MODEL", server.address()))?;
            Ok(judge(status.success(), Counts::read(&output)))
        }
        Work::Guests => {
            let built = guests::build(machine);
            if let Err(error) = &built {
                ui::note(&format!("{error:#}"));
            }
            Ok(judge(built.is_ok(), Counts::default()))
        }
    }
}

/// A step that failed without a failed test, such as one that does not compile, is
/// one failure: the line of counts never says 0 where something is wrong.
fn judge(success: bool, mut counts: Counts) -> (bool, Counts) {
    if !success && counts.failed == 0 {
        counts.failed = 1;
    }
    (counts.failed == 0, counts)
}

fn repeat(work: &Work) -> String {
    match work {
        Work::Check(command) | Work::Tests(command) => process::shown(command),
        Work::RealModel(_) => "cargo xtask test --real-model".to_owned(),
        Work::Guests => "cargo xtask guests".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_without_tests_is_one_failure() {
        assert_eq!(
            judge(false, Counts::default()),
            (
                false,
                Counts {
                    failed: 1,
                    ..Counts::default()
                }
            )
        );
        assert_eq!(judge(true, Counts::default()), (true, Counts::default()));
    }

    #[test]
    fn a_failed_test_fails_the_step_whatever_the_program_says() {
        let counts = Counts {
            passed: 3,
            failed: 2,
            skipped: 0,
        };
        assert_eq!(judge(true, counts), (false, counts));
        assert_eq!(judge(false, counts), (false, counts));
    }
}
