//! `--detach`: the same command again, in the background and in a session of its own.

use std::ffi::OsString;
use std::fs::File;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use lazaret_journal::{Journal, RunId};

use crate::{home, ui};

/// How often it is looked whether the run has begun.
const PAUSE: Duration = Duration::from_millis(20);

/// What the file is called, beside the run's lock, that holds what the run says.
const LOG: &str = "log";

/// Starts the process that carries the run on, and waits until the journal has the run.
pub(super) fn start(id: &RunId, as_json: bool, reads_input: bool) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let before = records(&journal, id);
    let log = journal.file_beside(id, LOG)?;
    log.set_len(0)?;
    let going = again(id, &log, reads_input)?;
    if let Some(code) = ended_before(going, || records(&journal, id) > before)? {
        let path = journal.path_beside(id, LOG);
        ui::note(
            std::fs::read_to_string(&path)
                .unwrap_or_default()
                .trim_end(),
        );
        drop(std::fs::remove_file(path));
        return Ok(ExitCode::from(code));
    }
    if as_json {
        ui::out(&serde_json::json!({"run": id.as_str(), "status": "running"}).to_string());
    } else {
        ui::out(id.as_str());
    }
    ui::note(&format!(
        "goes on in the background; `lazaret show {id} --watch` follows it, `lazaret cancel {id}` ends it"
    ));
    Ok(ExitCode::SUCCESS)
}

/// Starts this program once more, with the same command.
fn again(id: &RunId, log: &File, reads_input: bool) -> Result<Child> {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // Before all that the operator wrote but the command's name: `--` may be among it.
    let command = arguments.drain(..1.min(arguments.len()));
    let command: Vec<OsString> = command.collect();
    arguments.retain(|one| one != "--detach");
    let program = std::env::current_exe().context("this program is not where it was")?;
    Command::new(program)
        .args(command)
        .args(["--detached-as", id.as_str()])
        .args(arguments)
        .stdin(if reads_input {
            Stdio::inherit()
        } else {
            Stdio::null()
        })
        .stdout(said(log)?)
        .stderr(said(log)?)
        .spawn()
        .context("the run could not be started in the background")
}

/// Waits until the run has begun. Returns the exit code of a process that ended before.
fn ended_before(mut going: Child, has_begun: impl Fn() -> bool) -> Result<Option<u8>> {
    loop {
        // Before the journal is looked at, or a run that took no time would not have begun.
        let ended = going.try_wait()?;
        if has_begun() {
            return Ok(None);
        }
        if let Some(ended) = ended {
            let code = ended.code().and_then(|code| u8::try_from(code).ok());
            return Ok(Some(code.unwrap_or(1)));
        }
        std::thread::sleep(PAUSE);
    }
}

/// Leaves the terminal's session, so that closing it ends nothing here.
pub(super) fn leave() -> Result<()> {
    rustix::process::setsid().context("this process already leads a session")?;
    Ok(())
}

fn records(journal: &Journal, id: &RunId) -> u64 {
    journal.run(id).map_or(0, |run| run.head.count)
}

/// The log once more: both outputs go to its end.
fn said(log: &File) -> Result<File> {
    log.try_clone().context("the log could not be shared")
}
