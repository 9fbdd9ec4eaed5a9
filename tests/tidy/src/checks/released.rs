//! A released version of the contract never changes: components that were built on it are out there.

use sha2::{Digest as _, Sha256};

use crate::tree::Tree;

/// Where the released versions are.
const RELEASED: &str = "wit/released/";

/// Every file of every released version, with its SHA-256. A line is only ever added.
const DIGESTS: &[(&str, &str)] = &[
    (
        "wit/released/0.1.0/clock.wit",
        "eb6a842fa2ea8d85b208bb49be943d9549089c6be0a730f63f6fba4faadad421",
    ),
    (
        "wit/released/0.1.0/content.wit",
        "a266f5853e827717470ba53c415a5d8afd5a00fb197bf7cdfbda1250502e1711",
    ),
    (
        "wit/released/0.1.0/files.wit",
        "311c895428d75bde0bfa00508eaa4a580fc81a86f210b48a73963779e5fdcba3",
    ),
    (
        "wit/released/0.1.0/gate.wit",
        "741878a9dc2f23649d1f6e3796555e30d68be26d73e53a895880b93bdf396352",
    ),
    (
        "wit/released/0.1.0/log.wit",
        "e1b711512c72f1dc64d29973e1359e6b5c0ca5466bd2b3f6f267486e20bfcbe6",
    ),
    (
        "wit/released/0.1.0/model.wit",
        "e1d882eb66d38b1d478becd38546f1c3449ca38dd7945e81853c7c23dea8f324",
    ),
    (
        "wit/released/0.1.0/secrets.wit",
        "ca9065a1e9cba73468e0831ca10d7b6129456be98ea3687526dd069f4b6b1c42",
    ),
    (
        "wit/released/0.1.0/tools.wit",
        "fd0f9104a0069c63278c62553724406818ed4efeb7bebb67e61163a7e2f5ee43",
    ),
    (
        "wit/released/0.1.0/turns.wit",
        "7744bd76e25926cc6bca4e0ea3f84670035f6c133469bacb4c2c9aaa5828764f",
    ),
    (
        "wit/released/0.1.0/types.wit",
        "a97351821fb418a657607edcb7e370ae1794f6308a7f78fa9e2d4daecccc13dd",
    ),
    (
        "wit/released/0.1.0/web.wit",
        "eda567d064fae45281f6dd9a8c7c791168a65ad2f9ca15312a12f9e2b2f15b2a",
    ),
    (
        "wit/released/0.1.0/world.wit",
        "f5df0939211afee4fc638c900f8ee1312742b6206fa1f5195acd08e452bd25fb",
    ),
];

/// Compares the files with the list, and the current contract with the release that it says it is.
fn check(tree: &Tree, digests: &[(&str, &str)]) -> Vec<String> {
    let mut violations = unlike_its_release(tree);
    for (path, text) in tree.files(RELEASED, "") {
        let found = digest(text);
        match digests.iter().find(|(listed, _)| *listed == path) {
            Some((_, digest)) if *digest == found => {}
            Some(_) => violations.push(format!("{path}: is released and has changed")),
            None => violations.push(format!("{path}: is not in the list; it is {found}")),
        }
    }
    let gone = digests.iter().filter(|(path, _)| tree.text(path).is_none());
    violations.extend(gone.map(|(path, _)| format!("{path}: is released and gone")));
    violations
}

/// A contract under a released number has to be that release: a change takes a new number.
fn unlike_its_release(tree: &Tree) -> Vec<String> {
    let version = tree.files("wit/", ".wit").find_map(|(path, text)| {
        let line = text.lines().find(|line| line.starts_with("package "))?;
        let (_, version) = line.trim_end_matches(';').split_once('@')?;
        (!path.starts_with(RELEASED)).then(|| version.to_owned())
    });
    let Some(version) = version.filter(|one| tree.has(&format!("wit/released/{one}"))) else {
        return Vec::new();
    };
    let current = tree.files("wit/", ".wit");
    let current = current.filter(|(path, _)| !path.starts_with(RELEASED));
    current
        .filter_map(|(path, text)| {
            let released = path.replacen("wit/", &format!("{RELEASED}{version}/"), 1);
            let same = tree.text(&released) == Some(text);
            (!same)
                .then(|| format!("{path}: is not what was released as {version}; raise the number"))
        })
        .collect()
}

fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_to_it() {
        crate::assert_none(&check(&Tree::real(), DIGESTS));
    }

    #[test]
    fn a_change_a_loss_and_a_stranger_are_found() {
        const FILE: &str = "wit/released/0.0.1/a.wit";
        let listed = digest("interface a {}\n");
        let list = [(FILE, listed.as_str())];
        let tree = |files: &[(&str, &str)]| check(&Tree::planted(files), &list);
        assert_eq!(tree(&[(FILE, "interface a {}\n")]), [""; 0]);
        assert_eq!(tree(&[(FILE, "interface b {}\n")]).len(), 1);
        assert_eq!(tree(&[]).len(), 1);
        let current = ("wit/a.wit", "package x:y@0.0.1;\ninterface c {}\n");
        assert_eq!(tree(&[(FILE, "interface a {}\n"), current]).len(), 1);
        let other = ("wit/released/0.0.1/b.wit", "interface b {}\n");
        assert_eq!(tree(&[(FILE, "interface a {}\n"), other]).len(), 1);
    }
}
