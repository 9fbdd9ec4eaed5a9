//! One case, one behaviour, in every language.
//!
//! Each language has one component, `guests/<language>`, that does what the case named in its
//! task asks. [`case::all`] says what has to come of it; a language that answers otherwise, or a
//! case that a language lacks, is a hole in the table.

pub mod case;
pub mod measure;

/// The languages, as `lazaret new --lang` names them. TypeScript is JavaScript's component in
/// types.
pub const LANGUAGES: [&str; 6] = ["rust", "js", "ts", "python", "go", "c"];

/// Returns the component of a language.
pub fn component(language: &str) -> Vec<u8> {
    let path = lazaret_security::place(&format!("conformance/{language}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| {
        let path = path.display();
        panic!("`{path}`: {error}; run these tests with `cargo xtask test`")
    })
}
