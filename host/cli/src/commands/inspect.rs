//! `lazaret inspect`: what a plugin is, asks for and imports, without running any of it.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lazaret_policy::manifest::{Manifest, Reads};
use lazaret_runtime::plugin::Plugin;
use serde_json::json;
use wit_component::{DecodedWasm, decode};
use wit_parser::WorldItem;

use crate::cli::Inspect;
use crate::ui;

pub(crate) fn run(arguments: &Inspect) -> Result<ExitCode> {
    let path = &arguments.plugin;
    let bytes =
        std::fs::read(path).with_context(|| format!("`{}` could not be read", path.display()))?;
    let name = path
        .file_stem()
        .and_then(|name| name.to_str())
        .unwrap_or("plugin");
    let manifest = Plugin::manifest_of(name, &bytes)?;
    let imports = imports(&bytes)?;
    let digest = lazaret_journal::Digest::of(&bytes).to_string();
    if arguments.json {
        let value = json!({
            "name": manifest.name(), "version": manifest.version(),
            "world": manifest.world().name(), "description": manifest.description(),
            "digest": digest, "bytes": bytes.len(), "requests": manifest.requests(),
            "reads": reads(&manifest), "gates": manifest.gates(), "imports": imports,
        });
        ui::out(&serde_json::to_string_pretty(&value)?);
        return Ok(ExitCode::SUCCESS);
    }
    let limits = manifest.limits();
    ui::out(&format!(
        "{} {} ({})\n{}\n\n  sha256    {digest}\n  size      {} KiB\n  may use   {}\n  may read  {}\n  gates     {}\n  imports   {}\n  limits    {} MiB, {} ms CPU, {} ms in all",
        manifest.name(),
        manifest.version(),
        manifest.world().name(),
        ui::escape(manifest.description()),
        bytes.len().div_ceil(1024),
        list(manifest.requests()),
        list(&reads(&manifest)),
        list(manifest.gates()),
        list(&imports),
        limits.memory_mib,
        limits.cpu_ms,
        limits.wall_ms,
    ));
    ui::note(
        "A plugin can use nothing that it does not import, and only what a policy grants of what it requests.",
    );
    Ok(ExitCode::SUCCESS)
}

fn reads(manifest: &Manifest) -> Vec<String> {
    match manifest.reads() {
        Reads::All => vec!["*".to_owned()],
        Reads::Tags(tags) => tags.clone(),
    }
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        return "nothing".to_owned();
    }
    let items: Vec<String> = items.iter().map(|item| ui::escape(item)).collect();
    items.join(", ")
}

/// Lists the imports with functions: types alone give no power.
fn imports(bytes: &[u8]) -> Result<Vec<String>> {
    let DecodedWasm::Component(resolve, world) = decode(bytes).context("not a component")? else {
        anyhow::bail!("the file is a WIT package and no component");
    };
    let world = resolve
        .worlds
        .get(world)
        .context("the component has no world")?;
    let imports = world.imports.iter().filter_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } => {
            let interface = resolve.interfaces.get(*id)?;
            (!interface.functions.is_empty()).then(|| resolve.name_world_key(key))
        }
        WorldItem::Function(function) => Some(function.name.clone()),
        WorldItem::Type { .. } => None,
    });
    Ok(imports.collect())
}
