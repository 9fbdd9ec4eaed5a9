//! C: zig's clang with its C library, as a library that is called and returns.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Job;
use crate::error::BuildError;
use crate::process;

/// Returns the module that zig makes of every `.c` file of the project's directory, of the SDK
/// and of the world's bindings.
pub(super) fn core_module(job: &Job<'_>) -> Result<Vec<u8>, BuildError> {
    let sdk = job.sdk("c");
    let world = job.project.world().name();
    let output = job.scratch.join("c.wasm");
    let cache = job.place.cache.join("zig-cache");
    let mut command = Command::new(&job.tool);
    command
        .args(["cc", "-target", "wasm32-wasi", "-mexec-model=reactor"])
        .args(["-std=c17", "-Os", "-Wall", "-fno-strict-aliasing"])
        .arg(format!("-DLAZARET_{}", world.to_uppercase()))
        .arg("-I")
        .arg(sdk.join("include"))
        .arg("-I")
        .arg(sdk.join("generated"))
        .args(sources(job.project.dir())?)
        .args(sources(&sdk.join("src"))?)
        .arg(sdk.join("generated").join(format!("{world}.c")))
        .arg("-o")
        .arg(&output)
        .env("ZIG_GLOBAL_CACHE_DIR", &cache)
        .env("ZIG_LOCAL_CACHE_DIR", &cache);
    process::run(&mut command)?;
    Job::made(&output)
}

fn sources(dir: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let cannot = |error| BuildError::file("listed", dir, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|end| end == "c") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
