//! The contract that components are built against, as it was when this program was made.

use std::fs;
use std::path::Path;

use lazaret_manifest::manifest::World;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::embedded;
use crate::error::BuildError;

/// The package of the contract.
pub const PACKAGE: &str = "lazaret:agent";

/// Its version.
pub const VERSION: &str = "0.1.0";

/// A preview-1 adapter that grants nothing: no files, no clock, no arguments, and randomness
/// that is a fixed sequence.
const STUB: &str = include_str!("contract/stub.wat");

/// Its module name in programs that a C library or a runtime was linked into.
const PREVIEW_1: &str = "wasi_snapshot_preview1";

/// Writes the files of the contract into a directory.
pub fn write(dir: &Path) -> Result<(), BuildError> {
    fs::create_dir_all(dir).map_err(|error| BuildError::file("made", dir, error))?;
    for (name, text) in files() {
        let path = dir.join(name);
        if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            continue;
        }
        fs::write(&path, text).map_err(|error| BuildError::file("written", &path, error))?;
    }
    Ok(())
}

/// Returns the contract's files by their names; released versions lie in directories of theirs.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = embedded::CONTRACT.iter();
    all.filter(|(name, _)| !name.contains('/')).copied()
}

/// Returns the contract, parsed.
pub fn resolve() -> Result<(Resolve, wit_parser::PackageId), BuildError> {
    let mut map = wit_parser::SourceMap::default();
    for (name, text) in files() {
        map.push_str(name, text);
    }
    let mut resolve = Resolve::default();
    let group = map
        .parse()
        .map_err(|(_map, error)| BuildError::Component(error.to_string()))?;
    let package = resolve
        .push_group(group)
        .map_err(|error| BuildError::Component(error.to_string()))?;
    Ok((resolve, package))
}

/// Makes a component of a core module. The interfaces that it does not import are left out.
pub(crate) fn wrap(core: &[u8], world: World) -> Result<Vec<u8>, BuildError> {
    let (resolve, package) = resolve()?;
    let world = resolve
        .select_world(&[package], Some(world.name()))
        .map_err(|error| refused(&error))?;
    let mut core = core.to_vec();
    embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8, false)
        .map_err(|error| refused(&error))?;
    let stub = wat::parse_str(STUB).map_err(|error| BuildError::Component(error.to_string()))?;
    let mut encoder = ComponentEncoder::default();
    encoder.module(&core).map_err(|error| refused(&error))?;
    encoder
        .adapter(PREVIEW_1, &stub)
        .map_err(|error| refused(&error))?;
    encoder
        .validate(true)
        .encode()
        .map_err(|error| refused(&error))
}

fn refused(error: &anyhow::Error) -> BuildError {
    BuildError::Component(format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_has_its_three_worlds() {
        let (resolve, package) = resolve().unwrap();
        for world in [World::Agent, World::Orchestrator, World::Tool] {
            resolve
                .select_world(&[package], Some(world.name()))
                .unwrap();
        }
        let name = &resolve.packages[package].name;
        assert_eq!(name.to_string(), format!("{PACKAGE}@{VERSION}"));
    }

    #[test]
    fn a_module_that_exports_nothing_is_no_agent() {
        let core = wat::parse_str("(module (memory (export \"memory\") 1))").unwrap();
        let error = wrap(&core, World::Agent).unwrap_err();
        assert_eq!(error.code(), "build-component");
        assert!(error.to_string().contains("run"), "{error}");
    }
}
