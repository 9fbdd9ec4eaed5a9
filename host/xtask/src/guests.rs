//! Builds the guests and puts them where the host looks for them.
//!
//! Beside the SDK, two cargo workspaces are built for wasm: `plugins/`, where every package with a
//! `plugin.toml` beside its `Cargo.toml` is a plugin, and `tests/guests/`, where
//! every example is a guest of its own. Each gets its manifest as a section of the
//! component and goes to the distribution directory:
//!
//! ```text
//! plugins/<name>.wasm    a plugin, by its manifest's name
//! guests/<name>.wasm     a test guest, by its file's name
//! conformance/<language>.wasm   the same component in every language
//! workflows/<name>/…     policy and data of a shipped workflow, as in plugins/workflows/
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use lazaret_manifest::manifest::{self, Manifest};

use crate::machine::Machine;
use crate::stopwatch::Stopwatch;
use crate::tools::{self, wasm_c, wasm_std};
use crate::{lock, ui};

mod cargo;
mod dist;
pub(crate) mod languages;
mod snapshot;

use cargo::{Artifact, Kind};
pub(crate) use cargo::{Workspace, command, wasm_command};
use dist::Dist;
pub(crate) use dist::{files_below, put_in_one_step};

/// What is built for wasm, below the root of the clone.
pub(crate) const WORKSPACES: [Workspace; 3] = [
    Workspace {
        dir: "sdk/rust",
        build: None,
        native_tests: true,
    },
    Workspace {
        dir: "plugins",
        build: Some(&[]),
        native_tests: true,
    },
    Workspace {
        dir: "tests/guests",
        build: Some(&["--examples"]),
        native_tests: false,
    },
];

/// One guest in the distribution directory.
#[derive(Debug)]
pub(crate) struct Guest {
    /// Below the distribution directory.
    pub(crate) path: PathBuf,
    pub(crate) bytes: usize,
    /// Whether it differs from what was there before.
    pub(crate) changed: bool,
}

/// Builds every guest, and returns them with the distribution directory up to date.
pub(crate) fn build(machine: &Machine) -> Result<Vec<Guest>> {
    prepare(machine)?;
    let _lock = lock::take(&machine.dist().with_added_extension("lock"))?;
    let started = Stopwatch::start();
    let mut dist = Dist::open(machine.dist(), machine.root())?;
    let mut guests = Vec::new();
    for workspace in &WORKSPACES {
        for artifact in cargo::build(machine, workspace)? {
            guests.extend(distribute(machine, &artifact, &mut dist)?);
        }
    }
    guests.extend(languages::distribute(machine, &mut dist)?);
    dist.copy_tree(
        &machine.root().join("plugins/workflows"),
        Path::new("workflows"),
    )?;
    dist.finish()?;
    let changed = guests.iter().filter(|guest| guest.changed).count();
    ui::note(&format!(
        "{} guests, {changed} changed, {}",
        guests.len(),
        started.shown()
    ));
    Ok(guests)
}

/// The package that is written in C for the most part.
const NEEDS_C: &str = "script";

/// Makes sure that the tools are there which the guests in this tree need.
pub(crate) fn prepare(machine: &Machine) -> Result<()> {
    tools::ensure(&wasm_std::WasmStd, machine)?;
    for workspace in &WORKSPACES {
        if workspace
            .packages(machine)?
            .iter()
            .any(|name| name == NEEDS_C)
        {
            tools::ensure(&wasm_c::WasmC, machine)?;
        }
    }
    Ok(())
}

/// Puts one guest into the distribution directory; a package without a manifest is no guest.
fn distribute(machine: &Machine, artifact: &Artifact, dist: &mut Dist) -> Result<Option<Guest>> {
    let (folder, text) = match artifact.kind {
        Kind::Package => (
            "plugins",
            read_if_there(&artifact.package.join("plugin.toml"))?,
        ),
        Kind::Example => {
            let own = read_if_there(&artifact.source.with_extension("toml"))?;
            (
                "guests",
                Some(own.unwrap_or_else(|| default_manifest(&artifact.name))),
            )
        }
    };
    let Some(text) = text else { return Ok(None) };
    let manifest = check(&artifact.manifest_path(), &text)?;
    let name = match artifact.kind {
        Kind::Package => manifest.name().to_owned(),
        Kind::Example => artifact.name.clone(),
    };
    let wasm = fs::read(&artifact.wasm)
        .with_context(|| format!("cannot read `{}`", artifact.wasm.display()))?;
    let wasm = snapshot::taken(machine, wasm)
        .with_context(|| format!("no snapshot of `{}`", artifact.wasm.display()))?;
    let whole = manifest::section::embed(&wasm, &text)
        .with_context(|| format!("`{}` takes no manifest", artifact.wasm.display()))?;
    let path = Path::new(folder).join(format!("{name}.wasm"));
    let changed = dist.put(&path, &whole)?;
    if changed {
        ui::note(&format!(
            "  {}  {:.1} KiB",
            path.display(),
            kib(whole.len())
        ));
    }
    Ok(Some(Guest {
        path,
        bytes: whole.len(),
        changed,
    }))
}

/// Returns the size in KiB.
#[expect(
    clippy::cast_precision_loss,
    reason = "shown with one digit after the point"
)]
pub(crate) fn kib(bytes: usize) -> f64 {
    bytes as f64 / 1024.0
}

/// A guest without a manifest of its own asks for everything that can be asked for
/// by pattern, so that a test fails by the policy's rule and not by a missing
/// request. One that is not an agent, or asks for gates, brings its own.
fn default_manifest(name: &str) -> String {
    let name = name.replace('_', "-");
    format!(
        "name = \"{name}\"\nversion = \"0.1.0\"\nworld = \"agent\"\n\n[requests]\n\
         use = [\"tracker.*\", \"desk.*\", \"files.*\", \"model.*\", \"web.*\", \"command.*\", \"code.*\"]\nreads = \"*\"\n"
    )
}

fn check(file: &Path, text: &str) -> Result<Manifest> {
    let file = file.display().to_string();
    Manifest::parse(&file, text).map_err(|problems| {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| {
                let hint = problem
                    .hint
                    .as_ref()
                    .map_or_else(String::new, |hint| format!(" ({hint})"));
                format!("{problem}{hint}")
            })
            .collect();
        anyhow::anyhow!("the manifest is not valid:\n{}", lines.join("\n"))
    })
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => bail!("cannot read `{}`: {error}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_manifest_is_valid_and_asks_for_the_tracker() {
        let manifest = check(Path::new("x.toml"), &default_manifest("reads_held")).unwrap();
        assert_eq!(manifest.name(), "reads-held");
        assert!(manifest.requests_function("tracker.escalate"));
    }

    #[test]
    fn a_wrong_manifest_is_refused_with_its_line() {
        let error = check(
            Path::new("x.toml"),
            "name = \"a\"\nversion = \"1\"\nworld = \"agent\"\n",
        )
        .unwrap_err();
        assert!(error.to_string().contains("x.toml:2:"), "{error}");
    }
}
