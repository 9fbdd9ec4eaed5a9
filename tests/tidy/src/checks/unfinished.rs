//! Nothing is left marked as unfinished; what remains to do is an issue.

use crate::tree::Tree;

/// The marks, put together here so that this file has none.
const MARKS: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];

/// Where the marks are words of an invented world: reports about programs.
const DATA: [&str; 2] = [".json", ".lock"];

/// Looks at every text, comments included.
fn check(tree: &Tree) -> Vec<String> {
    let files = tree
        .files("", "")
        .filter(|(path, _)| !DATA.iter().any(|end| path.ends_with(end)));
    files
        .flat_map(|(path, text)| {
            marks(text).map(move |(line, mark)| format!("{path}:{line}: says {mark}"))
        })
        .collect()
}

fn marks(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    (1..).zip(text.lines()).flat_map(|(number, line)| {
        let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
        MARKS
            .into_iter()
            .filter(move |mark| words.contains(mark))
            .map(move |mark| (number, mark))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_to_it() {
        let tree = Tree::real();
        assert!(tree.files("host/", ".rs").count() > 0, "nothing to look at");
        crate::assert_none(&check(&tree));
    }

    #[test]
    fn every_mark_is_found_as_a_word() {
        for mark in MARKS {
            let text = format!("fn a() {{}}\n// {mark}(me): later\n");
            assert_eq!(
                check(&Tree::planted(&[("a.rs", &text)])),
                [format!("a.rs:2: says {mark}")]
            );
            let longer = format!("// {mark}S and {}\n", mark.to_lowercase());
            assert_eq!(check(&Tree::planted(&[("a.rs", &longer)])), [""; 0]);
        }
    }
}
