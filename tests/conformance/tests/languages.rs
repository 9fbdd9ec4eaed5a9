//! Every case in every language. One test a language: each compiles its component once.

use lazaret_conformance::{LANGUAGES, case};

fn check(language: &str) {
    assert!(LANGUAGES.contains(&language));
    let wrong: Vec<String> = case::all()
        .iter()
        .filter_map(|case| {
            let error = case.play(language).err()?;
            Some(format!("{}: {error}", case.name))
        })
        .collect();
    assert!(wrong.is_empty(), "in {language}\n{}", wrong.join("\n"));
}

#[test]
fn rust_does_every_case() {
    check("rust");
}

#[test]
fn javascript_does_every_case() {
    check("js");
}

#[test]
fn typescript_does_every_case() {
    check("ts");
}

#[test]
fn python_does_every_case() {
    check("python");
}

#[test]
fn go_does_every_case() {
    check("go");
}

#[test]
fn c_does_every_case() {
    check("c");
}
