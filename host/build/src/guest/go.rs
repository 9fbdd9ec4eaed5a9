//! Go: the ordinary compiler for `wasip1`, as a library that is called and returns.

use std::process::Command;

use super::Job;
use crate::error::BuildError;
use crate::process;

/// Returns the module that go makes. It finds the SDK by the `replace` in `go.mod`; no module is
/// fetched for it.
pub(super) fn core_module(job: &Job<'_>) -> Result<Vec<u8>, BuildError> {
    let output = job.scratch.join("go.wasm");
    let mut command = Command::new(&job.tool);
    command
        .current_dir(job.project.dir())
        .args([
            "build",
            "-buildmode=c-shared",
            "-trimpath",
            "-ldflags=-s -w",
        ])
        .args(["-tags", job.project.world().name(), "-o"])
        .arg(&output)
        .arg(".")
        .envs([
            ("GOOS", "wasip1"),
            ("GOARCH", "wasm"),
            ("GOTOOLCHAIN", "local"),
        ])
        .env("GOCACHE", job.place.cache.join("go-build"));
    process::run(&mut command)?;
    Job::made(&output)
}
