//! Gives a directory with python packages in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{machine, process, ui};

/// Installs `package` (as `name==version`) for the python on the search path, into `dir`.
///
/// `pip --target` rather than a virtual environment: Debian's python has no `venv`
/// unless somebody installed it, and a directory can be renamed.
pub(crate) fn install(package: &str, dir: &Path) -> Result<()> {
    pip(package, dir, &["--no-deps"])
}

/// The same, with everything that the package needs.
pub(crate) fn install_all(package: &str, dir: &Path) -> Result<()> {
    pip(package, dir, &[])
}

fn pip(package: &str, dir: &Path, more: &[&str]) -> Result<()> {
    ui::note(&format!("  fetching {package} from PyPI"));
    let mut pip = Command::new(find()?);
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.args(["--disable-pip-version-check", "--upgrade"]);
    pip.args(more).arg("--target");
    // The warning is about a system-wide install, which this is not.
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    process::run(pip.arg(dir).arg(package)).map_err(|error| error.context("pip cannot install it"))
}

/// Returns the python on the search path.
pub(crate) fn find() -> Result<PathBuf> {
    machine::find_program(&["python3", "python"]).context("no python on the search path")
}
