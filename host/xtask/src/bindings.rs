//! What the SDKs have generated from the contract, by its path in the clone.
//!
//! Rust's bindings are made by a macro, and Python's by componentize-py when a component is
//! built; neither is a file. Go's few are written by hand in `sdk/go`.

use std::collections::BTreeMap;

use anyhow::Result;

mod c;
mod typescript;

/// Returns every generated file.
pub(crate) fn all() -> Result<BTreeMap<String, String>> {
    let (resolve, package) = lazaret_build::contract::resolve()?;
    let mut files = typescript::files(&resolve, package)?;
    for world in ["agent", "tool"] {
        files.extend(c::files(&resolve, package, world)?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_checked_in_is_what_the_contract_gives() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let old: Vec<String> = all()
            .unwrap()
            .into_iter()
            .filter(|(path, text)| {
                std::fs::read_to_string(format!("{root}/{path}"))
                    .ok()
                    .as_ref()
                    != Some(text)
            })
            .map(|(path, _)| path)
            .collect();
        assert!(
            old.is_empty(),
            "out of date, `cargo xtask bindings` writes them: {old:?}"
        );
    }
}
