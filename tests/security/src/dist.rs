//! Where the built guests and plugins are.

use std::path::{Path, PathBuf};

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

/// A version of the contract that guests are built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// As it is in the tree.
    Current,
    /// As it was released; its guests were built then and are kept as they were.
    Released(&'static str),
}

impl Version {
    /// Every version whose components a host has to load.
    pub const ALL: [Self; 2] = [Self::Current, Self::Released("0.1.0")];

    /// Returns a test guest that was built on this version.
    pub fn guest(self, name: &str) -> Vec<u8> {
        let Self::Released(version) = self else {
            return guest(name);
        };
        let kept = format!("../guests/released/{version}/{name}.wasm");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(kept);
        std::fs::read(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
    }

    /// Returns the directory of its interfaces.
    pub fn contract(self) -> PathBuf {
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        match self {
            Self::Current => wit,
            Self::Released(version) => wit.join("released").join(version),
        }
    }
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
