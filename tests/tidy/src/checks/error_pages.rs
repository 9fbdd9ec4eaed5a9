//! Every error code has a page, which says what happened, why, and what to try; the index lists
//! every page.

use std::collections::BTreeSet;

use crate::tree::Tree;

/// Where the pages are.
const PAGES: &str = "docs/errors";

/// The page that lists all others.
const INDEX: &str = "docs/errors/README.md";

/// Where a script is examined. `lazaret check` puts `script.` before the codes of the findings.
const EXAMINATION: &str = "plugins/script/src/check";

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

/// Looks for the page of each finding of the script engine.
fn check_scripts(tree: &Tree) -> Vec<String> {
    let files = tree.files(EXAMINATION, ".rs");
    let words: BTreeSet<&str> = files.flat_map(|(_, source)| findings_of(source)).collect();
    let codes: Vec<String> = words.iter().map(|word| format!("script.{word}")).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    pages(tree, EXAMINATION, &codes)
}

/// Looks for each page in the index, and for the page of each line of the index.
fn check_index(tree: &Tree) -> Vec<String> {
    let names = tree.names_in(PAGES).into_iter();
    let pages: BTreeSet<&str> = names
        .filter_map(|name| name.strip_suffix(".md"))
        .filter(|name| *name != "README")
        .collect();
    if pages.is_empty() {
        return vec![format!("there are no pages in {PAGES}")];
    }
    let index = tree.text(INDEX).unwrap_or_default();
    let listed: BTreeSet<&str> = index.lines().filter_map(code_of_line).collect();
    let unlisted = pages.difference(&listed);
    let unlisted = unlisted.map(|code| format!("{INDEX}: has no line for `{code}`"));
    let gone = listed.difference(&pages);
    let gone = gone.map(|code| format!("{INDEX}: `{code}` has no page"));
    unlisted.chain(gone).collect()
}

/// Returns the code that a line `| [CODE](CODE.md) | … |` of the index is about.
fn code_of_line(line: &str) -> Option<&str> {
    let (code, rest) = line.strip_prefix("| [")?.split_once("](")?;
    let page = rest.strip_prefix(code)?;
    page.starts_with(".md) | ").then_some(code)
}

fn pages(tree: &Tree, owner: &str, codes: &[&str]) -> Vec<String> {
    if codes.is_empty() {
        return vec![format!("`{owner}` has no codes")];
    }
    let poor = |page: &String| {
        let text = tree.text(page);
        text.is_none_or(|text| text.lines().count() < MIN_LINES)
    };
    let pages = codes.iter().map(|code| format!("{PAGES}/{code}.md"));
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

/// Returns the code of each finding: the first text of a call that makes one, or the field's.
fn findings_of(source: &str) -> Vec<&str> {
    let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
    let calls = ["findings.error(", "findings.warning("];
    let calls = calls
        .into_iter()
        .flat_map(|call| shipped.split(call).skip(1));
    let fields = shipped.split("code: \"").skip(1);
    calls
        .filter_map(|rest| rest.split('"').nth(1))
        .chain(fields.filter_map(|rest| rest.split('"').next()))
        .collect()
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
        crate::assert_none(&check_scripts(&Tree::real()));
        crate::assert_none(&check_index(&Tree::real()));
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
    fn a_finding_of_a_script_without_a_page_is_found() {
        let source = "findings.error(\n    at,\n    \"a-code\",\n    \"words\",\n);\n\
                      Diagnostic { code: \"b-code\", hint: \"words\" }\n\
                      findings.warning(scan.start(first), \"c-code\", what, hint);\n\
                      #[cfg(test)]\nmod tests { findings.error(0, \"d-code\", x, y) }\n";
        assert_eq!(findings_of(source), ["a-code", "c-code", "b-code"]);
        let page = ("docs/errors/script.a-code.md", "# a\n\nb\n\nc\n");
        let tree = Tree::planted(&[("plugins/script/src/check/a.rs", source), page]);
        let found = check_scripts(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            check_scripts(&Tree::default()),
            ["`plugins/script/src/check` has no codes"]
        );
    }

    #[test]
    fn a_page_and_a_line_of_the_index_without_the_other_are_found() {
        let index = "| code | what happened |\n|---|---|\n| [a](a.md) | x |\n| [b](b.md) | y |\n| [c](a.md) | z |\n";
        let tree = Tree::planted(&[
            ("docs/errors/README.md", index),
            ("docs/errors/a.md", ""),
            ("docs/errors/c.md", ""),
        ]);
        assert_eq!(
            check_index(&tree),
            [
                "docs/errors/README.md: has no line for `c`",
                "docs/errors/README.md: `b` has no page"
            ]
        );
        assert_eq!(
            check_index(&Tree::default()),
            ["there are no pages in docs/errors"]
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
