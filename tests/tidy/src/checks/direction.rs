//! Dependencies between our crates run only downwards, as the table of ARCHITECTURE.md has them.

use crate::tree::Tree;

/// The page with the table.
const PAGE: &str = "ARCHITECTURE.md";

/// What the table says of a crate that uses none of ours.
const NONE: &str = "–";

/// Where a manifest names what it depends on.
const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The table's line for a crate, by the names of the directories below `host/`.
struct Row<'a> {
    name: &'a str,
    may_use: Vec<&'a str>,
}

/// Looks at the table, and at the manifest of every crate below `host/`.
fn check(tree: &Tree) -> Vec<String> {
    let page = tree.text(PAGE).unwrap_or_default();
    let rows: Vec<Row<'_>> = page.lines().filter_map(row).collect();
    let mut violations = misplaced(tree, &rows);
    let mut seen = 0;
    for (path, manifest) in tree.files("host/", "/Cargo.toml") {
        seen += 1;
        let name = path.split('/').nth(1).unwrap_or_default();
        let row = rows.iter().find(|row| row.name == name);
        match (row, names(manifest)) {
            (Some(row), Ok((_, used))) => {
                let ours = used.iter().filter_map(|used| crate_of(used));
                let forbidden = ours.filter(|used| !row.may_use.contains(used));
                violations
                    .extend(forbidden.map(|used| format!("{path}: `{name}` may not use `{used}`")));
            }
            (None, Ok(_)) => {
                violations.push(format!(
                    "{path}: `{name}` has no line in the table of {PAGE}"
                ));
            }
            (_, Err(error)) => violations.push(format!("{path}: {error}")),
        }
    }
    if seen == 0 {
        violations.push("there are no crates below host/".to_owned());
    }
    violations
}

/// Reads a line ``| `host/NAME` | … | NAME, NAME |``.
fn row(line: &str) -> Option<Row<'_>> {
    let (name, cells) = line.strip_prefix("| `host/")?.split_once("` | ")?;
    let (_, may_use) = cells.strip_suffix(" |")?.rsplit_once(" | ")?;
    let may_use = may_use.split(", ").filter(|name| *name != NONE);
    Some(Row {
        name,
        may_use: may_use.collect(),
    })
}

/// Finds lines of crates that are gone, and uses of what has no line above.
fn misplaced(tree: &Tree, rows: &[Row<'_>]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut above = Vec::new();
    for row in rows {
        let name = row.name;
        if !tree.has(&format!("host/{name}/Cargo.toml")) {
            violations.push(format!("{PAGE}: there is no crate `host/{name}`"));
        }
        let upwards = row.may_use.iter().filter(|used| !above.contains(*used));
        violations.extend(upwards.map(|used| {
            format!("{PAGE}: `host/{name}` would use `{used}`, which has no line above")
        }));
        above.push(name);
    }
    violations
}

/// Returns the directory of a package of ours.
fn crate_of(package: &str) -> Option<&str> {
    match package {
        "lazaret" => Some("cli"),
        "xtask" => Some("xtask"),
        _ => package.strip_prefix("lazaret-"),
    }
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

    /// A tree of a kernel and a policy that may use it, with a runtime above both.
    fn planted(manifest: &str) -> Vec<String> {
        let page = "| path | answers | may use (ours) |\n|---|---|---|\n| `wit/` | x | |\n\
                    | `host/kernel` | x | – |\n| `host/policy` | `y`. Pure | kernel |\n\
                    | `host/runtime` | x | kernel, policy |\n";
        let policy = format!("[package]\nname = \"lazaret-policy\"\n{manifest}");
        check(&Tree::planted(&[
            (PAGE, page),
            (
                "host/kernel/Cargo.toml",
                "[package]\nname = \"lazaret-kernel\"\n",
            ),
            ("host/policy/Cargo.toml", &policy),
            (
                "host/runtime/Cargo.toml",
                "[package]\nname = \"lazaret-runtime\"\n",
            ),
        ]))
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
                planted(rest),
                ["host/policy/Cargo.toml: `policy` may not use `runtime`"]
            );
        }
    }

    #[test]
    fn a_use_downwards_and_any_foreign_crate_are_fine() {
        let rest = "[dependencies]\nlazaret-kernel.workspace = true\nserde = \"1\"";
        assert_eq!(planted(rest), [""; 0]);
    }

    #[test]
    fn the_command_line_and_the_chores_are_ours_too() {
        let rest = "[dependencies]\nlazaret.workspace = true\nxtask.workspace = true";
        assert_eq!(planted(rest).len(), 2);
    }

    #[test]
    fn a_crate_without_a_line_is_found() {
        let manifest = "[package]\nname = \"lazaret-extra\"\n";
        assert_eq!(
            check(&Tree::planted(&[("host/extra/Cargo.toml", manifest)])),
            ["host/extra/Cargo.toml: `extra` has no line in the table of ARCHITECTURE.md"]
        );
        assert_eq!(check(&Tree::default()), ["there are no crates below host/"]);
    }

    #[test]
    fn a_line_without_a_crate_and_one_that_points_upwards_are_found() {
        let page = "| `host/gone` | x | – |\n| `host/low` | x | high |\n| `host/high` | x | – |\n";
        let manifest = "[package]\nname = \"lazaret-x\"\n";
        let tree = Tree::planted(&[
            (PAGE, page),
            ("host/low/Cargo.toml", manifest),
            ("host/high/Cargo.toml", manifest),
        ]);
        assert_eq!(
            check(&tree),
            [
                "ARCHITECTURE.md: there is no crate `host/gone`",
                "ARCHITECTURE.md: `host/low` would use `high`, which has no line above"
            ]
        );
    }
}
