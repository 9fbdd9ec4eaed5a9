//! JavaScript and TypeScript: esbuild makes one module, which `QuickJS` carries.
//!
//! The world is narrowed to the interfaces that the bundle still imports, so that a component
//! asks for no more than it uses.

use std::fs;
use std::process::Command;

use lazaret_manifest::manifest::World;

use super::Job;
use crate::contract::{self, PACKAGE, VERSION};
use crate::error::BuildError;
use crate::process;

/// Bundles, then makes the component; runs in node beside the two packages.
const BUNDLE: &str = include_str!("javascript/bundle.mjs");
const COMPONENT: &str = include_str!("javascript/component.mjs");

pub(super) fn component(job: &Job<'_>) -> Result<Vec<u8>, BuildError> {
    let dir = job.scratch.join("js");
    let wit = dir.join("wit");
    contract::write(&wit.join("deps/lazaret-agent"))?;
    let write = |name: &str, text: &str| {
        let path = dir.join(name);
        fs::write(&path, text).map_err(|error| BuildError::file("written", &path, error))
    };
    write("bundle.mjs", BUNDLE)?;
    write("component.mjs", COMPONENT)?;
    write("entry.js", &entry(job))?;
    let node = |script: &str| {
        let mut command = Command::new(
            job.place
                .program(&["node"])
                .unwrap_or_else(|| "node".into()),
        );
        command.arg(dir.join(script)).arg(&job.tool).arg(&dir);
        command
    };
    let mut bundle = node("bundle.mjs");
    let imports = process::run(bundle.arg(job.sdk("js")))?;
    let imports: Vec<&str> = imports.lines().collect();
    fs::write(wit.join("world.wit"), world(job.project.world(), &imports))
        .map_err(|error| BuildError::file("written", &wit, error))?;
    process::run(&mut node("component.mjs"))?;
    Job::made(&dir.join("component.wasm"))
}

/// Names the main file's parts as the world's exports.
fn entry(job: &Job<'_>) -> String {
    let main = job.project.main();
    let main = main.canonicalize().unwrap_or_else(|_gone| main.to_owned());
    let exports = match job.project.world() {
        World::Agent => "run",
        World::Orchestrator => "start, resume",
        World::Tool => "available, call",
    };
    format!(
        "import main from {:?}\nexport const {{ {exports} }} = main\n",
        main.display().to_string()
    )
}

/// Writes a world with those imports and the exports of ours.
fn world(world: World, imports: &[&str]) -> String {
    let mut text = String::from("package lazaret:guest;\n\nworld guest {\n");
    for import in imports {
        text.extend(["  import ", import, ";\n"]);
    }
    let uses = |interface: &str, names: &str| {
        format!("  use {PACKAGE}/{interface}@{VERSION}.{{{names}}};\n")
    };
    text.push_str(&match world {
        World::Agent => {
            uses("types", "task, answer, failure")
                + "  export run: func(task: task) -> result<answer, failure>;\n"
        }
        World::Orchestrator => {
            uses("types", "task")
                + &uses("turns", "batch, turn")
                + "  export start: func(task: task) -> turn;\n  export resume: func(batch: batch) -> turn;\n"
        }
        World::Tool => {
            uses("types", "answer, failure, tool-description")
                + "  export available: func() -> list<tool-description>;\n  export call: func(function: string, arguments: string) -> result<answer, failure>;\n"
        }
    });
    text + "}\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrowed_world_exports_what_the_contracts_world_does() {
        let (mut resolve, package) = contract::resolve().unwrap();
        for kind in [World::Agent, World::Orchestrator, World::Tool] {
            let mut resolve_one = resolve.clone();
            let text = world(kind, &["lazaret:agent/log@0.1.0"]);
            let guest = resolve_one.push_str("guest.wit", &text).unwrap();
            let own = resolve_one.select_world(&[guest], None).unwrap();
            let ours = resolve_one
                .select_world(&[package], Some(kind.name()))
                .unwrap();
            let names = |world| {
                let world: &wit_parser::World = &resolve_one.worlds[world];
                let exports = world.exports.keys();
                exports
                    .map(|key| resolve_one.name_world_key(key))
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(own), names(ours));
        }
        resolve.push_str("odd.wit", "not wit").unwrap_err();
    }
}
