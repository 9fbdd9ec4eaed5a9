//! The outer stage: new namespaces, then the inner stage in them, ended when the host is gone.

use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::process::{Child, Command, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use rustix::process::{Pid, PidfdFlags, getgid, getuid, pidfd_open};

use super::{INNER, Specification, code_of};

/// Reads what is to run, and stays until it has ended.
pub(super) fn run(mut host: File) -> Result<u8, String> {
    let specification = Specification::read(&mut host)?;
    separate()?;
    let mut inner = Command::new("/proc/self/exe")
        .arg(INNER)
        .env_clear()
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("no process in new namespaces: {error}"))?;
    if let Some(mut input) = inner.stdin.take() {
        let written = specification.write(&mut input);
        written.map_err(|error| format!("the inner stage ended: {error}"))?;
    }
    wait(&mut inner, &host)
}

/// New namespaces for users, files, processes, the network and the rest. In the user's own one
/// this process may mount; outside it has gained nothing.
fn separate() -> Result<(), String> {
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    let users = unshare(CloneFlags::CLONE_NEWUSER);
    users.map_err(|error| format!("no user namespace: {error}"))?;
    let write = |path: &str, text: String| {
        fs::write(path, text).map_err(|error| format!("`{path}`: {error}"))
    };
    write("/proc/self/setgroups", "deny".to_owned())?;
    write("/proc/self/uid_map", format!("0 {user} 1"))?;
    write("/proc/self/gid_map", format!("0 {group} 1"))?;
    let rest = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    unshare(rest).map_err(|error| format!("no namespaces: {error}"))
}

/// Waits for the inner stage, or for the end of the input: the host holds the other end, and
/// is gone when nobody does.
fn wait(inner: &mut Child, host: &File) -> Result<u8, String> {
    let id = i32::try_from(inner.id()).ok().and_then(Pid::from_raw);
    let id = id.ok_or("the inner stage has no number")?;
    let ended = pidfd_open(id, PidfdFlags::empty());
    let ended = ended.map_err(|error| format!("the inner stage cannot be watched: {error}"))?;
    let mut both = [
        PollFd::new(host.as_fd(), PollFlags::empty()),
        PollFd::new(ended.as_fd(), PollFlags::POLLIN),
    ];
    loop {
        match poll(&mut both, PollTimeout::NONE) {
            Ok(_) => {}
            Err(nix::errno::Errno::EINTR) => continue,
            Err(error) => return Err(format!("the inner stage cannot be watched: {error}")),
        }
        let happened = |one: &PollFd<'_>| one.any().unwrap_or(true);
        let [host, stage] = &both;
        if happened(stage) || happened(host) {
            break;
        }
    }
    // The first process of a process namespace takes all others with it.
    inner.kill().ok();
    let status = inner.wait();
    status
        .map(code_of)
        .map_err(|error| format!("its end was not seen: {error}"))
}
