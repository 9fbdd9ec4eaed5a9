//! One agent's step: a fresh instance for one task, and what its end tells the monitor.

use std::sync::Arc;

use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::Media;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::monitor::{Ended, Ending};
use lazaret_policy::compiled::Profile;
use lazaret_policy::limits::Limits;
use lazaret_workflow::budget::Minutes;
use lazaret_workflow::event::{self, Event, PartRef};
use serde_json::Value;

use self::options::{Options, WORKTREE};
use crate::bindings::types::{Answer, Failure, Part, Task};
use crate::call::Caller;
use crate::error::HostError;
use crate::instance::{self, Cause, Stopped};
use crate::payload::Payload;
use crate::plugin::{Linked, digest};
use crate::progress::Progress;
use crate::recall;
use crate::report::StepEnd;
use crate::run::{Failed, Run};
use crate::watch::Watch;
use crate::workshop::worktree_name;

pub(crate) mod options;

/// A child that the monitor has started and the host is about to run.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) number: u32,
    /// What its answer depends on.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) phase: String,
    pub(crate) profile: Profile,
    pub(crate) instance: InstanceId,
    pub(crate) text: String,
    pub(crate) options: Options,
    pub(crate) parts: Vec<(String, Handle)>,
    /// The bits that were set aside for it alone.
    pub(crate) aside: Option<Bits>,
}

/// Runs a step to its end. An error is the host's own; the guest's are endings.
pub(crate) async fn run(run: Arc<Run>, step: Step) -> Result<Ended<Payload>, HostError> {
    let caller = Caller::new(Arc::clone(&run), step.instance, step.number);
    let caller = caller.named(&step.name, &step.phase, &step.profile.name);
    let given = run.reserved_tokens(&step.profile.advice);
    let caller = caller.allowed(step.options.tokens(given));
    record_start(&run, &caller, &step)?;
    run.tell(&Progress::Started {
        step: step.number,
        name: step.name.clone(),
    });
    run.tally().started += 1;
    let _running = run.purse().running(&step.phase);
    if !step.options.is_isolated() {
        let ended = call(&caller, &step).await;
        return finish(&run, &step, ended);
    }
    // There is no falling back to the shared tree.
    let ended = match run.own_worktree(step.number).await {
        Ok(tree) => {
            let caller = caller.working_in(Some(Arc::clone(&tree)));
            let ended = call(&caller, &step).await;
            let closed = run.close_worktree(step.number, tree).await;
            closed.map_err(|message| unusable(&message)).and(ended)
        }
        Err(message) => Err(unusable(&message)),
    };
    finish(&run, &step, named(ended, step.number))
}

fn unusable(message: &str) -> Stopped {
    Stopped::new(Cause::Host, format!("its worktree: {message}"))
}

/// Names the worktree in what the agent gives, changed or not: the name tells nothing.
fn named(
    ended: Result<Result<Answer, Failure>, Stopped>,
    step: u32,
) -> Result<Result<Answer, Failure>, Stopped> {
    let name = worktree_name(step);
    let answer = match ended? {
        Ok(answer) => answer,
        Err(failure) => return Ok(Err(failure)),
    };
    Ok(Ok(match answer {
        Answer::Text(text) => Answer::Text(format!("{text}\n\n(worktree: {name})")),
        Answer::Json(json) => match serde_json::from_str(&json) {
            Ok(Value::Object(mut fields)) => {
                fields.insert(WORKTREE.to_owned(), Value::String(name));
                Answer::Json(Value::Object(fields).to_string())
            }
            _ => Answer::Json(json),
        },
        held @ Answer::Content(_) => held,
    }))
}

async fn call(caller: &Caller, step: &Step) -> Result<Result<Answer, Failure>, Stopped> {
    let run = caller.run();
    let Some(plugin) = run.plugins.get(&step.profile.plugin) else {
        return Err(Stopped::new(Cause::Host, "its plugin is not loaded"));
    };
    let room = plugin.room();
    let room = room.map_err(|error| Stopped::new(Cause::Host, error.to_string()))?;
    let Linked::Agent(linked) = room.linked() else {
        return Err(Stopped::new(Cause::Host, "its plugin is no agent"));
    };
    let task = Task {
        text: step.text.clone(),
        parts: parts(&step.parts),
        options: options::advised(run, step, caller.tokens()),
    };
    let limits = &limits_of(step, run.compiled.budget.agent.wall_ms);
    let watch = Watch::new(limits.wall_ms, limits.idle_ms).limited_to(caller.tokens());
    let watch = Arc::new(watch);
    let _there = run.agent_there(step.number, &watch);
    let engine = linked.engine();
    let ended = instance::watched(caller, &watch, limits, engine, async |mut store| {
        let bindings = linked.instantiate_async(&mut store).await?;
        bindings.call_run(&mut store, &task).await
    })
    .await;
    let by_budget = run.compiled.budget.agent.wall_ms == Some(limits.wall_ms);
    ended.map_err(|stopped| match stopped.cause {
        Cause::Wall if by_budget => {
            let minutes = Minutes(limits.wall_ms);
            Stopped::new(Cause::Budget, format!("it has used its {minutes} minutes"))
        }
        _ => stopped,
    })
}

/// A task may ask for less time than its profile and the budget give.
fn limits_of(step: &Step, budget: Option<u64>) -> Limits {
    let limits = step.profile.limits;
    let most = limits.wall_ms.min(budget.unwrap_or(u64::MAX));
    Limits {
        wall_ms: step.options.wall_ms(most),
        ..limits
    }
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

/// No effect is visible before its own intent is durable, which comes later: so this is
/// not waited for.
fn record_start(run: &Run, caller: &Caller, step: &Step) -> Result<(), HostError> {
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
            key: step.key.clone(),
            phase: step.phase.clone(),
            at_ms: run.now_ms(),
        }
    };
    run.queue(&event, Vec::new())
}

fn finish(
    run: &Run,
    step: &Step,
    ended: Result<Result<Answer, Failure>, Stopped>,
) -> Result<Ended<Payload>, HostError> {
    let ended = match ended {
        Ok(Ok(answer)) => to_payload(answer),
        Ok(Err(failure)) => Err(Stopped::new(cause_of(&failure), failure.message)),
        Err(stopped) => Err(stopped),
    };
    let (ending, failed) = match ended {
        Ok(ending) => (ending, None),
        Err(stopped) => (ending_of(&stopped), Some(stopped)),
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
    let given = recall::given(run, &ended, reference.digest.clone());
    let ending = match &failed {
        None => event::Ending::Value { answer: reference },
        Some(stopped) if stopped.cause == Cause::Person => event::Ending::None,
        Some(stopped) => event::Ending::Failed {
            cause: stopped.cause.as_str().to_owned(),
            message: stopped.message.clone(),
        },
    };
    let event = Event::StepFinished {
        step: step.number,
        ending,
        label,
        given: Some(given),
        at_ms: run.now_ms(),
    };
    run.keep_only(step.number, || StepEnd {
        value: match &failed {
            None => Ok(ended.content().payload().to_value()),
            Some(stopped) => Err(stopped.sentence()),
        },
        taint: run.taint_of(&ended),
    });
    // The batch that tells the orchestrator comes later in the journal, and is waited for.
    run.queue(&event, vec![blob])?;
    run.tell(&Progress::Finished {
        step: step.number,
        ok: failed.is_none(),
    });
    let mut tally = run.tally();
    let failed = failed.filter(|stopped| stopped.cause != Cause::Person);
    tally.end(&step.phase, failed.is_some());
    if let Some(stopped) = failed {
        tally.failures.push(Failed {
            step: step.number,
            name: format!("{} ({})", step.name, stopped.cause.as_str()),
            message: stopped.message,
            taint: run.taint_of(&ended),
        });
    }
    drop(tally);
    Ok(ended)
}

/// Begins the message of an agent that gives up because no answer satisfies the schema that
/// its task asked for.
const UNFIT: &str = "schema:";

fn cause_of(failure: &Failure) -> Cause {
    if failure.message.starts_with(UNFIT) {
        Cause::Schema
    } else {
        Cause::Failure
    }
}

fn ending_of(stopped: &Stopped) -> Ending<Payload> {
    let payload = Payload::failure(&stopped.sentence());
    match stopped.cause {
        Cause::Schema => Ending::Unfit(payload),
        Cause::Person => Ending::None(payload),
        _ => Ending::Failed(payload),
    }
}

pub(crate) fn to_payload(answer: Answer) -> Result<Ending<Payload>, Stopped> {
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
