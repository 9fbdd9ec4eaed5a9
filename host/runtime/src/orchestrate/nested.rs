//! Another script in an instance of its own: it starts at the caller's label, shares the run's
//! places, agents, budget and end, and its end is told as an agent's is.

use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;

use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::Ending;
use lazaret_policy::limits::Limits;
use lazaret_workflow::event::{Ending as EndingText, Event, PartRef};
use lazaret_workflow::schedule::Number;
use serde_json::Value;

use super::{Done, Drive, End, Job, Role, refused, taken};
use crate::bindings::turns::{NestedWorkflow, Reply};
use crate::bindings::types::{Error as GuestError, Part, Task};
use crate::call::{Caller, Child};
use crate::error::HostError;
use crate::instance::{Cause, Stopped};
use crate::payload::Payload;
use crate::plugin::digest;
use crate::run::{Failed, Run};
use crate::scripts::{SavedScript, ScriptTask, UNTRUSTED};
use crate::step;
use crate::words::{self, Limit};

/// The most other scripts of a run that run at the same time: each has an engine's memory.
pub(super) const MAX_SCRIPTS_AT_ONCE: usize = 16;

/// The most other scripts that a run may start.
const MAX_SCRIPTS: u32 = 1_000;

/// What the operator sees as the profile of another script.
const PROFILE: &str = "workflow";

/// The head of a message that no script may catch.
const VIOLATION: &str = "quarantine-violation:";

/// Another script that is about to run.
#[derive(Debug)]
pub(super) struct Nested {
    plugin: String,
    limits: Limits,
    instance: InstanceId,
    role: Role,
    name: String,
    key: String,
    source: String,
    parts: Vec<PartRef>,
    task: Task,
}

impl Nested {
    pub(super) fn instance(&self) -> InstanceId {
        self.instance
    }
}

impl Drive {
    pub(super) fn nest(&mut self, number: Number, asked: &NestedWorkflow) -> Option<Reply> {
        if self.role.is_nested() {
            let limit = words::limit(Limit::WorkflowDepth, 1);
            return Some(refused(self.caller.refuse("workflow", &limit)));
        }
        if self.scripts_asked >= MAX_SCRIPTS {
            let limit = words::limit(Limit::Workflows, u64::from(MAX_SCRIPTS));
            return Some(refused(self.caller.refuse("workflow", &limit)));
        }
        self.scripts_asked += 1;
        let script = match self.run.find_script(&asked.target) {
            Ok(script) => script,
            Err(message) => return Some(Reply::Failed(format!("unknown: {message}"))),
        };
        let nested = match self.prepare_script(&script, asked) {
            Ok(nested) => nested,
            Err(error) => return Some(refused(error)),
        };
        if !self.schedule.begin(number, self.role.delivery()) {
            self.run.monitor().end(nested.instance);
            return Some(taken(number));
        }
        self.children.insert(number, nested.instance);
        self.scripts.push_back((number, Box::new(nested)));
        None
    }

    fn prepare_script(
        &self,
        script: &SavedScript,
        asked: &NestedWorkflow,
    ) -> Result<Nested, GuestError> {
        let run = &self.run;
        let failed = |message: &str| GuestError::Failed(message.to_owned());
        let plugin = run.engine().and_then(|name| run.plugins.get(name));
        let plugin = plugin.ok_or_else(|| {
            failed("unknown: the policy names no plugin `script` that could run it")
        })?;
        let mark = run.derive("workflow", self.scripts_asked, 0);
        let program = if script.trusted {
            Label::BOTTOM
        } else {
            UNTRUSTED
        };
        let child = self.caller.nest(Handle(asked.arguments), program, mark)?;
        let key = key(plugin.digest(), script, &child);
        let step = run.replay().nested(&key);
        let role = Role {
            step,
            told: run.told_by_scripts(),
        };
        let parts = labels(run, &child)?;
        let (args, held) = arguments(run, step, &child)?;
        let text = ScriptTask {
            file: &script.file,
            source: &script.source,
            args,
            spent: self.told_tokens,
            nested: true,
        };
        Ok(Nested {
            plugin: plugin.name().to_owned(),
            limits: plugin.manifest().limits().within(run.compiled.ceiling),
            instance: child.instance,
            role,
            name: asked.target.clone(),
            key,
            source: digest(script.source.as_bytes()),
            parts,
            task: Task {
                text: text.write(run),
                parts: held,
                options: "{}".to_owned(),
            },
        })
    }

    /// Starts as many as may run at the same time.
    pub(super) fn start_scripts(&mut self) {
        while self.scripts_running < MAX_SCRIPTS_AT_ONCE {
            let Some((number, nested)) = self.scripts.pop_front() else {
                break;
            };
            self.scripts_running += 1;
            let going_on = self.run.waiting().begin();
            self.go(number, Job::Workflow(nested), going_on);
        }
    }
}

/// What it is found again by, so that it is given the same batches under the same number.
fn key(engine: &str, script: &SavedScript, child: &Child) -> String {
    let mut text = format!("lazaret workflow 1\n{engine}\n{:?}\n", script.file);
    writeln!(text, "{}", digest(script.source.as_bytes())).ok();
    for content in &child.held {
        writeln!(text, "{}", content.payload().digest()).ok();
    }
    digest(text.as_bytes())
}

fn labels(run: &Run, child: &Child) -> Result<Vec<PartRef>, GuestError> {
    let monitor = run.monitor();
    let mut parts = Vec::new();
    for handle in &child.handles {
        let shown = monitor.describe(child.instance, *handle);
        let (_, label) = shown.map_err(|_gone| {
            GuestError::Failed("the arguments of the workflow are gone".to_owned())
        })?;
        parts.push(PartRef {
            name: "args".to_owned(),
            label: run.label_text(label),
        });
    }
    Ok(parts)
}

/// Arguments at the script's own label are values from the start; others are held.
fn arguments(
    run: &Arc<Run>,
    step: u32,
    child: &Child,
) -> Result<(Option<Value>, Vec<Part>), GuestError> {
    let caller = Caller::new(Arc::clone(run), child.instance, step);
    let mut held = Vec::new();
    for handle in &child.handles {
        if caller.is_at_its_label(*handle) {
            let text = caller.read(*handle)?;
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            // A script without arguments sees none.
            return Ok((Some(value).filter(|value| !value.is_null()), held));
        }
        held.push(Part {
            name: "args".to_owned(),
            content: handle.0,
        });
    }
    Ok((None, held))
}

/// Runs another script to its end. Boxed, because it drives an orchestrator in its turn.
pub(super) fn run(
    run: Arc<Run>,
    nested: Nested,
) -> Pin<Box<dyn Future<Output = Result<Done, HostError>> + Send>> {
    Box::pin(async move {
        record_start(&run, &nested)?;
        let plugin = run.plugins.get(&nested.plugin);
        let plugin = plugin.ok_or(HostError::Internal("the script engine is gone"))?;
        let task = nested.task.clone();
        let end = super::run(
            &run,
            plugin,
            &nested.limits,
            nested.instance,
            task,
            nested.role,
        )
        .await?;
        finish(&run, &nested, end)
    })
}

fn record_start(run: &Run, nested: &Nested) -> Result<(), HostError> {
    let event = {
        let monitor = run.monitor();
        let label = |label: Result<Label, _>| run.label_text(label.unwrap_or(Label::TOP));
        Event::StepStarted {
            step: nested.role.step,
            name: nested.name.clone(),
            profile: PROFILE.to_owned(),
            task: nested.source.clone(),
            parts: nested.parts.clone(),
            start: label(monitor.current(nested.instance)),
            clearance: label(monitor.clearance(nested.instance)),
            key: nested.key.clone(),
            phase: String::new(),
            at_ms: run.now_ms(),
        }
    };
    run.queue(&event, Vec::new())
}

/// A recalled part of a run never takes the answer from here: the script runs again, and only
/// what it asked for is recalled. So what is recorded is for the reader.
fn finish(run: &Run, nested: &Nested, end: End) -> Result<Done, HostError> {
    let own = || run.monitor().current(nested.instance).unwrap_or(Label::TOP);
    let ended = match end {
        End::Answer(answer) => step::to_payload(answer),
        End::Failure(failure) if failure.message.starts_with(VIOLATION) => {
            return Ok(Done::Violation(failure, own()));
        }
        End::Violation(failure, label) => return Ok(Done::Violation(failure, own().join(label))),
        End::Failure(failure) => Err(Stopped::new(Cause::Failure, failure.message)),
        End::Stopped(stopped) => Err(Stopped::new(stopped.cause, stopped.sentence())),
        End::Waiting => return Err(HostError::Internal("a nested workflow was parked")),
    };
    let (ending, failed) = match ended {
        Ok(ending) => (ending, None),
        Err(stopped) => {
            let payload = Payload::failure(&stopped.message);
            (Ending::Failed(payload), Some(stopped))
        }
    };
    let label = run.current_label(nested.instance);
    let ended = run
        .monitor()
        .finish(nested.instance, ending)
        .map_err(|_denial| HostError::Internal("a step ended twice"))?;
    let (answer, blob) = run.store(
        ended.content().payload(),
        ended.content().facts().labels.joined(),
    )?;
    let ending = match &failed {
        None => EndingText::Value { answer },
        Some(stopped) => EndingText::Failed {
            cause: stopped.cause.as_str().to_owned(),
            message: stopped.message.clone(),
        },
    };
    let event = Event::StepFinished {
        step: nested.role.step,
        ending,
        label,
        given: None,
        at_ms: run.now_ms(),
    };
    run.queue(&event, vec![blob])?;
    if let Some(stopped) = failed {
        run.tally().failures.push(Failed {
            step: nested.role.step,
            name: format!("workflow {}", nested.name),
            message: stopped.message,
            taint: run.taint_of(&ended),
        });
    }
    Ok(Done::Workflow(ended))
}
