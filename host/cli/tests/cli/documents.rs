//! The commands that the documents show, run as they stand.

use std::path::Path;
use std::process::Command;

use crate::binary;

const README: &str = include_str!("../../../../README.md");
const SCRIPTS: &str = include_str!("../../../../docs/scripts.md");
const CI: &str = include_str!("../../../../docs/ci.md");

/// The blocks of a document in one language.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let parts = document.split(fence.as_str()).skip(1);
    parts
        .filter_map(|part| part.split("\n```").next())
        .collect()
}

fn shell(directory: &Path, command: &str) -> std::process::Output {
    let program = Path::new(env!("CARGO_BIN_EXE_lazaret")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    Command::new("sh")
        .args(["-ec", command])
        .current_dir(directory)
        .env("PATH", path)
        // What Rust components depend on is compiled once for all tests.
        .env("CARGO_TARGET_DIR", binary::authors_target())
        .env("LAZARET_HOME", binary::dist())
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
    let dist = binary::dist();
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
fn the_recipes_for_continuous_integration_work_as_written() {
    let directory = tempfile::tempdir().unwrap();
    let dist = binary::dist();
    let issues = Path::new(&dist).join("workflows/triage/data/issues.json");
    let issues: serde_json::Value =
        serde_json::from_slice(&std::fs::read(issues).unwrap()).unwrap();
    let few: Vec<_> = issues.as_array().unwrap().iter().take(3).collect();
    let few = serde_json::to_string(&few).unwrap();
    std::fs::write(directory.path().join("issues.json"), few).unwrap();
    let recipes = blocks(CI, "sh");
    assert_eq!(recipes.len(), 2);
    for recipe in recipes {
        // `jq` reads one field of one object here; it need not be installed for this test.
        let jq = r#"jq() { sed -n 's/.*"run":"\([a-z0-9]*\)".*/\1/p' "$3"; }"#;
        let output = shell(directory.path(), &format!("{jq}\n{recipe}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{recipe}: {said}");
    }
}

#[test]
fn the_readmes_first_commands_are_the_projects_own() {
    let sh = blocks(README, "sh").concat();
    for command in ["demo", "test", "install"] {
        assert!(sh.contains(&format!("cargo xtask {command}")), "{command}");
    }
}

/// Types what an SDK's first block says, in an empty directory, and compares the code that the
/// page shows with the file that was made.
fn sdk(readme: &str, fence: &str, main: &str, instead: Option<[&str; 2]>) {
    let directory = tempfile::tempdir().unwrap();
    let mut block = (*blocks(readme, "sh").first().unwrap()).to_owned();
    if let Some([shown, typed]) = instead {
        assert!(block.contains(shown), "the page shows `{shown}`");
        block = block.replace(shown, typed);
    }
    let output = shell(directory.path(), &block);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (said, told) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{block}\n{said}{told}");
    assert!(
        said.contains("\"greeting\": \"hello world\""),
        "{said}{told}"
    );
    if instead.is_none() {
        let code = std::fs::read_to_string(directory.path().join("hello").join(main)).unwrap();
        let shown = blocks(readme, fence);
        assert!(
            shown.contains(&code.trim_end()),
            "the page's `{main}` is another"
        );
    }
}

#[test]
fn the_rust_sdks_page_works_as_written() {
    sdk(
        include_str!("../../../../sdk/rust/README.md"),
        "rust",
        "src/lib.rs",
        None,
    );
}

const JAVASCRIPT: &str = include_str!("../../../../sdk/js/README.md");

#[test]
fn the_javascript_sdks_page_works_as_written() {
    sdk(JAVASCRIPT, "js", "main.js", None);
}

#[test]
fn the_javascript_sdks_page_works_for_typescript() {
    sdk(
        JAVASCRIPT,
        "js",
        "main.ts",
        Some(["--lang js", "--lang ts"]),
    );
}

#[test]
fn the_python_sdks_page_works_as_written() {
    sdk(
        include_str!("../../../../sdk/python/README.md"),
        "python",
        "main.py",
        None,
    );
}

#[test]
fn the_go_sdks_page_works_as_written() {
    sdk(
        include_str!("../../../../sdk/go/README.md"),
        "go",
        "main.go",
        None,
    );
}

#[test]
fn the_c_sdks_page_works_as_written() {
    sdk(
        include_str!("../../../../sdk/c/README.md"),
        "c",
        "main.c",
        None,
    );
}
