//! `lazaret stop`: ends one agent of a run that goes on, whoever carries it on.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use lazaret_journal::Journal;
use lazaret_runtime::{decide, orders};
use lazaret_workflow::view::Standing;

use super::show;
use crate::cli::OneAgent;
use crate::stored::{self, Followed};
use crate::{home, ui};

/// How often and how many times to look whether the agent has stopped.
const PAUSE: Duration = Duration::from_millis(100);
const MOST_LOOKS: u32 = 100;

pub(crate) fn run(arguments: &OneAgent) -> Result<ExitCode> {
    let journal = Journal::open(home::journal()?)?;
    let id = stored::find(&journal, &arguments.run)?;
    if !journal.driver(&id).is_some_and(decide::is_alive) {
        bail!(
            "no process carries the run on; `lazaret skip {id} AGENT` has an agent give no value when it goes on"
        );
    }
    let mut run = Followed::new();
    run.read(&journal, &id, |_, _| ())?;
    let step = show::find(&run.view, &arguments.agent)?;
    let name = run
        .view
        .agents
        .get(&step)
        .map_or("", |agent| agent.name.as_str());
    let name = ui::escape(name);
    let goes_on = |view: &lazaret_workflow::view::View| {
        let agent = view.agents.get(&step);
        step > 0 && agent.is_some_and(|agent| agent.standing == Standing::Running)
    };
    if !goes_on(&run.view) {
        bail!("step {step} {name} does not run; `lazaret show {id}` says how it ended");
    }
    orders::stop(&journal, &id, step)?;
    for _ in 0..MOST_LOOKS {
        std::thread::sleep(PAUSE);
        run.read(&journal, &id, |_, _| ())?;
        if !goes_on(&run.view) {
            ui::note(&format!("step {step} {name} was stopped"));
            return Ok(ExitCode::SUCCESS);
        }
    }
    bail!(
        "step {step} {name} was told to stop and has not stopped; a script that another one started cannot be stopped alone, the run can: `lazaret cancel {id}`"
    )
}
