//! Which paths are not there for anybody.

use std::path::{Component, Path};

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns of names and of paths.
#[derive(Clone, Debug)]
pub(crate) struct Hidden {
    names: GlobSet,
    paths: GlobSet,
}

impl Hidden {
    /// Reads patterns that the policy has checked. Letters' case does not count: on some
    /// file systems `.ENV` is `.env`.
    pub(crate) fn new(patterns: &[String]) -> Self {
        let of = |paths: bool| {
            let chosen = patterns
                .iter()
                .filter(|pattern| pattern.contains('/') == paths);
            set(chosen.filter_map(|pattern| glob(pattern.trim_matches('/'))))
        };
        Self {
            names: of(false),
            paths: of(true),
        }
    }

    /// Returns whether the path, or a directory that it lies in, is hidden.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        let named = path.components().any(|part| match part {
            Component::Normal(name) => self.names.is_match(name),
            _ => false,
        });
        named
            || path
                .ancestors()
                .any(|part| !part.as_os_str().is_empty() && self.paths.is_match(part))
    }
}

fn glob(pattern: &str) -> Option<Glob> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .case_insensitive(true)
        .build()
        .ok()
}

fn set(globs: impl Iterator<Item = Glob>) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        builder.add(glob);
    }
    builder.build().unwrap_or_else(|_never| GlobSet::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_hidden_everywhere_and_a_path_where_it_is() {
        let patterns = [".env*", "*.pem", ".git/config", "keys/**"].map(str::to_owned);
        let hidden = Hidden::new(&patterns);
        for path in [
            ".env",
            ".env.local",
            "a/.ENV",
            "a/.env/b",
            "x.pem",
            ".git/config",
            "keys/a",
        ] {
            assert!(hidden.covers(Path::new(path)), "{path}");
        }
        for path in ["", "a", "env", ".git/HEAD", "a/.git/config", "keys"] {
            assert!(!hidden.covers(Path::new(path)), "{path}");
        }
    }
}
