//! What a run would have been under another policy: every decision is made again, also within
//! finished agents, with the recorded answers of their effects. Nothing is made.

use std::path::Path;

use lazaret_journal::{Journal, RunId};
use lazaret_workflow::event::Event;
use lazaret_workflow::replay::{Matching, OnMiss, Settings, Steps};

use crate::decide::find;
use crate::error::HostError;
use crate::host::Host;
use crate::launch::Launch;
use crate::report::{Failure, Report, StepEnd};
use crate::resume::past;
use crate::run::DeniedAct;

/// How a run would differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What the run would have reported.
    pub report: Report,
    /// Calls that would be refused and were not: the act and the rule.
    pub refused: Vec<Failure>,
    /// Calls that were refused and would not be.
    pub allowed: Vec<Failure>,
    /// Effects that would be made and that the journal does not have.
    pub unmade: Vec<Failure>,
}

impl Difference {
    /// Returns whether every decision is what it was.
    pub fn is_none(&self) -> bool {
        self.refused.is_empty() && self.allowed.is_empty() && self.unmade.is_empty()
    }
}

impl Host {
    /// Decides a whole run again. `launch` is what the run started from, with another policy;
    /// what happens is written into a journal in `scratch` and not into the run's own.
    pub async fn rehearse(
        &self,
        mut launch: Launch,
        scratch: &Path,
    ) -> Result<Difference, HostError> {
        let was = refusals(&launch.journal, &launch.id)?;
        launch.journal = copy(&launch.journal, &launch.id, scratch)?;
        let settings = Settings {
            matching: Matching::ByKey,
            steps: Steps::Rerun,
            on_miss: OnMiss::Stop,
        };
        let report = Box::pin(self.resume(launch, settings)).await?;
        let is = report.denials.iter().map(|denial| {
            let message = format!("{} by {}", denial.act, denial.rule);
            Failure::told(format!("step {}", denial.step), message)
        });
        let is: Vec<Failure> = is.collect();
        Ok(Difference {
            refused: without(&is, &was),
            allowed: without(&was, &is),
            unmade: report.unmade.clone(),
            report,
        })
    }
}

/// What one step gave that was run again.
#[derive(Clone, Debug)]
pub struct Rerun {
    /// Its number.
    pub step: u32,
    /// What the operator sees beside it.
    pub name: String,
    /// What it gave; nothing where the run never came to it.
    pub end: Option<StepEnd>,
    /// Calls that were refused.
    pub denials: Vec<DeniedAct>,
    /// Effects that it would have made and that the journal does not have.
    pub unmade: Vec<Failure>,
}

impl Host {
    /// Runs one step of a recorded run again, with the answers that the journal has of its
    /// effects; what the journal does not have is made only where `live`. `launch` is what the run
    /// started from, with other components if the author wishes. Nothing is written into the
    /// run's own journal.
    pub async fn rerun(
        &self,
        mut launch: Launch,
        scratch: &Path,
        agent: &str,
        live: bool,
    ) -> Result<Rerun, HostError> {
        let (step, name) = find(&past(&launch.journal, &launch.id)?, agent)?;
        launch.journal = copy(&launch.journal, &launch.id, scratch)?;
        let settings = Settings {
            matching: Matching::ByKey,
            steps: Steps::Only(step),
            on_miss: if live { OnMiss::Make } else { OnMiss::Stop },
        };
        let report = self.resume(launch, settings).await?;
        let of_step = |place: &str| place == format!("step {step}");
        Ok(Rerun {
            step,
            name,
            end: report.step,
            denials: (report.denials.into_iter())
                .filter(|denial| denial.step == step)
                .collect(),
            unmade: (report.unmade.into_iter())
                .filter(|effect| of_step(&effect.place))
                .collect(),
        })
    }
}

fn refusals(journal: &Journal, id: &RunId) -> Result<Vec<Failure>, HostError> {
    let past = past(journal, id)?;
    let refused = past
        .denials
        .values()
        .flatten()
        .filter_map(|event| match event {
            Event::Denied {
                step, act, rule, ..
            } => {
                let message = format!("{act} by {rule}");
                Some(Failure::told(format!("step {step}"), message))
            }
            _ => None,
        });
    Ok(refused.collect())
}

fn without(all: &[Failure], others: &[Failure]) -> Vec<Failure> {
    let mut others = others.to_vec();
    let mut left = Vec::new();
    for one in all {
        match others.iter().position(|other| other == one) {
            Some(place) => drop(others.swap_remove(place)),
            None => left.push(one.clone()),
        }
    }
    left
}

fn copy(journal: &Journal, id: &RunId, scratch: &Path) -> Result<Journal, HostError> {
    let path = scratch.join("run.jsonl");
    let failed = |source| HostError::file(&path, source);
    let mut file = std::fs::File::create(&path).map_err(failed)?;
    journal.export_run(id, &mut file)?;
    let copy = Journal::open(scratch.join("journal.db"))?;
    let file = std::fs::File::open(&path).map_err(failed)?;
    copy.import_run(file, None)?;
    Ok(copy)
}
