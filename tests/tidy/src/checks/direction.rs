//! Dependencies between our crates run only downwards.

use std::collections::BTreeMap;

use crate::tree::Tree;

/// Every crate of the host, and which of ours it may use, as in the table of ARCHITECTURE.md.
const MAY_USE: &[(&str, &[&str])] = &[
    ("lazaret-kernel", &[]),
    ("lazaret-manifest", &["lazaret-kernel"]),
    ("lazaret-policy", &["lazaret-kernel", "lazaret-manifest"]),
    ("lazaret-workflow", &["lazaret-kernel", "lazaret-policy"]),
    ("lazaret-journal", &[]),
    ("lazaret-models", &[]),
    ("lazaret-registry", &["lazaret-policy"]),
    ("lazaret-runtime", BELOW_RUNTIME),
    ("lazaret-server", BELOW_SERVER),
    ("lazaret", BELOW_CLI),
    ("lazaret-build", &["lazaret-manifest"]),
    // For the manifest that it embeds into guests, so that there is one writer of that section,
    // and for the commands that fetch languages' tools.
    ("xtask", &["lazaret-manifest", "lazaret-build"]),
];

const BELOW_RUNTIME: &[&str] = &[
    "lazaret-kernel",
    "lazaret-policy",
    "lazaret-workflow",
    "lazaret-journal",
    "lazaret-models",
    "lazaret-registry",
];
const BELOW_SERVER: &[&str] = &[
    "lazaret-kernel",
    "lazaret-policy",
    "lazaret-workflow",
    "lazaret-registry",
    "lazaret-runtime",
];
const BELOW_CLI: &[&str] = &[
    "lazaret-kernel",
    "lazaret-policy",
    "lazaret-workflow",
    "lazaret-journal",
    "lazaret-models",
    "lazaret-registry",
    "lazaret-runtime",
    "lazaret-server",
    "lazaret-build",
];

/// Where a manifest names what it depends on.
const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Looks at the manifest of every crate below `host/`.
fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut seen = 0;
    for (path, text) in tree.files("host/", "Cargo.toml") {
        seen += 1;
        match names(text) {
            Ok((name, used)) => match allowed.get(name.as_str()) {
                Some(allowed) => {
                    let forbidden = used
                        .iter()
                        .filter(|used| is_ours(used) && !allowed.contains(&used.as_str()));
                    violations.extend(
                        forbidden.map(|used| format!("{path}: `{name}` may not use `{used}`")),
                    );
                }
                None => violations.push(format!(
                    "{path}: `{name}` has no place in the table of this check"
                )),
            },
            Err(error) => violations.push(format!("{path}: {error}")),
        }
    }
    if seen == 0 {
        violations.push("there are no crates below host/".to_owned());
    }
    violations
}

fn is_ours(name: &str) -> bool {
    name == "lazaret" || name.starts_with("lazaret-") || name == "xtask"
}

/// Returns a package's name and the packages that it names in any of its sections.
pub(super) fn names(manifest: &str) -> Result<(String, Vec<String>), String> {
    let manifest: toml::Table = manifest
        .parse()
        .map_err(|error: toml::de::Error| error.message().to_owned())?;
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(toml::Value::as_str);
    let mut used = Vec::new();
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let tables = targets
        .into_iter()
        .flat_map(toml::Table::values)
        .filter_map(toml::Value::as_table);
    for table in std::iter::once(&manifest).chain(tables) {
        for section in SECTIONS {
            let entries = table.get(section).and_then(toml::Value::as_table);
            for (key, value) in entries.into_iter().flatten() {
                let renamed = value.get("package").and_then(toml::Value::as_str);
                used.push(renamed.unwrap_or(key).to_owned());
            }
        }
    }
    Ok((name.ok_or("no package name")?.to_owned(), used))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(name: &str, rest: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{name}\"\n{rest}");
        check(&Tree::planted(&[("host/x/Cargo.toml", &manifest)]))
    }

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real()));
    }

    #[test]
    fn a_use_upwards_is_found_wherever_it_hides() {
        for rest in [
            "[dependencies]\nlazaret-runtime.workspace = true",
            "[dev-dependencies]\nlazaret-runtime = { path = \"../runtime\" }",
            "[target.'cfg(unix)'.dependencies]\nlazaret-runtime.workspace = true",
            "[build-dependencies]\nhelper = { package = \"lazaret-runtime\", path = \"../runtime\" }",
        ] {
            assert_eq!(
                planted("lazaret-policy", rest),
                ["host/x/Cargo.toml: `lazaret-policy` may not use `lazaret-runtime`"]
            );
        }
    }

    #[test]
    fn a_use_downwards_and_any_foreign_crate_are_fine() {
        let rest = "[dependencies]\nlazaret-kernel.workspace = true\nserde = \"1\"";
        assert_eq!(planted("lazaret-policy", rest), [""; 0]);
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        assert_eq!(planted("lazaret-extra", "").len(), 1);
        assert_eq!(check(&Tree::default()), ["there are no crates below host/"]);
    }
}
