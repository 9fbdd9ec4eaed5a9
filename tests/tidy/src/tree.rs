//! What is in the clone: every file that git tracks or would track.

use std::collections::{BTreeMap, BTreeSet};

/// The files of a tree by their path from its root, with their text.
///
/// Files that are no UTF-8 have no text.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Lists the files whose path starts with `prefix` and ends with `suffix`, in order.
    pub(crate) fn files<'a>(
        &'a self,
        prefix: &'a str,
        suffix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files.iter().filter_map(move |(path, text)| {
            let wanted = path.starts_with(prefix) && path.ends_with(suffix);
            Some((path.as_str(), text.as_deref()?)).filter(|_| wanted)
        })
    }

    /// Returns the text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Returns whether there is a file or a directory of that path; the root is `""`.
    pub(crate) fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.keys().any(|file| file.starts_with(&below))
    }

    /// Lists the names directly below a directory, in order.
    pub(crate) fn names_in(&self, dir: &str) -> BTreeSet<&str> {
        let inside = |path: &'_ String| {
            path.strip_prefix(dir)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let files = self.files.keys().filter(|path| inside(path));
        files
            .filter_map(|path| path.get(dir.len() + 1..)?.split('/').next())
            .collect()
    }
}

#[cfg(test)]
impl Tree {
    /// Makes a tree for a test.
    pub(crate) fn planted(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), Some((*text).to_owned()));
        Self {
            files: files.iter().map(file).collect(),
        }
    }

    /// Reads this clone. New files count before they are committed, ignored ones never.
    pub(crate) fn real() -> Self {
        // As cargo says it now: what was compiled in is another clone's where two share a build.
        let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("these tests need cargo");
        let root = std::path::Path::new(&here).join("../..");
        let output = std::process::Command::new("git")
            .current_dir(&root)
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .output()
            .expect("these tests need git");
        assert!(
            output.status.success(),
            "the tree is no git clone: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let paths = String::from_utf8(output.stdout).expect("a path is not UTF-8");
        let read = |path: &str| match std::fs::read(root.join(path)) {
            Ok(bytes) => Some((path.to_owned(), String::from_utf8(bytes).ok())),
            // Tracked, and removed since.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => panic!("cannot read {path}: {error}"),
        };
        let files: BTreeMap<_, _> = paths
            .split('\0')
            .filter(|path| !path.is_empty())
            .filter_map(read)
            .collect();
        assert!(
            files.contains_key("Cargo.toml"),
            "this is not the root of the tree"
        );
        Self { files }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_directories_are_found() {
        let tree = Tree::planted(&[("a/b/c.rs", "1"), ("a/d.rs", "2"), ("ab/e.rs", "3")]);
        assert!(tree.has("a/b") && tree.has("a/d.rs") && tree.has("") && !tree.has("a/d"));
        assert_eq!(tree.names_in("a"), BTreeSet::from(["b", "d.rs"]));
        assert_eq!(tree.files("a/", ".rs").count(), 2);
    }

    #[test]
    fn the_real_tree_holds_this_file_and_nothing_built() {
        let tree = Tree::real();
        assert!(tree.text("tests/tidy/src/tree.rs").is_some());
        assert!(!tree.has("target"));
    }
}
