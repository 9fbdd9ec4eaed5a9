//! Only the command line and xtask print, exit and read the environment.

use crate::source;
use crate::tree::Tree;

/// Who may.
const MAY: [&str; 2] = ["host/cli/", "host/xtask/"];

/// What the others may not say. `env!` is no reading: the compiler does it.
const FORBIDDEN: [&str; 12] = [
    "println!",
    "eprintln!",
    "print!",
    "eprint!",
    "dbg!",
    "process::exit",
    "process::abort",
    "env::var",
    "env::args",
    "io::stdout",
    "io::stderr",
    "io::stdin",
];

/// Looks at the shipped code of the host's other crates.
fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let mut seen = 0;
    for (path, text) in tree
        .files("host/", ".rs")
        .filter(|(path, _)| is_library(path))
    {
        seen += 1;
        let code = source::shipped_code_of(text);
        for (number, line) in (1..).zip(code.lines()) {
            let found = FORBIDDEN.iter().filter(|word| says(line, word));
            violations.extend(found.map(|word| format!("{path}:{number}: says `{word}`")));
        }
    }
    if seen == 0 {
        violations.push("the host has no libraries".to_owned());
    }
    violations
}

fn is_library(path: &str) -> bool {
    // A build script talks to cargo in no other way.
    let elsewhere = ["/tests/", "/benches/", "/examples/", "/build.rs"]
        .iter()
        .any(|part| path.contains(part));
    !elsewhere && !MAY.iter().any(|prefix| path.starts_with(prefix))
}

/// `println!` is not a `print!`, nor an `eprintln!` a `println!`.
fn says(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line
            .get(..at)
            .is_some_and(|before| before.ends_with(in_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real()));
    }

    #[test]
    fn each_is_found_once() {
        for word in FORBIDDEN {
            let tree = Tree::planted(&[(
                "host/runtime/src/a.rs",
                &format!("fn a() {{\n    std::{word}(1);\n}}\n"),
            )]);
            assert_eq!(
                check(&tree),
                [format!("host/runtime/src/a.rs:2: says `{word}`")]
            );
        }
    }

    #[test]
    fn tests_comments_and_the_command_line_are_fine() {
        let text = "println!(\"a\")";
        let tree = Tree::planted(&[
            ("host/cli/src/ui.rs", text),
            ("host/xtask/src/ui.rs", text),
            ("host/runtime/tests/a.rs", text),
            (
                "host/runtime/src/a.rs",
                "/// println!(1)\nfn a() { env!(\"X\") }\n#[cfg(test)]\nmod tests { println!(1) }\n",
            ),
        ]);
        assert_eq!(check(&tree), [""; 0]);
    }

    #[test]
    fn a_host_without_libraries_is_found() {
        assert_eq!(check(&Tree::default()).len(), 1);
    }
}
