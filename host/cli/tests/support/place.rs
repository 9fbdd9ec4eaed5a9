//! A project of a test's own: a directory with a policy, a home, and a model on loopback.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::binary;
use crate::model::Model;

/// A directory to run in, with a state and a home of its own.
pub(crate) struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    /// Makes a project whose scripts ask this model; `more` stands at the policy's end.
    pub(crate) fn new(model: &Model, untrusted: &str, more: &str) -> Self {
        let place = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        // The search for saved scripts ends here.
        std::fs::create_dir(place.path().join(".git")).unwrap();
        place.write("lazaret.toml", &policy(&model.address, untrusted, more));
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Writes a script with `meta` and this body.
    pub(crate) fn script(&self, name: &str, body: &str) {
        let text =
            format!("export const meta = {{ name: 'test', description: 'of a test' }}\n{body}\n");
        self.write(name, &text);
    }

    pub(crate) fn lazaret(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The command, about to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary::command(self.path(), arguments);
        command.env("HOME", self.path().join("home"));
        command
    }

    /// Runs and returns the exit status and the report.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let all: Vec<&str> = ["run", "--json"].iter().chain(arguments).copied().collect();
        let output = self.lazaret(&all);
        (output.status.code(), binary::report(&output))
    }
}

fn policy(address: &str, untrusted: &str, more: &str) -> String {
    format!(
        r#"version = 1
[readers]
private = ["operator", "models"]
[source.args]
tags = ["unknown"]
readers = "private"
[workflow]
name = "script"
orchestrator = "script"
untrusted = "{untrusted}"
print = true
gates = ["script"]
[plugin.script]
file = "script.wasm"
[gate.script]
removes = ["unknown"]
bits_per_item = 16
[model.default]
provider = "openai"
model = "test"
base_url = "{address}"
[profile.general-purpose]
plugin = "agent"
reads = "*"
use = ["model.default", "files.read", "files.write"]
[files.notes]
path = "notes"
tags = ["unknown"]
tolerate = ["unknown"]
write = true
create = true
{more}
"#
    )
}
