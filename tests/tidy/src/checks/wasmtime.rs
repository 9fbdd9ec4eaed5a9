//! Only the runtime knows wasmtime.

use super::direction;
use crate::source;
use crate::tree::Tree;

/// Who may: the runtime, and the bench that compares our step with a bare one.
const MAY: [&str; 2] = ["host/runtime/", "tests/bench/"];

/// Instantiates a component at build time and runs nothing of a run.
const PRE_INITIALISER: [&str; 2] = ["wasmtime-wizer", "wasmtime_wizer"];

/// Looks at manifests and code of the host and of the tests.
fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let mut users = 0;
    for (path, text) in tree.files("", "/Cargo.toml") {
        let used =
            direction::names(text).is_ok_and(|(_, used)| used.iter().any(|name| is_engine(name)));
        users += usize::from(used);
        if used && !may(path) {
            violations.push(format!("{path}: depends on wasmtime"));
        }
    }
    for (path, text) in tree.files("", ".rs").filter(|(path, _)| !may(path)) {
        let code = source::code_of(text).replace(PRE_INITIALISER[1], "");
        if code.contains("wasmtime::") || code.contains("wasmtime_") {
            violations.push(format!("{path}: names wasmtime"));
        }
    }
    if users == 0 {
        violations.push("nothing depends on wasmtime, not even the runtime".to_owned());
    }
    violations
}

fn is_engine(name: &str) -> bool {
    name.starts_with("wasmtime") && name != PRE_INITIALISER[0]
}

fn may(path: &str) -> bool {
    MAY.iter().any(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "[package]\nname = \"x\"\n[dependencies]\nwasmtime-wasi = \"48\"\n";

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real()));
    }

    #[test]
    fn another_user_is_found() {
        let tree = Tree::planted(&[
            ("host/runtime/Cargo.toml", USER),
            ("host/cli/Cargo.toml", USER),
        ]);
        assert_eq!(check(&tree), ["host/cli/Cargo.toml: depends on wasmtime"]);
    }

    #[test]
    fn its_name_is_found_in_code_and_not_in_comments() {
        let mut files = vec![("host/runtime/Cargo.toml", USER)];
        files.extend([
            ("host/cli/src/a.rs", "use wasmtime::Engine;"),
            ("host/cli/src/b.rs", "// like wasmtime::Engine"),
        ]);
        assert_eq!(
            check(&Tree::planted(&files)),
            ["host/cli/src/a.rs: names wasmtime"]
        );
    }

    #[test]
    fn the_pre_initialiser_is_no_engine() {
        let tree = Tree::planted(&[
            ("host/runtime/Cargo.toml", USER),
            (
                "host/xtask/Cargo.toml",
                "[dependencies]\nwasmtime-wizer = \"48\"\n",
            ),
            ("host/xtask/src/a.rs", "use wasmtime_wizer::Wizer;"),
        ]);
        assert_eq!(check(&tree), [""; 0]);
    }

    #[test]
    fn a_tree_without_a_user_is_found() {
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
