//! `lazaret dev`: builds and runs a directory again whenever something in it changes.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context as _, Result};
use lazaret_build::project::Project;
use notify::{EventKind, RecursiveMode, Watcher as _};

use crate::cli::Dev;
use crate::ui::{self, Tone};
use crate::{home, problem};

/// How long nothing may change before a build begins: an editor writes several files at once.
const QUIET: Duration = Duration::from_millis(80);

/// What a build itself writes.
const PRODUCTS: [&str; 6] = [
    "build",
    ".lazaret",
    "node_modules",
    "target",
    "__pycache__",
    ".git",
];

pub(crate) fn run(arguments: &Dev) -> Result<ExitCode> {
    let directory = arguments
        .directory
        .canonicalize()
        .with_context(|| format!("there is no `{}`", arguments.directory.display()))?;
    let (sender, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event| {
        // Nobody listens any more only when the command ends.
        sender.send(event).ok();
    })
    .context("this system does not tell of changes")?;
    watcher
        .watch(&directory, RecursiveMode::Recursive)
        .context("this directory cannot be watched")?;
    loop {
        if let Err(error) = once(arguments, &directory) {
            problem::show(&error);
        }
        ui::note(&ui::paint(
            Tone::Dim,
            "waiting for a change; Ctrl-C ends this",
        ));
        wait(&changes, &directory)?;
    }
}

/// Builds and runs. The run is a process of its own, so that Ctrl-C ends both.
fn once(arguments: &Dev, directory: &Path) -> Result<()> {
    let project = Project::open(directory)?;
    let built = lazaret_build::build(&project, &home::build_place()?)?;
    ui::note(&format!("built `{}`", built.path.display()));
    let own = std::env::current_exe().context("where is this program?")?;
    let mut command = Command::new(own);
    command.current_dir(directory);
    if arguments.test {
        command.args(["test", ".", "--no-build"]);
    } else {
        command.args(["run", ".", "--verbose"]);
    }
    if let Some(args) = &arguments.args {
        command.args(["--args", args]);
    }
    command.status().context("the run could not be started")?;
    Ok(())
}

/// Waits until a source has changed, and then until nothing changes any more.
fn wait(changes: &Receiver<notify::Result<notify::Event>>, directory: &Path) -> Result<()> {
    loop {
        let event = changes
            .recv()
            .context("the watch over the directory ended")?;
        let event = event.context("the watch over the directory failed")?;
        if concerns(&event, directory) {
            break;
        }
    }
    while changes.recv_timeout(QUIET).is_ok() {}
    Ok(())
}

/// Reading a file changes nothing, and what a build writes is no source.
fn concerns(event: &notify::Event, directory: &Path) -> bool {
    if matches!(event.kind, EventKind::Access(_)) {
        return false;
    }
    let is_source = |path: &PathBuf| {
        let relative = path.strip_prefix(directory).unwrap_or(path);
        let mut parts = relative.components();
        !parts.any(|part| PRODUCTS.iter().any(|name| part.as_os_str() == *name))
    };
    event.paths.iter().any(is_source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_of_a_source_counts() {
        let directory = Path::new("/p");
        let event = |kind, path: &str| notify::Event::new(kind).add_path(path.into());
        let changed = EventKind::Modify(notify::event::ModifyKind::Any);
        assert!(concerns(&event(changed, "/p/main.js"), directory));
        assert!(concerns(&event(changed, "/p/src/deep/a.rs"), directory));
        for product in [
            "/p/build/a.wasm",
            "/p/.lazaret/sdk/x",
            "/p/a/__pycache__/m.pyc",
        ] {
            assert!(!concerns(&event(changed, product), directory), "{product}");
        }
        let read = EventKind::Access(notify::event::AccessKind::Any);
        assert!(!concerns(&event(read, "/p/main.js"), directory));
    }
}
