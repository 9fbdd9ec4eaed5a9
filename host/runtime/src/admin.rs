//! The administrator's file of this machine: read anew for each run, and never asked for by name.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use lazaret_policy::admin::Admin;
use lazaret_policy::compiled::Compiled;
use lazaret_policy::policy::Policy;

use crate::error::HostError;

/// Where the file is. No variable and no flag of the user's changes that.
pub const PLACE: &str = "/etc/lazaret/admin.toml";

/// Returns the place of the file.
pub fn place() -> PathBuf {
    PathBuf::from(PLACE)
}

/// Reads the file, if there is one. One that cannot be read or understood forbids every run.
pub fn read(path: &Path) -> Result<Option<Admin>, HostError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(HostError::file(path, error)),
    };
    let admin = Admin::parse(&path.display().to_string(), &text);
    admin.map(Some).map_err(HostError::Policy)
}

/// Refuses a policy that allows what is forbidden, and takes the rest out of it.
pub(crate) fn apply(
    path: &Path,
    policy: &Policy,
    compiled: &mut Compiled,
) -> Result<(), HostError> {
    let Some(admin) = read(path)? else {
        return Ok(());
    };
    let problems = admin.judge(policy);
    if !problems.is_empty() {
        return Err(HostError::Policy(problems));
    }
    admin.restrict(compiled);
    Ok(())
}
