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
    pip(&[package], dir, |pip| pip.arg("--no-deps"))
}

/// The same for several, with everything that they need; `how` may change the command.
pub(crate) fn install_all(
    packages: &[&str],
    dir: &Path,
    how: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<()> {
    pip(packages, dir, how)
}

fn pip(
    packages: &[&str],
    dir: &Path,
    how: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<()> {
    ui::note(&format!("  fetching {} from PyPI", packages.join(", ")));
    let mut pip = Command::new(find()?);
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.args(["--disable-pip-version-check", "--upgrade"]);
    // What else is installed here does not see the directory.
    pip.arg("--no-warn-conflicts");
    // The warning is about a system-wide install, which this is not.
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    let pip = how(&mut pip).arg("--target").arg(dir).args(packages);
    process::run(pip).map_err(|error| error.context("pip cannot install it"))
}

/// Returns the python on the search path.
pub(crate) fn find() -> Result<PathBuf> {
    machine::find_program(&["python3", "python"]).context("no python on the search path")
}
