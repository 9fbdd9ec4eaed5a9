//! The commands that the documents show, run as they stand.
//!
//! Needs the distribution that `cargo xtask test` builds and names in `LAZARET_DIST`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop a test as tests do, and read the environment"
)]

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../../README.md");
const SCRIPTS: &str = include_str!("../../../docs/scripts.md");

/// The blocks of a document in one language.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let parts = document.split(fence.as_str()).skip(1);
    parts
        .filter_map(|part| part.split("\n```").next())
        .collect()
}

fn shell(directory: &Path, command: &str) -> std::process::Output {
    let dist = std::env::var("LAZARET_DIST")
        .expect("LAZARET_DIST is not set: run these tests with `cargo xtask test`");
    let binary = Path::new(env!("CARGO_BIN_EXE_lazaret")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    Command::new("sh")
        .args(["-ec", command])
        .current_dir(directory)
        .env("PATH", path)
        .env("LAZARET_HOME", dist)
        .env("LAZARET_STATE", directory.join("state"))
        .output()
        .unwrap()
}

/// The run that documents speak of.
const ANY_RUN: &str = "k3v9x2";

/// Puts the newest run in the place of the documents' one.
fn about_the_newest(directory: &Path, command: &str) -> String {
    if !command.contains(ANY_RUN) {
        return command.to_owned();
    }
    let listed = shell(directory, "lazaret runs --limit 1 --json");
    let runs: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    command.replace(ANY_RUN, runs[0]["run"].as_str().unwrap())
}

#[test]
fn the_commands_of_the_readme_work_as_written() {
    let directory = tempfile::tempdir().unwrap();
    let dist = std::env::var("LAZARET_DIST").expect("LAZARET_DIST is not set");
    let issues = Path::new(&dist).join("workflows/triage/data/issues.json");
    std::fs::copy(issues, directory.path().join("issues.json")).unwrap();
    let script = blocks(README, "js");
    std::fs::write(directory.path().join("hello.js"), script.first().unwrap()).unwrap();
    let policy = blocks(SCRIPTS, "toml");
    std::fs::write(
        directory.path().join("lazaret.toml"),
        policy.first().unwrap(),
    )
    .unwrap();

    let all: Vec<&str> = blocks(README, "sh")
        .into_iter()
        .flat_map(str::lines)
        .filter(|line| line.starts_with("lazaret "))
        .collect();
    assert!(all.len() >= 2, "the README shows commands: {all:?}");
    for command in all {
        let command = &about_the_newest(directory.path(), command);
        let output = shell(directory.path(), command);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{command}`: {said}");
    }
}

#[test]
fn the_readmes_first_commands_are_the_projects_own() {
    let sh = blocks(README, "sh").concat();
    assert!(sh.contains("cargo xtask demo") && sh.contains("cargo xtask test"));
}
