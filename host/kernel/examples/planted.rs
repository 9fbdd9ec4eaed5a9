//! Do the kernel's tests find ten realistic bugs, each kept as a patch in `tests/planted`?
//!
//! `cargo run -p lazaret-kernel --example planted [NAME...]` copies the crate to a temporary
//! directory, plants one bug at a time there, runs the tests and says which of them died.
//! It fails where a bug survives, does not compile, or the tests die without one, and where the
//! generated runs alone find fewer than ten.
#![expect(
    clippy::print_stdout,
    reason = "a program for a person, not part of the library"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

/// The fewest bugs that tests of generated runs have to find.
const BUGS: usize = 10;

/// How the names of these tests begin: the laws, and the reference.
const GENERATED: [&str; 3] = [
    "two_runs::",
    "single::",
    "the_kernel_and_the_naive_monitor_decide_alike",
];

/// What came of one run of the tests.
enum Outcome {
    Survived,
    NotCompiled(String),
    Died(Vec<String>),
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let kernel = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chosen: Vec<String> = env::args().skip(1).collect();
    let all = patches(&kernel.join("tests/planted"))?;
    let field = Field::new(kernel)?;
    println!("{}", field.root.display());
    field.reset()?;
    if !matches!(field.test()?, Outcome::Survived) {
        return Err("the tests fail without a bug".into());
    }
    let (mut found, mut generated) = (true, 0);
    for patch in all {
        let name = patch
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if chosen.is_empty() || chosen.contains(&name) {
            field.reset()?;
            field.plant(&patch)?;
            let outcome = field.test()?;
            found &= report(&name, &outcome);
            generated += usize::from(is_found_by_generated_runs(&outcome));
        }
    }
    println!("{generated} found by generated runs");
    found &= !chosen.is_empty() || generated >= BUGS;
    Ok(if found {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints what came of a bug, and returns whether it was found.
fn report(name: &str, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Survived => println!("{name:<40} SURVIVED"),
        Outcome::NotCompiled(why) => println!("{name:<40} DOES NOT COMPILE\n{why}"),
        Outcome::Died(tests) => {
            println!("{name:<40} found by {} tests", tests.len());
            for test in tests {
                println!("    {test}");
            }
        }
    }
    matches!(outcome, Outcome::Died(_))
}

fn is_found_by_generated_runs(outcome: &Outcome) -> bool {
    let Outcome::Died(tests) = outcome else {
        return false;
    };
    let is_generated = |test: &String| GENERATED.iter().any(|name| test.starts_with(name));
    tests.iter().any(is_generated)
}

/// Returns the patches of a folder by name.
fn patches(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut all: Vec<PathBuf> = entries?.iter().map(fs::DirEntry::path).collect();
    all.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "patch")
    });
    all.sort();
    Ok(all)
}

/// A workspace with the kernel alone, in which bugs may grow.
struct Field {
    kernel: PathBuf,
    root: PathBuf,
}

impl Field {
    fn new(kernel: &Path) -> io::Result<Self> {
        let root = env::temp_dir().join(format!("lazaret-planted-{}", std::process::id()));
        fs::create_dir_all(root.join("host/kernel"))?;
        let workspace = kernel.join("../..");
        for file in ["Cargo.lock", "clippy.toml"] {
            fs::copy(workspace.join(file), root.join(file))?;
        }
        let manifest = fs::read_to_string(workspace.join("Cargo.toml"))?;
        fs::write(root.join("Cargo.toml"), alone(&manifest))?;
        Ok(Self {
            kernel: kernel.to_owned(),
            root,
        })
    }

    /// Puts the sound crate back.
    fn reset(&self) -> io::Result<()> {
        let crate_here = self.root.join("host/kernel");
        fs::remove_dir_all(&crate_here)?;
        fs::create_dir_all(&crate_here)?;
        for part in ["Cargo.toml", "src", "tests", "benches"] {
            copy(&self.kernel.join(part), &crate_here.join(part))?;
        }
        Ok(())
    }

    fn plant(&self, patch: &Path) -> Result<(), Box<dyn Error>> {
        let mut git = Command::new("git");
        let applied = git
            .arg("apply")
            .arg(patch)
            .current_dir(&self.root)
            .output()?;
        if applied.status.success() {
            return Ok(());
        }
        Err(format!(
            "{}: {}",
            patch.display(),
            String::from_utf8_lossy(&applied.stderr)
        )
        .into())
    }

    fn test(&self) -> io::Result<Outcome> {
        let target = self.root.join("target");
        let output = Command::new("cargo")
            .args([
                "test",
                "-p",
                "lazaret-kernel",
                "--tests",
                "--no-fail-fast",
                "--offline",
            ])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_BUILD_BUILD_DIR", &target)
            .env("RUST_BACKTRACE", "0")
            .output()?;
        if output.status.success() {
            return Ok(Outcome::Survived);
        }
        let told = String::from_utf8_lossy(&output.stdout);
        let died = |line: &str| {
            Some(
                line.strip_prefix("test ")?
                    .strip_suffix(" ... FAILED")?
                    .to_owned(),
            )
        };
        let tests: Vec<String> = told.lines().filter_map(died).collect();
        if tests.is_empty() {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            return Ok(Outcome::NotCompiled(why));
        }
        Ok(Outcome::Died(tests))
    }
}

/// Returns the workspace's manifest with the kernel as its one member.
fn alone(manifest: &str) -> String {
    let Some((before, members)) = manifest.split_once("members = [") else {
        return manifest.to_owned();
    };
    let after = members.split_once(']').map_or("", |(_, after)| after);
    format!("{before}members = [\"host/kernel\"]{after}")
}

impl Drop for Field {
    fn drop(&mut self) {
        // What is left in a temporary directory is no reason to fail.
        drop(fs::remove_dir_all(&self.root));
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_file() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
