//! The model providers' own Python clients, which the fake provider of the tests has to satisfy.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{State, Tool, make_dir_atomically, python};
use crate::machine::Machine;

/// The packages, each as `PyPI` names it with its version.
const PACKAGES: [&str; 4] = [
    "anthropic==2.14.0",
    "boto3==1.44.8",
    "google-genai==3.6.1",
    "openai==3.57.0",
];

/// A module of each of them.
const MODULES: [&str; 4] = ["anthropic", "boto3", "google/genai", "openai"];

/// Gives the clients.
#[derive(Debug)]
pub(crate) struct OfficialSdks;

impl OfficialSdks {
    /// Returns the directory with the packages. Another list is another directory.
    pub(crate) fn dir(machine: &Machine) -> PathBuf {
        machine.tool_dir("official-sdks-1")
    }
}

impl Tool for OfficialSdks {
    fn name(&self) -> &'static str {
        "official-sdks"
    }

    fn why(&self) -> &'static str {
        "the model providers' own clients, for tests"
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        let dir = Self::dir(machine);
        let is_there = MODULES.iter().all(|module| dir.join(module).is_dir());
        Ok(if is_there {
            State::Ready(dir.display().to_string())
        } else {
            State::Missing(format!("`{}` is not there", dir.display()))
        })
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        make_dir_atomically(&Self::dir(machine), |draft: &Path| {
            python::install_all(&PACKAGES, draft, |pip| pip)
        })
    }
}
