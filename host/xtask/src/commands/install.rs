//! `cargo xtask install`: builds the command line with its plugins and workflows, and puts them
//! where a shell and the command look for them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::guests::{self, files_below, put_in_one_step};
use crate::machine::{self, Machine};
use crate::{binary, disk, process, ui};

/// Builds `lazaret`, its plugins and its workflows, and installs them for this user.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to, `~/.local` unless given: the command to `bin` in it, the rest to
    /// `share/lazaret`. What `~/.local/share/lazaret` holds is looked at first.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

const BUILD: &str = "build --release --package lazaret";

/// What of the distribution a user needs; the rest is for tests.
const FOLDERS: [&str; 2] = ["plugins", "workflows"];

/// The attacker of the demo, and of nothing else.
const ATTACKER: &str = "plugins/triage-hostile-reader.wasm";

/// Lists what was installed, so that the next time can remove what is no longer part of it, and
/// nothing that somebody else put there.
const LIST: &str = "INSTALLED";

/// Runs the command.
pub(crate) fn run(machine: &Machine, args: &Args) -> Result<ExitCode> {
    let places = Places::below(&root(args.root.as_deref())?);
    disk::note_if_short(machine);
    guests::build(machine)?;
    let binary = binary::build(machine, BUILD)?;
    let files = shipped(&machine.dist())?;
    // The command comes last: a new one never meets the old plugins.
    install_files(&machine.dist(), &files, &places.share)?;
    copy(&binary, &places.command)?;
    for line in places.report(files.len()) {
        ui::result(&line);
    }
    let path = machine::variable("PATH").unwrap_or_default();
    if let Some(said) = places.missing_in(&path) {
        ui::note(&said);
    }
    Ok(ExitCode::SUCCESS)
}

fn root(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(dir) = given {
        return std::path::absolute(dir)
            .with_context(|| format!("`{}` is no directory", dir.display()));
    }
    let home = machine::variable("HOME").context("HOME is not set: say where with `--root`")?;
    Ok(Path::new(&home).join(".local"))
}

/// Returns the files of the distribution that are installed, as paths from there.
fn shipped(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in FOLDERS.map(Path::new) {
        let found = files_below(&dist.join(folder))?;
        files.extend(found.into_iter().map(|file| folder.join(file)));
    }
    files.retain(|file| file != Path::new(ATTACKER));
    if files.is_empty() {
        bail!("there are no plugins to install");
    }
    Ok(files)
}

/// Copies the files, each in one step, and removes those that only an earlier time had.
fn install_files(dist: &Path, files: &[PathBuf], share: &Path) -> Result<()> {
    let list = share.join(LIST);
    let before = fs::read_to_string(&list).unwrap_or_default();
    for file in files {
        copy(&dist.join(file), &share.join(file))?;
    }
    for file in stale(&before, files) {
        let path = share.join(file);
        // Somebody may have removed it by hand.
        if path.is_file() {
            fs::remove_file(&path)
                .with_context(|| format!("cannot remove `{}`", path.display()))?;
        }
    }
    let lines: Vec<String> = files
        .iter()
        .map(|file| format!("{}\n", file.display()))
        .collect();
    put_in_one_step(&list, |draft| fs::write(draft, lines.concat()))
}

/// Returns the files of an earlier list that this time has not. A path that leads out of the
/// folders is nothing that this command has written.
fn stale<'a>(before: &'a str, files: &[PathBuf]) -> Vec<&'a Path> {
    let ours = |path: &&Path| {
        let is_inside = FOLDERS.iter().any(|folder| path.starts_with(folder));
        is_inside && !path.components().any(|part| part.as_os_str() == "..")
    };
    let before = before.lines().map(Path::new).filter(ours);
    before
        .filter(|old| !files.iter().any(|file| file == old))
        .collect()
}

/// Copies a file with its rights.
fn copy(from: &Path, to: &Path) -> Result<()> {
    put_in_one_step(to, |draft| fs::copy(from, draft).map(drop))
}

/// Where things are put.
#[derive(Debug)]
struct Places {
    command: PathBuf,
    /// The command finds it from its own place, see `host/cli/src/home.rs`.
    share: PathBuf,
}

impl Places {
    fn below(root: &Path) -> Self {
        Self {
            command: root.join("bin/lazaret"),
            share: root.join("share/lazaret"),
        }
    }

    /// Says what is where, and how it is taken away.
    fn report(&self, files: usize) -> [String; 3] {
        let mut remove = Command::new("rm");
        remove.arg("-r").args([&self.command, &self.share]);
        [
            format!("installed        {}", self.command.display()),
            format!(
                "installed        {} ({files} files: plugins and workflows)",
                self.share.display()
            ),
            format!("to take it away  {}", process::shown(&remove)),
        ]
    }

    /// Says so when a shell does not find the command.
    fn missing_in(&self, path: &OsStr) -> Option<String> {
        let dir = self.command.parent()?;
        let is_there = std::env::split_paths(path).any(|one| one == dir);
        (!is_there).then(|| {
            format!(
                "note: `{}` is not in PATH; add it, or call the command by its whole path",
                dir.display()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_where_is_said_with_the_way_back() {
        let places = Places::below(Path::new("/home/a b/.local"));
        assert_eq!(
            places.report(12),
            [
                "installed        /home/a b/.local/bin/lazaret",
                "installed        /home/a b/.local/share/lazaret (12 files: plugins and workflows)",
                "to take it away  rm -r '/home/a b/.local/bin/lazaret' '/home/a b/.local/share/lazaret'",
            ]
        );
    }

    #[test]
    fn a_search_path_without_the_directory_is_spoken_of() {
        let places = Places::below(Path::new("/x"));
        assert_eq!(places.missing_in(OsStr::new("/usr/bin:/x/bin")), None);
        let said = places.missing_in(OsStr::new("/usr/bin:/x/bin/y")).unwrap();
        assert!(said.contains("`/x/bin` is not in PATH"), "{said}");
    }

    #[test]
    fn a_root_is_taken_from_where_the_command_was_called() {
        assert_eq!(root(Some(Path::new("/x/y"))).unwrap(), Path::new("/x/y"));
        let here = std::env::current_dir().unwrap();
        assert_eq!(root(Some(Path::new("z"))).unwrap(), here.join("z"));
    }

    #[test]
    fn only_what_an_earlier_time_put_there_is_removed() {
        let files = [PathBuf::from("plugins/new.wasm")];
        let before = "plugins/new.wasm\nplugins/old.wasm\n../.ssh/key\nplugins/../../key\n/etc/x\n";
        assert_eq!(stale(before, &files), [Path::new("plugins/old.wasm")]);
    }

    #[test]
    fn an_update_replaces_what_was_shipped_and_keeps_what_was_not() {
        let scratch = std::env::temp_dir().join(format!("xtask-{}-install", std::process::id()));
        let (dist, share) = (scratch.join("dist"), scratch.join("share"));
        let write = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for file in [
            "plugins/a.wasm",
            "workflows/t/lazaret.toml",
            "guests/g.wasm",
            ATTACKER,
        ] {
            write(dist.join(file), "1");
        }
        let install = || install_files(&dist, &shipped(&dist).unwrap(), &share).unwrap();
        install();
        assert!(!share.join("guests").exists() && !share.join(ATTACKER).exists());

        write(share.join("plugins/own.wasm"), "own");
        fs::rename(dist.join("plugins/a.wasm"), dist.join("plugins/b.wasm")).unwrap();
        install();
        assert_eq!(
            files_below(&share).unwrap(),
            [
                "INSTALLED",
                "plugins/b.wasm",
                "plugins/own.wasm",
                "workflows/t/lazaret.toml"
            ]
            .map(PathBuf::from)
        );
        fs::remove_dir_all(scratch).unwrap();
    }
}
