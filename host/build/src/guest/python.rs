//! Python: componentize-py runs the program once, and keeps what it imported.

use std::fs;
use std::process::Command;

use lazaret_manifest::manifest::World;

use super::Job;
use crate::error::BuildError;
use crate::process;

pub(super) fn component(job: &Job<'_>) -> Result<Vec<u8>, BuildError> {
    let dir = job.scratch.join("python");
    fs::create_dir_all(&dir).map_err(|error| BuildError::file("made", &dir, error))?;
    let entry = dir.join("lazaret_entry.py");
    fs::write(&entry, self::entry(job.project.world()))
        .map_err(|error| BuildError::file("written", &entry, error))?;
    let output = dir.join("component.wasm");
    let mut command = Command::new(&job.tool);
    command
        .arg("-d")
        .arg(job.wit())
        .args([
            "-w",
            job.project.world().name(),
            "componentize",
            "lazaret_entry",
        ])
        .arg("--stub-wasi");
    for path in [&dir, job.project.dir(), &job.sdk("python")] {
        command.arg("-p").arg(path);
    }
    // Installed below a directory of its own, the package has to be told where it is.
    if let Some(packages) = job.tool.parent().and_then(|bin| bin.parent()) {
        command.env("PYTHONPATH", packages);
    }
    process::run(command.arg("-o").arg(&output))?;
    Job::made(&output)
}

/// The class that componentize-py looks for, made of what `main.py` declares.
fn entry(world: World) -> String {
    format!(
        "import main\nfrom lazaret import _entry\n\nWitWorld = _entry.{}(main)\n",
        world.name()
    )
}
