//! Nothing in the tree depends on where it was written: no paths of one machine, no registry hosts.

use crate::tree::Tree;

/// Directories that only some machines have. Put together so that this file has none.
const PATHS: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/home/", "user/"),
    concat!("/Us", "ers/"),
];

/// Hosts that a mirror may stand in for; the tools know where to ask.
const HOSTS: [&str; 9] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("static.rust-lang", ".org"),
    concat!("registry.npmjs", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("pypi.org", "/simple"),
    concat!("deb.debian", ".org"),
    concat!("snapshot.debian", ".org"),
    concat!("proxy.golang", ".org"),
];

/// Input from an invented world may say what it likes.
const DATA: &str = "/data/";

/// Looks at every text that is not data.
fn check(tree: &Tree) -> Vec<String> {
    let files = tree.files("", "").filter(|(path, _)| !path.contains(DATA));
    files
        .flat_map(|(path, text)| {
            found(text).map(move |(line, name)| format!("{path}:{line}: names `{name}`"))
        })
        .collect()
}

fn found(text: &str) -> impl Iterator<Item = (usize, &'static str)> {
    (1..).zip(text.lines()).flat_map(|(number, line)| {
        let paths = PATHS.into_iter().filter(|path| starts_a_path(line, path));
        paths
            .chain(HOSTS.into_iter().filter(|host| line.contains(host)))
            .map(move |name| (number, name))
    })
}

/// `tests/x` ends in no such path: the first slash has to begin one.
fn starts_a_path(line: &str, path: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "._-~*})>/".contains(c);
    line.match_indices(path).any(|(at, _)| {
        !line
            .get(..at)
            .is_some_and(|before| before.ends_with(inside))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_keeps_to_it() {
        let tree = Tree::real();
        assert!(tree.files("", "").count() > 0, "nothing to look at");
        crate::assert_none(&check(&tree));
    }

    #[test]
    fn every_path_and_host_is_found() {
        for name in PATHS.into_iter().chain(HOSTS) {
            let text = format!("# a\ndir = \"{name}x\"\n");
            assert_eq!(
                check(&Tree::planted(&[("a.toml", &text)])),
                [format!("a.toml:2: names `{name}`")]
            );
        }
    }

    #[test]
    fn paths_inside_others_and_data_are_fine() {
        let [path, ..] = PATHS;
        let text = format!("a{path}b ./x{path}b $DIR{path}");
        assert_eq!(
            check(&Tree::planted(&[("a.md", text.trim_end_matches(path))])),
            [""; 0]
        );
        let text = format!("\"{path}\"");
        assert_eq!(
            check(&Tree::planted(&[(
                "plugins/workflows/triage/data/a.json",
                &text
            )])),
            [""; 0]
        );
    }
}
