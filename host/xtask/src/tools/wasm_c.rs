//! A C compiler and an archiver for wasm32, which `plugins/script` needs for QuickJS.
//!
//! Either clang with llvm-ar, which Debian has (`apt-get install clang llvm lld`),
//! or zig from `PyPI` behind two wrappers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{State, Tool};
use crate::machine::{self, GUEST_TARGET, Machine};
use crate::process;

mod zig;

/// Newest first; 19 is the oldest that was tried.
const CLANGS: [&str; 4] = ["clang", "clang-21", "clang-20", "clang-19"];
const ARCHIVERS: [&str; 4] = ["llvm-ar", "llvm-ar-21", "llvm-ar-20", "llvm-ar-19"];

/// The tool.
#[derive(Debug)]
pub(crate) struct WasmC;

/// Two programs that understand what the `cc` crate says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Compiler {
    cc: PathBuf,
    ar: PathBuf,
}

/// Returns the variables through which the `cc` crate finds the compiler; none if there is none.
pub(crate) fn guest_env(machine: &Machine) -> Vec<(String, PathBuf)> {
    let suffix = GUEST_TARGET.replace('-', "_");
    find(machine).map_or_else(Vec::new, |compiler| {
        vec![
            (format!("CC_{suffix}"), compiler.cc),
            (format!("AR_{suffix}"), compiler.ar),
        ]
    })
}

impl Tool for WasmC {
    fn name(&self) -> &'static str {
        "wasm-c"
    }

    fn why(&self) -> &'static str {
        "a C compiler for guests that contain C"
    }

    fn check(&self, machine: &Machine) -> Result<State> {
        Ok(match find(machine) {
            Some(compiler) => State::Ready(compiler.cc.display().to_string()),
            None => State::Missing("neither clang for wasm with llvm-ar, nor zig is there".into()),
        })
    }

    fn install(&self, machine: &Machine) -> Result<()> {
        zig::install(&zig_dir(machine))
    }
}

/// Installs zig, which is also what components in C are built with.
pub(super) fn install_zig(machine: &Machine) -> Result<()> {
    zig::install(&zig_dir(machine))
}

fn find(machine: &Machine) -> Option<Compiler> {
    let clang = Option::zip(
        machine::find_program(&CLANGS),
        machine::find_program(&ARCHIVERS),
    );
    let clang = clang.map(|(cc, ar)| Compiler { cc, ar });
    let zig = zig::compiler(&zig_dir(machine));
    clang
        .into_iter()
        .chain(zig)
        .find(|compiler| compiles(compiler, machine.cache()).is_ok())
}

fn zig_dir(machine: &Machine) -> PathBuf {
    machine.tool_dir(&format!("zig-{}", zig::VERSION))
}

/// Compiles a file the way that the `cc` crate would: a clang may lack the target,
/// or the headers that belong to it.
fn compiles(compiler: &Compiler, cache: &Path) -> Result<()> {
    let scratch = cache.join("scratch");
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make `{}`", scratch.display()))?;
    let named = |end: &str| scratch.join(format!("probe-{}.{end}", std::process::id()));
    let (source, object) = (named("c"), named("o"));
    fs::write(
        &source,
        "#include <stdint.h>\nuint32_t probe(void) { return 1; }\n",
    )
    .context("cannot write a probe")?;
    let mut cc = Command::new(&compiler.cc);
    cc.arg(format!("--target={GUEST_TARGET}"))
        .args(["-O2", "-c"])
        .arg(&source)
        .arg("-o")
        .arg(&object);
    let compiled = process::output(&mut cc);
    for file in [source, object] {
        fs::remove_file(file).ok();
    }
    compiled.map(drop)
}
