//! The inner stage: the first process of the new namespaces, with which all others end.

use std::fs::File;
use std::process::{Command, Stdio};

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use rustix::process::{Signal, set_parent_process_death_signal};

use super::{Specification, give_up, relay, root};

/// Builds the new root, gives up every right that the program must not have, and starts it.
pub(super) fn run(mut input: File) -> Result<u8, String> {
    let died = set_parent_process_death_signal(Some(Signal::KILL));
    died.map_err(|error| format!("the outer stage cannot be watched: {error}"))?;
    let specification = Specification::read(&mut input)?;
    root::change(&specification)?;
    if let Some(socket) = &specification.relay {
        // Before the rights go: it carries for the program, and is none itself.
        relay::start(socket)?;
    }
    give_up::limits(&specification)?;
    give_up::rights(&specification)?;
    let Some(program) = &specification.program else {
        return Ok(0);
    };
    let started = Command::new(program)
        .args(&specification.arguments)
        .env_clear()
        .envs(
            specification
                .variables
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .current_dir(&specification.directory)
        .stdin(Stdio::null())
        .spawn();
    let child = started.map_err(|error| format!("`{}`: {error}", program.display()))?;
    let child = i32::try_from(child.id()).map_err(|error| error.to_string())?;
    reap(Pid::from_raw(child))
}

/// Takes leave of every process that ends, until it is the program.
fn reap(program: Pid) -> Result<u8, String> {
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(id, code)) if id == program => {
                return Ok(u8::try_from(code).unwrap_or(255));
            }
            Ok(WaitStatus::Signaled(id, signal, _)) if id == program => {
                let code = (signal as i32).saturating_add(128);
                return Ok(u8::try_from(code).unwrap_or(255));
            }
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(format!("the program's end was not seen: {error}")),
        }
    }
}
