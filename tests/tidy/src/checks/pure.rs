//! Kernel, manifest, policy and workflow are pure: no unsafe code, I/O, async, clock, randomness or environment.

use super::direction;
use crate::source;
use crate::tree::Tree;

/// The crates.
const PURE: [&str; 4] = ["kernel", "manifest", "policy", "workflow"];

/// What their code may not say, as words.
const FORBIDDEN: [&str; 21] = [
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "std::os",
    "fs::",
    "env::",
    "SystemTime",
    "Instant",
    "tokio",
    "async",
    "await",
    "rand",
    "getrandom",
    "RandomState",
];

/// What they may not depend on, except for tests.
const CRATES: [&str; 10] = [
    "tokio",
    "rand",
    "getrandom",
    "reqwest",
    "rusqlite",
    "cap-std",
    "tempfile",
    "tracing",
    "log",
    "chrono",
];

/// Looks at the shipped code of each.
fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for name in PURE {
        let dir = format!("host/{name}/");
        let root = tree.text(&format!("{dir}src/lib.rs")).map(source::code_of);
        match root {
            Some(root) if root.contains("#![forbid(unsafe_code)]") => {}
            Some(_) => violations.push(format!("{dir}src/lib.rs: lacks #![forbid(unsafe_code)]")),
            None => violations.push(format!("{dir}src/lib.rs: is missing")),
        }
        for (path, text) in tree.files(&format!("{dir}src/"), ".rs") {
            let code = source::shipped_code_of(text);
            violations.extend(
                forbidden_words(&code)
                    .map(|found| format!("{path}:{}: says `{}`", found.0, found.1)),
            );
        }
        let manifest = tree
            .text(&format!("{dir}Cargo.toml"))
            .map(without_dev)
            .and_then(|text| direction::names(&text).ok());
        let used = manifest.map(|(_, used)| used).unwrap_or_default();
        let forbidden = used.iter().filter(|used| CRATES.contains(&used.as_str()));
        violations.extend(forbidden.map(|used| format!("{dir}Cargo.toml: depends on `{used}`")));
    }
    violations
}

/// Returns the manifest up to its development dependencies, or all of it.
fn without_dev(manifest: &str) -> String {
    let Ok(mut table) = manifest.parse::<toml::Table>() else {
        return manifest.to_owned();
    };
    table.remove("dev-dependencies");
    table.to_string()
}

/// Returns each forbidden word with its line, from 1.
fn forbidden_words(code: &str) -> impl Iterator<Item = (usize, &'static str)> {
    (1..).zip(code.lines()).flat_map(|(number, line)| {
        FORBIDDEN
            .into_iter()
            .filter(|word| says(line, word))
            .map(move |word| (number, word))
    })
}

/// Returns whether the line has the word, not as a part of a longer one.
fn says(line: &str, word: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        let after = line
            .get(at + word.len()..)
            .and_then(|after| after.chars().next());
        // A path is one word: `std::fs` is reported once, not again as `fs::`.
        let inside = before.is_some_and(|c| in_word(c) || (c == ':' && word.ends_with(':')));
        !inside && !after.is_some_and(|c| in_word(c) && !word.ends_with(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(code: &str) -> Vec<String> {
        let pure = "#![forbid(unsafe_code)]\n";
        let kernel = format!("{pure}{code}");
        check(&Tree::planted(&[
            ("host/kernel/src/lib.rs", &kernel),
            ("host/manifest/src/lib.rs", pure),
            ("host/policy/src/lib.rs", pure),
            ("host/workflow/src/lib.rs", pure),
        ]))
    }

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real()));
    }

    #[test]
    fn every_forbidden_word_is_found() {
        for word in FORBIDDEN {
            let found = planted(&format!("use {word};"));
            assert!(
                found.contains(&format!("host/kernel/src/lib.rs:2: says `{word}`")),
                "{word}: {found:?}"
            );
        }
    }

    #[test]
    fn comments_texts_tests_and_longer_words_are_fine() {
        let fine = "// std::fs\nfn operand(text: &str) { a(\"SystemTime\") }\nuse crate::InstantRun;\n\
                    #[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(planted(fine), [""; 0]);
    }

    #[test]
    fn a_missing_crate_and_a_missing_forbid_are_found() {
        let found = check(&Tree::planted(&[(
            "host/kernel/src/lib.rs",
            "// #![forbid(unsafe_code)]",
        )]));
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn a_dependency_on_a_runtime_is_found_and_one_for_tests_is_not() {
        let manifest = "[package]\nname = \"k\"\n[dependencies]\ntokio = \"1\"\n[dev-dependencies]\ntempfile = \"3\"\n";
        let found = check(&Tree::planted(&[("host/kernel/Cargo.toml", manifest)]));
        assert!(
            found.contains(&"host/kernel/Cargo.toml: depends on `tokio`".to_owned()),
            "{found:?}"
        );
        assert!(
            !found.iter().any(|line| line.contains("tempfile")),
            "{found:?}"
        );
    }
}
