//! C: `wit-bindgen`'s own.

use std::collections::BTreeMap;

use anyhow::Result;
use wit_bindgen_core::Files;
use wit_parser::{PackageId, Resolve};

/// Returns the header and the source of a world.
pub(super) fn files(
    resolve: &Resolve,
    package: PackageId,
    world: &str,
) -> Result<BTreeMap<String, String>> {
    let id = resolve.select_world(&[package], Some(world))?;
    let options = wit_bindgen_c::Opts {
        // The build says the world to wit-component itself.
        no_object_file: true,
        ..wit_bindgen_c::Opts::default()
    };
    let mut files = Files::default();
    let mut resolve = resolve.clone();
    options.build().generate(&mut resolve, id, &mut files)?;
    files
        .iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes.to_vec())?;
            Ok((format!("sdk/c/generated/{name}"), text))
        })
        .collect()
}
