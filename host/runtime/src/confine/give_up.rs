//! What a stage gives up before it starts the program: files, processes, memory, every right.

use std::fs;
use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, NetPort, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope, path_beneath_rules,
};
use nix::sys::resource::{Resource, setrlimit};
use rustix::process::getuid;
use rustix::thread::{CapabilitySet, remove_capability_from_bounding_set};

use super::Specification;
use super::relay::PORT;
use super::root::DEVICES;

/// The newest set of rights that this code knows; an older kernel knows fewer.
const NEWEST: ABI = ABI::V7;

/// The most files that one process may have open.
const MAX_OPEN_FILES: u64 = 4_096;

/// Sets the limits of everything that is started from here.
pub(super) fn limits(specification: &Specification) -> Result<(), String> {
    let set = |resource, most: u64, what: &str| {
        setrlimit(resource, most, most).map_err(|error| format!("the limit of {what}: {error}"))
    };
    set(Resource::RLIMIT_CORE, 0, "memory dumps")?;
    set(Resource::RLIMIT_DATA, specification.memory_bytes, "memory")?;
    set(
        Resource::RLIMIT_FSIZE,
        specification.file_bytes,
        "a file's size",
    )?;
    set(Resource::RLIMIT_NOFILE, MAX_OPEN_FILES, "open files")?;
    set(Resource::RLIMIT_NPROC, specification.processes, "processes")?;
    // The limit above does not hold for the machine's own administrator; this one does.
    let numbers = fs::write(
        "/proc/sys/kernel/pid_max",
        specification.processes.to_string(),
    );
    match numbers {
        Ok(()) => Ok(()),
        Err(_) if !is_administrator() => Ok(()),
        Err(error) => Err(format!(
            "the number of processes cannot be limited for the machine's administrator: {error}"
        )),
    }
}

/// Whether the user outside of the user namespace is the machine's administrator.
fn is_administrator() -> bool {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let outside = map.split_whitespace().nth(1);
    getuid().is_root() && outside.is_none_or(|outside| outside == "0")
}

/// Gives up every file but those that were shown, the network, and the kernel's special rights.
pub(super) fn rights(specification: &Specification) -> Result<(), String> {
    for right in CapabilitySet::all().iter() {
        // One that this kernel does not know is not there.
        remove_capability_from_bounding_set(right).ok();
    }
    let failed = |error: landlock::RulesetError| format!("Landlock: {error}");
    let (written, read): (Vec<_>, Vec<_>) =
        specification.shown.iter().partition(|shown| shown.write);
    let read = read.iter().map(|shown| shown.at.as_path());
    let written = written.iter().map(|shown| shown.at.as_path());
    let devices = DEVICES.iter().map(Path::new);
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .map_err(failed)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(NEWEST)))
        .and_then(|rules| rules.scope(Scope::from_all(NEWEST)))
        .and_then(Ruleset::create)
        .and_then(|rules| {
            let proc = std::iter::once(Path::new("/proc"));
            rules.add_rules(path_beneath_rules(
                read.chain(proc),
                AccessFs::from_read(NEWEST),
            ))
        })
        .and_then(|rules| {
            let all = AccessFs::from_all(NEWEST);
            rules.add_rules(path_beneath_rules(written.chain(devices), all))
        })
        .and_then(|rules| {
            let ways = specification.relay.iter();
            let ways = ways.map(|_| Ok(NetPort::new(PORT, AccessNet::ConnectTcp)));
            rules.add_rules(ways)
        })
        .and_then(landlock::RulesetCreated::restrict_self)
        .map_err(failed)?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err("the kernel has no Landlock".to_owned());
    }
    Ok(())
}
