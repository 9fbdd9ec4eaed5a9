//! Where this machine keeps things; whoever reads the environment says it.

use std::path::PathBuf;

/// The places that a build looks at.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directories of the search path, in order.
    pub path: Vec<PathBuf>,
    /// The project's directory in the user's cache: `tools/` and `sysroot-…/` are there.
    pub cache: PathBuf,
    /// Where cargo's products go, as whoever set `CARGO_TARGET_DIR` wants it; each project's own
    /// `build` directory where it is not set.
    pub cargo_target: Option<PathBuf>,
}

impl Place {
    /// Returns the first of `names` that is a program on the search path.
    pub fn program(&self, names: &[&str]) -> Option<PathBuf> {
        names.iter().find_map(|name| {
            let mut files = self.path.iter().map(|dir| dir.join(name));
            files.find(|file| file.is_file())
        })
    }

    /// Returns the directory of a tool that was fetched.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.cache.join("tools").join(name)
    }
}
