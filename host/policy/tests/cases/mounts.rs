//! What is hidden in a directory, and which paths may be one, or be shared or cached?

use lazaret_policy::Diagnostic;

use crate::policy::{compiled, parse, problems_of};

const FILES: &str = "[files.project]\npath = \".\"\ntags = []";
const SOURCE: &str = "[source.project]\npath = \".\"\ntags = []";

#[test]
fn the_history_is_hidden_unless_it_is_written_and_in_the_tree_always() {
    for (section, hide, after, expected) in [
        (FILES, "", "", &[".git"][..]),
        (FILES, "hide = []", "", &[]),
        (FILES, "hide = \"*.pem\"", "", &["*.pem"]),
        (SOURCE, "", "", &[".git"]),
        (
            SOURCE,
            "hide = [\".env*\", \"keys/*\"]",
            "",
            &[".env*", "keys/*"],
        ),
        (SOURCE, "", "[tree]", &[".git"]),
        (SOURCE, "hide = []", "[tree]", &[".git"]),
        (SOURCE, "hide = [\"*.pem\"]", "[tree]", &["*.pem", ".git"]),
        (
            SOURCE,
            "hide = [\".git\", \"*.pem\"]",
            "[tree]",
            &[".git", "*.pem"],
        ),
    ] {
        let text = format!("{section}\n{hide}\n{after}");
        assert_eq!(compiled(&text).mounts["project"].hide, expected, "{text}");
    }
}

#[test]
fn one_pattern_too_many_and_one_that_is_none_are_shown() {
    let hide = |count: usize| {
        let patterns = "\"a\",".repeat(count);
        problems_of(&format!("{FILES}\nhide = [{patterns}]"))
    };
    assert!(hide(64).is_empty());
    // The last of them.
    assert_eq!(hide(65), ["5:265 too-many"]);
    let text = format!("{FILES}\nhide = [\"a\", \"[\"]");
    assert_eq!(problems_of(&text), ["5:14 invalid-value"]);
}

#[test]
fn a_path_stays_below_the_working_directory_by_its_spelling() {
    let is_safe = |path: &str| {
        let text = format!("[files.a]\npath = \"{path}\"\ntags = []");
        let problems = parse(&text).err().unwrap_or_default();
        assert!(
            problems.iter().all(|one| one.code == "unsafe-path"),
            "{path}"
        );
        problems.is_empty()
    };
    for path in [".", "a", "a/b", ".a", "a..", "a/...", &"a".repeat(1_024)] {
        assert!(is_safe(path), "{path}");
    }
    for path in [
        "",
        "..",
        "./a",
        "a/.",
        "a/..",
        "a//b",
        "/a",
        "a/",
        "a:b",
        "a\\\\b",
        "a\\u0007",
        &"a".repeat(1_025),
    ] {
        assert!(!is_safe(path), "{path}");
    }
}

#[test]
fn a_store_that_would_forget_a_tag_is_told_which() {
    let text = "[source.args]\ntags = [\"issue\", \"mail\"]\n\
        [files.a]\npath = \"a\"\ntags = [\"mail\"]\nwrite = true\ntolerate = [\"mail\", \"issue\"]";
    let problems = parse(text).unwrap_err();
    assert_eq!(
        problems[0].message,
        "the directory `a` would forget that what is written to it carries `issue`"
    );
}

#[test]
fn what_is_shared_and_what_is_cached_lead_nowhere_else_by_their_spelling() {
    let longest = "a".repeat(1_024);
    let is_safe = |section: &str, path: &str| {
        let text = format!("{SOURCE}\n[tree]\n{section} = [\"{path}\"]");
        let problems = parse(&text).err().unwrap_or_default();
        let expected = |one: &Diagnostic| one.code == "unsafe-path";
        assert!(problems.iter().all(expected), "{path}: {problems:?}");
        problems.is_empty()
    };
    let is_shared = |path: &str| is_safe("share", path);
    let is_cached = |path: &str| is_safe("[command]\ncaches", path);
    for path in ["a", "a/b", ".a", "a..", "a/...", &longest] {
        assert!(is_shared(path), "{path}");
        assert!(is_cached(&format!("~/{path}")), "{path}");
        assert!(is_cached(&format!("/{path}")), "{path}");
    }
    for path in [
        "",
        ".",
        "..",
        "./a",
        "a/..",
        "a//b",
        "/a",
        "a/",
        "a\\\\b",
        "a\\u0007",
        &format!("{longest}a"),
    ] {
        assert!(!is_shared(path), "{path}");
        assert!(!is_cached(&format!("~/{path}")), "{path}");
    }
    assert!(!is_cached("a") && !is_cached("~") && !is_cached("~a/b"));
}
