//! No source is so long that nobody reads it to its end.

use crate::tree::Tree;

/// Past this a file is split.
const MOST: usize = 1_000;

/// Past this it is worth a look.
const USUAL: usize = 350;

/// What people write and read; data and what a program wrote may be long.
const ENDINGS: [&str; 12] = [
    ".rs",
    ".wit",
    ".py",
    ".js",
    ".mjs",
    ".ts",
    ".go",
    ".c",
    ".h",
    ".sh",
    ".md",
    "Cargo.toml",
];

/// Lists the sources with more lines than `most`, longest first.
fn longer_than(tree: &Tree, most: usize) -> Vec<String> {
    let source =
        |path: &str| ENDINGS.iter().any(|end| path.ends_with(end)) && !path.contains("/generated/");
    let files = tree.files("", "").filter(|(path, _)| source(path));
    let mut long: Vec<(usize, &str)> = files
        .map(|(path, text)| (text.lines().count(), path))
        .collect();
    long.retain(|(lines, _)| *lines > most);
    long.sort_by(|a, b| b.cmp(a));
    long.into_iter()
        .map(|(lines, path)| format!("{path}: has {lines} lines, more than {most}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&longer_than(&Tree::real(), MOST));
    }

    #[test]
    #[expect(
        clippy::print_stderr,
        reason = "a warning is all this gives: seen with `--no-capture`"
    )]
    fn long_files_are_listed_as_a_warning() {
        for warning in longer_than(&Tree::real(), USUAL) {
            eprintln!("warning: {warning}");
        }
    }

    #[test]
    fn one_line_too_many_is_found() {
        let (fits, long) = ("a\n".repeat(MOST), "a\n".repeat(MOST + 1));
        let tree = Tree::planted(&[
            ("a.rs", &fits),
            ("b.rs", &long),
            ("data.json", &long),
            ("sdk/js/generated/c.js", &long),
        ]);
        assert_eq!(
            longer_than(&tree, MOST),
            ["b.rs: has 1001 lines, more than 1000"]
        );
    }
}
