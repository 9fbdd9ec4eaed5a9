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
    ui::note(&format!("  fetching {package} from PyPI"));
    let mut pip = Command::new(python()?);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--target",
    ]);
    // The warning is about a system-wide install, which this is not.
    pip.env("PIP_ROOT_USER_ACTION", "ignore");
    process::run(pip.arg(dir).arg(package)).map_err(|error| error.context("pip cannot install it"))
}

fn python() -> Result<PathBuf> {
    machine::find_program(&["python3", "python"]).context("no python on the search path")
}
