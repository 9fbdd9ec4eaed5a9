//! Every relative link of a page leads to a file or directory of the tree.

use crate::tree::Tree;

/// Looks at every page, outside of its code.
fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in tree.files("", ".md") {
        for (line, target) in links(text) {
            if let Some(place) = resolve(path, &target)
                && !tree.has(&place)
            {
                violations.push(format!("{path}:{line}: `{target}` leads nowhere"));
            }
        }
    }
    violations
}

/// Returns the targets of `[text](target)` and `[name]: target`, with their lines from 1.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let line = without_code(line);
        let inline = line
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        let reference = line
            .trim_start()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "))
            .map(|(_, target)| target);
        let targets = inline
            .chain(reference)
            .filter_map(|target| target.split_whitespace().next());
        found.extend(targets.map(|target| (number, target.trim_matches(['<', '>']).to_owned())));
    }
    found
}

/// Drops what is between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Returns the path that the target means, if it is a relative one; a path that leads
/// out of the tree is one that no tree has.
fn resolve(page: &str, target: &str) -> Option<String> {
    let file = target.split('#').next().unwrap_or_default();
    if file.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Some("..".to_owned()),
            ".." => {}
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(text: &str) -> Vec<String> {
        check(&Tree::planted(&[
            ("docs/a.md", text),
            ("docs/errors/b.md", ""),
            ("README.md", ""),
        ]))
    }

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real()));
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        for target in [
            "c.md",
            "errors/c.md#why",
            "../docs2/",
            "../../out.md",
            "<c.md>",
        ] {
            assert_eq!(planted(&format!("a\n\n[x]({target})")).len(), 1, "{target}");
        }
        assert_eq!(planted("[x]: c.md\n").len(), 1);
        assert_eq!(
            planted("![x](c.png \"title\") and [y](errors/b.md)"),
            ["docs/a.md:1: `c.png` leads nowhere"]
        );
    }

    #[test]
    fn links_that_lead_somewhere_else_or_are_code_are_fine() {
        let fine = "[a](errors/b.md#x) [b](../README.md) [c](#here) [d](https://x.example/c.md) [e](errors/) [f](./a.md)\n\
                    `[g](c.md)`\n```\n[h](c.md)\n```\n";
        assert_eq!(planted(fine), [""; 0]);
    }
}
