//! Every guest is built and is named by a test.

use crate::tree::Tree;

/// Where a guest's source is.
const GUESTS: &str = "tests/guests/examples/";

/// Looks at each guest's stanza and at the sources of the tests.
fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let stanzas = tree.text("tests/guests/Cargo.toml").unwrap_or_default();
    let mut seen = 0;
    for (path, _) in tree.files(GUESTS, ".rs") {
        seen += 1;
        let name = path.trim_start_matches(GUESTS).trim_end_matches(".rs");
        if !has_stanza(stanzas, name) {
            violations.push(format!(
                "{path}: has no [[example]] of crate-type `cdylib` in tests/guests/Cargo.toml"
            ));
        }
        if !is_named(tree, name) {
            violations.push(format!("{path}: no test names \"{name}\""));
        }
    }
    if seen == 0 {
        violations.push("there are no guests".to_owned());
    }
    violations
}

fn has_stanza(manifest: &str, name: &str) -> bool {
    let Ok(manifest) = manifest.parse::<toml::Table>() else {
        return false;
    };
    let examples = manifest.get("example").and_then(toml::Value::as_array);
    examples.into_iter().flatten().any(|example| {
        let component = example.get("crate-type").and_then(toml::Value::as_array);
        let component =
            component.is_some_and(|types| types.iter().any(|one| one.as_str() == Some("cdylib")));
        component && example.get("name").and_then(toml::Value::as_str) == Some(name)
    })
}

/// A test is a source below a `tests/` that is neither a guest nor a check on the tree,
/// or a bench. It names a guest as a whole text, with or without its ending.
fn is_named(tree: &Tree, name: &str) -> bool {
    let test = |path: &str| {
        let below = path.starts_with("tests/") || path.contains("/tests/");
        below && !path.starts_with("tests/guests/") && !path.starts_with("tests/tidy/")
    };
    let texts = [
        format!("\"{name}\""),
        format!("\"{name}.wasm\""),
        format!("/{name}.wasm\""),
    ];
    tree.files("", ".rs")
        .filter(|(path, _)| test(path))
        .any(|(_, source)| texts.iter().any(|text| source.contains(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUEST: (&str, &str) = ("tests/guests/examples/forges.rs", "//! Forges.");
    const STANZA: (&str, &str) = (
        "tests/guests/Cargo.toml",
        "[[example]]\nname = \"forges\"\ncrate-type = [\"cdylib\"]\n",
    );
    const TEST: (&str, &str) = ("tests/security/tests/forged.rs", "run(\"forges\")");

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real()));
    }

    #[test]
    fn a_guest_without_a_test_is_found() {
        assert_eq!(check(&Tree::planted(&[GUEST, STANZA, TEST])), [""; 0]);
        assert_eq!(check(&Tree::planted(&[GUEST, STANZA])).len(), 1);
        let longer = ("tests/security/tests/forged.rs", "run(\"forges_more\")");
        assert_eq!(check(&Tree::planted(&[GUEST, STANZA, longer])).len(), 1);
    }

    #[test]
    fn a_guest_that_is_not_built_is_found() {
        assert_eq!(check(&Tree::planted(&[GUEST, TEST])).len(), 1);
        let program = (STANZA.0, "[[example]]\nname = \"forges\"\n");
        assert_eq!(check(&Tree::planted(&[GUEST, TEST, program])).len(), 1);
    }

    #[test]
    fn a_tree_without_guests_is_found() {
        assert_eq!(check(&Tree::default()), ["there are no guests"]);
    }
}
