//! Runs one command of a policy: finds the program, says what it is given, watches its ends.

mod process;
mod proxy;
mod world;

use std::time::Duration;

use lazaret_policy::command::CommandLimits;

pub(crate) use process::Ended;
pub(crate) use proxy::Proxy;
pub(crate) use world::{Errand, World};

use crate::confine::Specification;
use process::Process;

/// Runs what the specification says, until it ends or a limit ends it. Dropped before, it ends
/// everything that was started.
pub(crate) async fn run(
    confiner: &std::path::Path,
    specification: &Specification,
    limits: &CommandLimits,
) -> Result<Ended, String> {
    let mut process = Process::start(confiner)?;
    let most = usize::try_from(limits.output_bytes).unwrap_or(usize::MAX);
    let wall = Duration::from_millis(limits.wall_ms);
    let ended = tokio::time::timeout(wall, process.carry(specification, most)).await;
    match ended {
        Ok(ended) => ended,
        Err(_elapsed) => Ok(process.cut("wall_ms").await),
    }
}

/// Looks whether a program could be confined, without starting one.
pub(crate) fn check(
    confiner: &std::path::Path,
    specification: &Specification,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let limits = CommandLimits {
        wall_ms: 10_000,
        output_bytes: 4_096,
        memory_mib: 64,
        processes: specification.processes,
    };
    let ended = runtime.block_on(run(confiner, specification, &limits))?;
    match ended.status {
        Some(0) => Ok(()),
        _ => Err("its stages did not come to their end".to_owned()),
    }
}
