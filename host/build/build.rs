//! Puts the contract, the SDKs and the templates into the crate, so that an installed
//! `lazaret` builds agents without a clone of the project.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script in the environment where things are"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What goes in: a table's name, its directory from here, and which of its entries.
const TABLES: [(&str, &str, &[&str]); 3] = [
    ("CONTRACT", "../../wit", &[]),
    (
        "SDKS",
        "../../sdk",
        &[
            "rust/Cargo.toml",
            "rust/src",
            "rust/macros",
            "js/package.json",
            "js/src",
            "js/generated",
            "python/lazaret",
            "go",
            "c/include",
            "c/src",
            "c/generated",
        ],
    ),
    ("TEMPLATES", "templates", &[]),
];

/// What tools leave behind, and what is for readers only.
const LEFT_OUT: [&str; 6] = [
    "released",
    "target",
    "node_modules",
    "__pycache__",
    "examples",
    "README.md",
];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let mut text = String::new();
    for (name, from, entries) in TABLES {
        let root = here.join(from);
        println!("cargo:rerun-if-changed={}", root.display());
        let mut files = Vec::new();
        if entries.is_empty() {
            list(&root, &mut files)?;
        }
        for entry in entries.iter().map(|entry| root.join(entry)) {
            if entry.is_file() {
                files.push(entry);
            } else if entry.is_dir() {
                list(&entry, &mut files)?;
            }
        }
        files.sort();
        writeln!(text, "pub(crate) const {name}: &[(&str, &str)] = &[")?;
        for file in files {
            let shown = file.strip_prefix(&root)?.display().to_string();
            let source = file.canonicalize()?.display().to_string();
            writeln!(text, "    ({shown:?}, include_str!({source:?})),")?;
        }
        writeln!(text, "];")?;
    }
    fs::write(out.join("embedded.rs"), text)?;
    Ok(())
}

/// Lists the files below a directory; what tools leave behind is no source.
fn list(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if LEFT_OUT.contains(&name) {
            continue;
        }
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
