//! Builds the command line `lazaret`, and asks cargo where it is.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::machine::{self, Machine};
use crate::{process, ui};

/// Runs `cargo WORDS`, a build of the command line among others, and returns where it is.
pub(crate) fn build(machine: &Machine, words: &str) -> Result<PathBuf> {
    ui::note("building lazaret");
    let mut cargo = Command::new(machine::cargo());
    cargo
        .current_dir(machine.root())
        .args(words.split(' '))
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit());
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("`{}` failed", process::shown(&cargo));
    }
    let messages = String::from_utf8(output.stdout).context("cargo did not write UTF-8")?;
    messages
        .lines()
        .find_map(binary_of)
        .context("cargo made no binary `lazaret`")
}

/// What cargo says of a thing that it made.
#[derive(Deserialize)]
struct Message {
    target: Target,
    profile: Profile,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Returns the program if the message is about the command line itself, not its tests.
fn binary_of(line: &str) -> Option<PathBuf> {
    let message: Message = serde_json::from_str(line).ok()?;
    let ours = message.target.name == "lazaret" && message.target.kind == ["bin"];
    (ours && !message.profile.test)
        .then_some(message.executable)
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_told_from_its_own_tests_and_from_others() {
        let line = |name: &str, test: bool| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"name":"{name}","kind":["bin"]}},"profile":{{"test":{test}}},"executable":"/x"}}"#
            )
        };
        assert_eq!(binary_of(&line("lazaret", false)), Some("/x".into()));
        assert_eq!(binary_of(&line("lazaret", true)), None);
        assert_eq!(binary_of(&line("xtask", false)), None);
        assert_eq!(binary_of(r#"{"reason":"build-finished"}"#), None);
    }
}
