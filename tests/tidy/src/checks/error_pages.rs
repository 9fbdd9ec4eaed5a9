//! Every error code has a page, which says what happened, why, and what to try.

use crate::tree::Tree;

/// Looks for the page of each code in these lists of codes and summaries, one a crate.
fn check(tree: &Tree, lists: &[(&str, &[(&str, &str)])]) -> Vec<String> {
    let mut violations = Vec::new();
    for (owner, codes) in lists {
        let codes: Vec<&str> = codes.iter().map(|(code, _)| *code).collect();
        violations.extend(pages(tree, owner, &codes));
    }
    violations
}

/// Looks for the page of each code that a crate's `fn code` can give.
fn check_sources(tree: &Tree, files: &[&str]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files {
        let source = tree.text(file).unwrap_or_default();
        violations.extend(pages(tree, file, &codes_of(source)));
    }
    violations
}

fn pages(tree: &Tree, owner: &str, codes: &[&str]) -> Vec<String> {
    if codes.is_empty() {
        return vec![format!("`{owner}` has no codes")];
    }
    let poor = |page: &String| {
        let text = tree.text(page);
        text.is_none_or(|text| text.lines().count() < MIN_LINES)
    };
    let pages = codes.iter().map(|code| format!("docs/errors/{code}.md"));
    pages
        .filter(poor)
        .map(|page| format!("{page}: is missing or says too little, for a code of `{owner}`"))
        .collect()
}

/// Returns the words in quotation marks in the body of `fn code`.
fn codes_of(source: &str) -> Vec<&str> {
    let body = source.split("fn code(").nth(1).unwrap_or_default();
    let body = body.split("\n    }\n").next().unwrap_or_default();
    body.split('"').skip(1).step_by(2).collect()
}

/// A heading and three answers.
const MIN_LINES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate whose errors have codes adds its list here.
    const LISTS: &[(&str, &[(&str, &str)])] =
        &[("lazaret-manifest", lazaret_manifest::codes::CODES)];

    /// A crate whose error type names its codes itself adds the file here.
    const SOURCES: &[&str] = &[
        "host/build/src/error.rs",
        "host/journal/src/error.rs",
        "host/models/src/error.rs",
        "host/runtime/src/error.rs",
        "host/workflow/src/receipt.rs",
    ];

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real(), LISTS));
        crate::assert_none(&check_sources(&Tree::real(), SOURCES));
    }

    #[test]
    fn a_code_in_a_source_without_a_page_is_found() {
        let source = "    pub fn code(&self) -> &'static str {\n        match self {\n            Self::A => \"a-code\",\n        }\n    }\n";
        assert_eq!(codes_of(source), ["a-code"]);
        let tree = Tree::planted(&[("x.rs", source)]);
        assert_eq!(check_sources(&tree, &["x.rs"]).len(), 1);
        assert_eq!(
            check_sources(&tree, &["gone.rs"]),
            ["`gone.rs` has no codes"]
        );
    }

    #[test]
    fn a_missing_page_and_an_empty_one_are_found() {
        let lists: &[(&str, &[(&str, &str)])] = &[("p", &[("taint", "a summary")])];
        let full = Tree::planted(&[("docs/errors/taint.md", "# a\n\nb\n\nc\n")]);
        assert_eq!(check(&full, lists), [""; 0]);
        assert_eq!(check(&Tree::default(), lists).len(), 1);
        assert_eq!(
            check(&Tree::planted(&[("docs/errors/taint.md", "# a\n")]), lists).len(),
            1
        );
    }

    #[test]
    fn a_crate_without_codes_is_found() {
        assert_eq!(check(&Tree::default(), &[("p", &[])]), ["`p` has no codes"]);
    }
}
