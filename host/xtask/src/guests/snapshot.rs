//! A guest's core module with its first part already run: what every start would do is then done
//! once for all, when the guest is built.
//!
//! A guest asks for it by exporting [`INITIALIZE`] from its core module; that function may call
//! nothing that the module imports. The memory that it leaves is the memory that every instance
//! begins with.

use std::fs;
use std::ops::Range;
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use wasm_encoder::Encode as _;
use wasmparser::{Parser, Payload};

use crate::machine::{self, Machine};
use crate::tools::{self, npm::Wizer};
use crate::{process, ui};

/// The export that is called, by Wizer's own convention.
const INITIALIZE: &str = "wizer-initialize";

/// The id of a component's section that holds a core module.
const MODULE: u8 = 1;

/// Returns the component with the snapshot of its core module in the module's place; one that
/// does not ask for it as it was.
pub(super) fn taken(machine: &Machine, component: Vec<u8>) -> Result<Vec<u8>> {
    let Some(range) = asking(&component)? else {
        return Ok(component);
    };
    let module = component
        .get(range.clone())
        .context("the module ends behind the component")?;
    let snapshot = snapshot_of(machine, module)?;
    replace(&component, &range, &snapshot)
}

/// Returns where the module is that exports [`INITIALIZE`].
fn asking(component: &[u8]) -> Result<Option<Range<usize>>> {
    let mut module = None;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection {
                unchecked_range, ..
            } => module = Some(unchecked_range),
            Payload::ExportSection(exports) => {
                for export in exports {
                    if export?.name == INITIALIZE
                        && let Some(range) = &module
                    {
                        return Ok(Some(range.start.try_into()?..range.end.try_into()?));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Takes the snapshot, or finds the one that was taken of the same module before.
fn snapshot_of(machine: &Machine, module: &[u8]) -> Result<Vec<u8>> {
    let place = tools::ensure(&Wizer, machine)?;
    let mut digest = Sha256::new_with_prefix(place);
    digest.update(module);
    let directory = machine.guests_target().join("snapshots");
    fs::create_dir_all(&directory)?;
    let kept = directory.join(format!("{:x}.wasm", digest.finalize()));
    if !kept.is_file() {
        let node = machine::find_program(&["node"]).context("no node on the search path")?;
        let (before, after) = (kept.with_extension("before"), kept.with_extension("draft"));
        fs::write(&before, module)?;
        let mut wizer = Command::new(node);
        wizer
            .arg(Wizer::script(machine))
            .args(["--init-func", INITIALIZE, "-o"])
            .args([&after, &before]);
        process::output(&mut wizer)?;
        fs::rename(&after, &kept)?;
        fs::remove_file(before)?;
        ui::note("  snapshot taken");
    }
    fs::read(&kept).with_context(|| format!("cannot read `{}`", kept.display()))
}

/// Puts another module where one was: the section's length stands before it.
fn replace(component: &[u8], range: &Range<usize>, module: &[u8]) -> Result<Vec<u8>> {
    let header = 1 + length(range.len())?.len();
    let before = range
        .start
        .checked_sub(header)
        .and_then(|end| component.get(..end))
        .context("a module has a section's header")?;
    let after = component
        .get(range.end..)
        .context("the module ends behind the component")?;
    Ok([before, &[MODULE], &length(module.len())?, module, after].concat())
}

fn length(bytes: usize) -> Result<Vec<u8>> {
    let mut written = Vec::new();
    u32::try_from(bytes)?.encode(&mut written);
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKS: &str = r#"(component (core module (func (export "wizer-initialize"))))"#;
    const ASKS_NOT: &str = r#"(component (core module (func (export "run"))) (core module))"#;

    #[test]
    fn only_the_module_that_exports_the_name_is_taken() {
        let component = wat::parse_str(ASKS).unwrap();
        let range = asking(&component).unwrap().unwrap();
        let module = wat::parse_str(r#"(module (func (export "wizer-initialize")))"#).unwrap();
        assert_eq!(component.get(range), Some(module.as_slice()));
        assert_eq!(asking(&wat::parse_str(ASKS_NOT).unwrap()).unwrap(), None);
    }

    #[test]
    fn another_module_stands_in_its_place_and_the_rest_is_as_it_was() {
        let component = wat::parse_str(ASKS).unwrap();
        let range = asking(&component).unwrap().unwrap();
        // Long enough for another length of the length.
        let text = format!(r#"(module (func (export "{}")))"#, "x".repeat(300));
        let module = wat::parse_str(text).unwrap();
        let whole = replace(&component, &range, &module).unwrap();
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(&whole) {
            if let Payload::ModuleSection {
                unchecked_range, ..
            } = payload.unwrap()
            {
                found.push(unchecked_range.end - unchecked_range.start);
            }
        }
        assert_eq!(found, [u64::try_from(module.len()).unwrap()]);
        assert_eq!(
            whole.len() - module.len() - 3,
            component.len() - range.len() - 2
        );
    }
}
