//! What a person orders of a run while it goes on: from another process, by a file beside the
//! run's lock that only its owner can write.

use std::io::Write as _;
use std::time::Duration;

use lazaret_journal::{Journal, RunId};
use lazaret_workflow::event::{Decision, Event};
use tokio::time::sleep;

use crate::error::HostError;
use crate::run::Run;

/// How often a run looks for orders.
const PAUSE: Duration = Duration::from_millis(200);

/// The most bytes of orders that are read: a person types them.
const MAX_BYTES: usize = 1 << 20;

/// What the file's name ends in.
const FILE: &str = "orders";

/// Orders the process that carries a run on to stop one of its agents.
pub fn stop(journal: &Journal, id: &RunId, step: u32) -> Result<(), HostError> {
    let mut file = journal.file_beside(id, FILE)?;
    let path = journal.path_beside(id, FILE);
    let failed = |source| HostError::file(&path, source);
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).map_err(failed)?;
    writeln!(file, "stop {step}").map_err(failed)
}

/// Obeys orders until the run ends.
pub(crate) async fn obey(run: &Run) -> HostError {
    let journal = run.writer.journal();
    let path = journal.path_beside(run.writer.id(), FILE);
    // Orders to an earlier part are too late.
    drop(std::fs::remove_file(&path));
    let mut obeyed = 0;
    loop {
        sleep(PAUSE).await;
        let Ok(orders) = std::fs::read_to_string(&path) else {
            continue;
        };
        let orders = orders
            .get(..orders.len().min(MAX_BYTES))
            .unwrap_or_default();
        let whole = orders.rfind('\n').map_or(0, |end| end + 1);
        let new = orders.get(obeyed..whole).unwrap_or_default();
        for step in new.lines().filter_map(|order| order.strip_prefix("stop ")) {
            let step = step.parse().ok();
            if let Some(Err(error)) = step.map(|step| stop_agent(run, step)) {
                return error;
            }
        }
        obeyed = whole.max(obeyed);
    }
}

/// Removes the file of orders.
pub(crate) fn end(run: &Run) {
    let path = run.writer.journal().path_beside(run.writer.id(), FILE);
    drop(std::fs::remove_file(path));
}

fn stop_agent(run: &Run, step: u32) -> Result<(), HostError> {
    let Some(watch) = run.watch_of(step) else {
        return Ok(());
    };
    let decision = Decision::Stop;
    run.queue(&Event::Decided { step, decision }, Vec::new())?;
    watch.stop();
    Ok(())
}
