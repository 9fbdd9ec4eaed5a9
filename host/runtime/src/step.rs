//! One agent's step: a fresh instance for one task, and what its end tells the monitor.

use std::sync::Arc;

use lazaret_kernel::content::Media;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::monitor::{Ended, Ending};
use lazaret_policy::compiled::Profile;
use lazaret_workflow::event::{self, Event, PartRef};
use serde_json::Value;

use crate::bindings::types::{Answer, Failure, Part, Task};
use crate::call::Caller;
use crate::error::HostError;
use crate::instance::{self, Cause, Stopped};
use crate::payload::Payload;
use crate::plugin::{Linked, digest};
use crate::progress::Progress;
use crate::run::Run;

/// A child that the monitor has started and the host is about to run.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) profile: Profile,
    pub(crate) instance: InstanceId,
    pub(crate) text: String,
    pub(crate) options: String,
    pub(crate) parts: Vec<(String, Handle)>,
}

/// Runs a step to its end. An error is the host's own; the guest's are endings.
pub(crate) async fn run(run: Arc<Run>, step: Step) -> Result<Ended<Payload>, HostError> {
    let caller = Caller::new(Arc::clone(&run), step.instance, step.number);
    record_start(&run, &caller, &step).await?;
    run.tell(&Progress::Started {
        step: step.number,
        name: step.name.clone(),
    });
    run.tally().started += 1;
    let ended = call(&caller, &step).await;
    finish(&run, &step, ended).await
}

async fn call(caller: &Caller, step: &Step) -> Result<Result<Answer, Failure>, Stopped> {
    let run = caller.run();
    let Some(plugin) = run.plugins.get(&step.profile.plugin) else {
        return Err(Stopped::new(Cause::Host, "its plugin is not loaded"));
    };
    let Linked::Agent(linked) = plugin.linked() else {
        return Err(Stopped::new(Cause::Host, "its plugin is no agent"));
    };
    let task = Task {
        text: step.text.clone(),
        parts: parts(&step.parts),
        options: step.options.clone(),
    };
    let limits = &step.profile.limits;
    instance::within(caller, limits, linked.engine(), async |mut store| {
        let bindings = linked.instantiate_async(&mut store).await?;
        bindings.call_run(&mut store, &task).await
    })
    .await
}

/// Names the handles of a task's parts.
pub(crate) fn parts(parts: &[(String, Handle)]) -> Vec<Part> {
    parts
        .iter()
        .map(|(name, handle)| Part {
            name: name.clone(),
            content: handle.0,
        })
        .collect()
}

async fn record_start(run: &Run, caller: &Caller, step: &Step) -> Result<(), HostError> {
    let event = {
        let monitor = run.monitor();
        let label = |label: Result<_, _>| {
            run.label_text(label.unwrap_or(lazaret_kernel::label::Label::TOP))
        };
        let parts = step.parts.iter().map(|(name, handle)| {
            let shown = monitor.describe(caller.instance(), *handle);
            PartRef {
                name: name.clone(),
                label: label(shown.map(|(_, label)| label)),
            }
        });
        Event::StepStarted {
            step: step.number,
            name: step.name.clone(),
            profile: step.profile.name.clone(),
            task: digest(step.text.as_bytes()),
            parts: parts.collect(),
            start: label(monitor.current(caller.instance())),
            clearance: label(monitor.clearance(caller.instance())),
        }
    };
    run.record(&event, Vec::new()).await
}

async fn finish(
    run: &Run,
    step: &Step,
    ended: Result<Result<Answer, Failure>, Stopped>,
) -> Result<Ended<Payload>, HostError> {
    let ended = match ended {
        Ok(Ok(answer)) => to_payload(answer),
        Ok(Err(failure)) => Err(Stopped::new(Cause::Failure, failure.message)),
        Err(stopped) => Err(stopped),
    };
    let (ending, failed) = match ended {
        Ok(ending) => (ending, None),
        Err(stopped) => (
            Ending::Failed(Payload::failure(&stopped.sentence())),
            Some(stopped),
        ),
    };
    let label = run.current_label(step.instance);
    let ended = run
        .monitor()
        .finish(step.instance, ending)
        .map_err(|_denial| HostError::Internal("a step ended twice"))?;
    let (reference, blob) = run.store(
        ended.content().payload(),
        ended.content().facts().labels.joined(),
    )?;
    let ending = match &failed {
        None => event::Ending::Value { answer: reference },
        Some(stopped) => event::Ending::Failed {
            cause: stopped.cause.as_str().to_owned(),
            message: stopped.message.clone(),
        },
    };
    let event = Event::StepFinished {
        step: step.number,
        ending,
        label,
    };
    run.record(&event, vec![blob]).await?;
    run.tell(&Progress::Finished {
        step: step.number,
        ok: failed.is_none(),
    });
    let mut tally = run.tally();
    match failed {
        None => tally.completed += 1,
        Some(stopped) => {
            let name = format!("{} ({})", step.name, stopped.cause.as_str());
            tally.failures.push((step.number, name, stopped.message));
        }
    }
    drop(tally);
    Ok(ended)
}

fn to_payload(answer: Answer) -> Result<Ending<Payload>, Stopped> {
    Ok(match answer {
        Answer::Text(text) => Ending::Created(Media::Text, Payload::text(text)),
        Answer::Json(json) => {
            let value: Value = serde_json::from_str(&json).map_err(|error| {
                Stopped::new(Cause::Failure, format!("malformed JSON: {error}"))
            })?;
            Ending::Created(Media::Json, Payload::json(value))
        }
        Answer::Content(handle) => Ending::Held(
            Handle(handle),
            Payload::failure("the agent answered a handle that it does not hold"),
        ),
    })
}
