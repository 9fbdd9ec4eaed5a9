//! The binary itself, in a directory of a test's own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Where the components and workflows are that `cargo xtask guests` built.
pub(crate) fn dist() -> PathBuf {
    let dist = std::env::var_os("LAZARET_DIST");
    dist.expect("LAZARET_DIST is not set: run these tests with `cargo xtask test`")
        .into()
}

/// Where what components in Rust depend on is compiled, once for all tests.
pub(crate) fn authors_target() -> PathBuf {
    dist().with_file_name("authors-target")
}

/// The command, about to be started in the directory, with a state of its own there.
pub(crate) fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazaret"));
    command
        .args(arguments)
        .current_dir(directory)
        .env("LAZARET_HOME", dist())
        .env("LAZARET_STATE", directory.join("state"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    command
}

/// Returns the JSON that a command printed.
pub(crate) fn report(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no report: {said}"))
}
