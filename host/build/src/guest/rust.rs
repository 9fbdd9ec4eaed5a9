//! Rust: cargo makes the component itself, with the linker that ships with the toolchain.

use std::path::PathBuf;
use std::process::Command;

use super::Job;
use crate::error::BuildError;
use crate::process;
use crate::toolchain::RUST_TARGET;

pub(super) fn component(job: &Job<'_>) -> Result<Vec<u8>, BuildError> {
    let shared = job.place.cargo_target.clone();
    let target = shared.unwrap_or_else(|| job.scratch.join("cargo"));
    let cargo = job.place.program(&["cargo"]);
    let mut command = Command::new(cargo.unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(job.project.dir())
        .args(["build", "--quiet", "--release", "--target", RUST_TARGET])
        .args(["--message-format", "json-render-diagnostics", "--config"])
        .arg(format!("target.{RUST_TARGET}.linker='wasm-component-ld'"))
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_BUILD_BUILD_DIR", &target)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    // A sysroot that `cargo xtask setup` built; rustc finds its own by itself.
    if job.tool.starts_with(&job.place.cache) {
        command.arg("--config").arg(format!(
            "target.{RUST_TARGET}.rustflags=['--sysroot={}']",
            job.tool.display()
        ));
    }
    let said = process::run(&mut command)?;
    Job::made(&artifact(&said)?)
}

/// Finds the last wasm file in cargo's messages, one JSON object a line: the package's own comes
/// after what it depends on.
fn artifact(said: &str) -> Result<PathBuf, BuildError> {
    let messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let files = messages.flat_map(|message| {
        let files = message.get("filenames").and_then(|files| files.as_array());
        files.cloned().unwrap_or_default()
    });
    let mut files = files.filter_map(|file| file.as_str().map(PathBuf::from));
    files
        .rfind(|file| file.extension().is_some_and(|end| end == "wasm"))
        .ok_or_else(|| {
            BuildError::Component("cargo made no wasm: set `crate-type = [\"cdylib\"]`".to_owned())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_wasm_is_the_packages_own() {
        let said = "{\"filenames\":[\"/t/a.rlib\"]}\n{\"filenames\":[\"/t/b.wasm\"]}\n{}\n";
        assert_eq!(artifact(said).unwrap(), std::path::Path::new("/t/b.wasm"));
        assert_eq!(artifact("{}").unwrap_err().code(), "build-component");
    }
}
