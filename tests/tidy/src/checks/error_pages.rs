//! Every error code has a page, which says what happened, why, and what to try.

use crate::tree::Tree;

/// Looks for the page of each code in these lists of codes and summaries, one a crate.
fn check(tree: &Tree, lists: &[(&str, &[(&str, &str)])]) -> Vec<String> {
    let mut violations = Vec::new();
    for (owner, codes) in lists {
        if codes.is_empty() {
            violations.push(format!("`{owner}` has no codes"));
        }
        for (code, _) in *codes {
            let page = format!("docs/errors/{code}.md");
            if tree
                .text(&page)
                .is_none_or(|text| text.lines().count() < MIN_LINES)
            {
                violations.push(format!(
                    "{page}: is missing or says too little, for a code of `{owner}`"
                ));
            }
        }
    }
    violations
}

/// A heading and three answers.
const MIN_LINES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate whose errors have codes adds its list here.
    const LISTS: &[(&str, &[(&str, &str)])] =
        &[("lazaret-policy", lazaret_policy::diagnostic::CODES)];

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real(), LISTS));
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
