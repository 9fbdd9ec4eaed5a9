//! Where the built guests and plugins are.

use std::path::PathBuf;

use lazaret_policy::manifest::{self, section};

/// Returns a place below the distribution directory.
pub fn place(path: &str) -> PathBuf {
    let Some(dist) = std::env::var_os("LAZARET_DIST").filter(|dist| !dist.is_empty()) else {
        panic!("LAZARET_DIST is not set: run these tests with `cargo xtask test`");
    };
    PathBuf::from(dist).join(path)
}

/// Returns the component of a test guest, with its manifest.
pub fn guest(name: &str) -> Vec<u8> {
    let path = place(&format!("guests/{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| {
        let path = path.display();
        panic!("`{path}`: {error}; run these tests with `cargo xtask test`")
    })
}

/// Returns a component without its manifest.
pub fn without_manifest(component: &[u8]) -> Vec<u8> {
    // An embedded manifest is the last section; one without text is its header alone.
    let mut bytes = manifest::embed(component, "").expect("a component");
    let header = 3 + section::SECTION.len();
    bytes.truncate(bytes.len() - header);
    assert_eq!(manifest::extract(&bytes).expect("a component"), None);
    bytes
}
