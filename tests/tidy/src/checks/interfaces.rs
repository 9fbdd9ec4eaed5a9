//! Every interface of the contract has its capability file and its refusal test.

use crate::tree::Tree;

/// Files that hold no capability: words, and the orchestrator's turns, whose requests
/// reach the host through the same doors.
const NO_CAPABILITY: [&str; 3] = ["wit/types.wit", "wit/turns.wit", "wit/world.wit"];

/// Looks at the current contract; released versions are frozen and not looked at.
fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let interfaces = interfaces(tree);
    for name in &interfaces {
        let name = name.replace('-', "_");
        for wanted in [
            format!("host/runtime/src/capability/{name}.rs"),
            format!("tests/security/tests/{name}_refused.rs"),
        ] {
            if tree.text(&wanted).is_none_or(|text| text.trim().is_empty()) {
                violations.push(format!("{wanted}: is missing, for the interface `{name}`"));
            }
        }
    }
    if interfaces.is_empty() {
        violations.push("wit/ has no interfaces".to_owned());
    }
    violations
}

fn interfaces(tree: &Tree) -> Vec<&str> {
    let ours = |path: &str| !path.starts_with("wit/released/") && !NO_CAPABILITY.contains(&path);
    let files = tree.files("wit/", ".wit").filter(|(path, _)| ours(path));
    let name = |line: &'_ str| -> Option<std::ops::Range<usize>> {
        let name = line
            .strip_prefix("interface ")?
            .trim_end_matches('{')
            .trim();
        Some(10..10 + name.len())
    };
    files
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.get(name(line)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIT: (&str, &str) = (
        "wit/web-pages.wit",
        "package a:b;\n\n/// Pages.\ninterface web-pages {\n}\n",
    );
    const CAPABILITY: (&str, &str) = ("host/runtime/src/capability/web_pages.rs", "//! Pages.");
    const REFUSED: (&str, &str) = ("tests/security/tests/web_pages_refused.rs", "//! Refused.");

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real()));
    }

    #[test]
    fn a_missing_or_empty_file_is_found() {
        assert_eq!(check(&Tree::planted(&[WIT, CAPABILITY, REFUSED])), [""; 0]);
        assert_eq!(check(&Tree::planted(&[WIT, CAPABILITY])).len(), 1);
        assert_eq!(check(&Tree::planted(&[WIT, REFUSED])).len(), 1);
        assert_eq!(
            check(&Tree::planted(&[WIT, CAPABILITY, (REFUSED.0, "\n")])).len(),
            1
        );
    }

    #[test]
    fn a_contract_without_interfaces_is_found() {
        let words = ("wit/types.wit", "interface types {\n}\n");
        assert_eq!(check(&Tree::planted(&[words])), ["wit/ has no interfaces"]);
    }
}
