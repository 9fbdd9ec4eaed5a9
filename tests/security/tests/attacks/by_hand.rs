//! Agents written by hand, for what no compiler makes.

use std::path::Path;

use lazaret_policy::manifest;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Asks for more than any test gives.
const MANIFEST: &str = "name = \"by-hand\"\nversion = \"0.1.0\"\nworld = \"agent\"\n\
                        [limits]\nmemory_mib = 256\n";

/// Returns an agent that calls `$work` of these items of a core module, and answers nothing.
pub(crate) fn agent(items: &str) -> Vec<u8> {
    // The memory that the canonical ABI uses comes first: it is the one that `memory` names.
    let module = format!(
        r#"(module
             (memory (export "memory") 1)
             {items}
             (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
             (func (export "run") (param i32 i32 i32 i32 i32 i32) (result i32)
               (call $work)
               (i32.const 512)))"#
    );
    let mut module = wat::parse_str(&module).expect("a core module");
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_path(wit).expect("the contract");
    let world = resolve
        .select_world(&[package], Some("agent"))
        .expect("the world of agents");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
        .expect("a module of that world");
    let component = ComponentEncoder::default()
        .module(&module)
        .and_then(wit_component::ComponentEncoder::encode)
        .expect("a component");
    manifest::embed(&component, MANIFEST).expect("a component with a manifest")
}
