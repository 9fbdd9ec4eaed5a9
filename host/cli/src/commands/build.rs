//! `lazaret build`: makes a component of a directory.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line says how long a build took"
)]

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use lazaret_build::project::Project;
use serde_json::json;

use crate::cli::Build;
use crate::{home, ui};

pub(crate) fn run(arguments: &Build) -> Result<ExitCode> {
    let started = Instant::now();
    let project = Project::open(&arguments.directory)?;
    let built = lazaret_build::build(&project, &home::build_place()?)?;
    let took = started.elapsed();
    if arguments.json {
        let value = json!({
            "name": project.manifest().name(), "language": project.language().name(),
            "world": project.world().name(), "path": built.path, "bytes": built.bytes.len(),
            "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
        ui::out(&value.to_string());
    } else {
        ui::note(&format!(
            "built `{}` in {:.1} s: {} KiB of {}, with its manifest",
            built.path.display(),
            took.as_secs_f64(),
            built.bytes.len().div_ceil(1024),
            project.language().title(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}
