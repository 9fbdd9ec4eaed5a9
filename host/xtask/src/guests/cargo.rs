//! How cargo is called for a workspace of guests, and what it says that it made.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::machine::{self, GUEST_TARGET, Machine};
use crate::tools::{wasm_c, wasm_std};
use crate::{process, ui};

/// A workspace of guests.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Below the root of the clone.
    pub(crate) dir: &'static str,
    /// The flags that choose what is built; `None` where it holds no guests.
    pub(crate) build: Option<&'static [&'static str]>,
    /// Whether parts of it are plain Rust with tests that run on this machine.
    pub(crate) native_tests: bool,
}

/// Which target of a package a guest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its library.
    Package,
    /// One of its examples.
    Example,
}

/// A wasm file that cargo made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Artifact {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The directory of the package.
    pub(super) package: PathBuf,
    /// The root file of the target.
    pub(super) source: PathBuf,
    pub(super) wasm: PathBuf,
}

impl Artifact {
    /// Returns where a manifest of its own would be.
    pub(super) fn manifest_path(&self) -> PathBuf {
        match self.kind {
            Kind::Package => self.package.join("plugin.toml"),
            Kind::Example => self.source.with_extension("toml"),
        }
    }
}

impl Workspace {
    /// Returns the names of its packages; none if it is not there yet.
    pub(crate) fn packages(&self, machine: &Machine) -> Result<Vec<String>> {
        let dir = machine.root().join(self.dir);
        if !dir.join("Cargo.toml").is_file() {
            return Ok(Vec::new());
        }
        let mut metadata = Command::new(machine::cargo());
        metadata
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(dir);
        let metadata: Metadata = serde_json::from_str(&process::output(&mut metadata)?)
            .context("cargo's metadata is odd")?;
        Ok(metadata
            .packages
            .into_iter()
            .map(|package| package.name)
            .collect())
    }
}

/// Returns `cargo WORDS` for that workspace, with its products in the cache.
///
/// Without `--target` it is for this machine: the parts of a guest that are plain
/// Rust are tested here.
pub(crate) fn command(machine: &Machine, workspace: &Workspace, words: &str) -> Command {
    let target = machine.guests_target();
    let mut command = Command::new(machine::cargo());
    command
        .current_dir(machine.root().join(workspace.dir))
        .args(words.split(' '))
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_BUILD_BUILD_DIR", &target)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Returns `cargo WORDS --target wasm32-unknown-unknown` for that workspace.
pub(crate) fn wasm_command(machine: &Machine, workspace: &Workspace, words: &str) -> Command {
    let mut command = command(machine, workspace, words);
    command
        .args(["--target", GUEST_TARGET])
        .envs(wasm_c::guest_env(machine));
    let flags = wasm_std::guest_rustflags(machine);
    if !flags.is_empty() {
        // As a setting rather than a variable, which would split a path at its spaces.
        let flags: Vec<String> = flags.iter().map(|flag| format!("{flag:?}")).collect();
        command.arg("--config").arg(format!(
            "target.{GUEST_TARGET}.rustflags=[{}]",
            flags.join(",")
        ));
    }
    command
}

/// Builds the workspace and returns every wasm file of its own packages.
pub(super) fn build(machine: &Machine, workspace: &Workspace) -> Result<Vec<Artifact>> {
    let Some(flags) = workspace.build else {
        return Ok(Vec::new());
    };
    if workspace.packages(machine)?.is_empty() {
        ui::note(&format!("`{}` has no packages yet", workspace.dir));
        return Ok(Vec::new());
    }
    let mut cargo = wasm_command(machine, workspace, "build --quiet --workspace --release");
    cargo
        .args(flags)
        .arg("--message-format=json-render-diagnostics");
    let output = cargo
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`{}` failed", process::shown(&cargo));
    }
    let output = String::from_utf8(output.stdout).context("cargo did not write UTF-8")?;
    let mut artifacts = read_messages(&output, &machine.root().join(workspace.dir))?;
    artifacts.sort_by(|a, b| a.wasm.cmp(&b.wasm));
    Ok(artifacts)
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    crate_types: Vec<String>,
    name: String,
    src_path: PathBuf,
}

/// Reads cargo's messages, one JSON object a line; packages outside `dir` are not ours.
fn read_messages(output: &str, dir: &Path) -> Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for line in output.lines().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line).context("cargo's message is odd")?;
        artifacts.extend(artifact(message, dir));
    }
    Ok(artifacts)
}

fn artifact(message: Message, dir: &Path) -> Option<Artifact> {
    let (target, manifest) = (message.target?, message.manifest_path?);
    let wasm = message
        .filenames
        .into_iter()
        .find(|file| file.extension().is_some_and(|end| end == "wasm"))?;
    let ours = manifest.starts_with(dir) && message.reason == "compiler-artifact";
    let component = target.crate_types.iter().any(|kind| kind == "cdylib");
    let example = target.kind.iter().any(|kind| kind == "example");
    (ours && component).then(|| Artifact {
        kind: if example {
            Kind::Example
        } else {
            Kind::Package
        },
        name: target.name,
        package: manifest.parent().map(Path::to_owned).unwrap_or_default(),
        source: target.src_path,
        wasm,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = r#"{"reason":"compiler-artifact","manifest_path":"/c/plugins/a/Cargo.toml","target":{"kind":["cdylib"],"crate_types":["cdylib"],"name":"a","src_path":"/c/plugins/a/src/lib.rs"},"filenames":["/t/a.wasm"]}
{"reason":"compiler-artifact","manifest_path":"/r/serde/Cargo.toml","target":{"kind":["lib"],"crate_types":["lib"],"name":"serde","src_path":"/r/serde/src/lib.rs"},"filenames":["/t/libserde.rlib"]}
{"reason":"build-finished","success":true}
"#;

    #[test]
    fn only_our_components_are_guests() {
        let artifacts = read_messages(MESSAGES, Path::new("/c/plugins")).unwrap();
        assert_eq!(artifacts.len(), 1);
        assert_eq!(
            artifacts[0].manifest_path(),
            Path::new("/c/plugins/a/plugin.toml")
        );
        assert_eq!(
            read_messages(MESSAGES, Path::new("/elsewhere")).unwrap(),
            []
        );
    }

    #[test]
    fn an_example_has_its_manifest_beside_its_file() {
        let line = MESSAGES
            .replace(r#"["cdylib"],"crate"#, r#"["example"],"crate"#)
            .replace("src/lib.rs", "examples/a.rs");
        let artifacts = read_messages(&line, Path::new("/c")).unwrap();
        assert_eq!(artifacts[0].kind, Kind::Example);
        assert_eq!(
            artifacts[0].manifest_path(),
            Path::new("/c/plugins/a/examples/a.toml")
        );
    }
}
