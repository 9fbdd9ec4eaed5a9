//! Carries the run's own orchestrator from its first instance to its printed result.

use std::sync::Arc;

use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::origins::Origins;
use lazaret_policy::compiled::{FunctionKind, Workflow};
use lazaret_workflow::approval::Standing;
use lazaret_workflow::budget::Spent;
use lazaret_workflow::replay::Steps;
use lazaret_workflow::status::Status;
use serde_json::Value;

use crate::bindings::types::{Answer, Error as GuestError, Part, Task};
use crate::call::{Caller, Given};
use crate::ending::finish;
use crate::entry::Entered;
use crate::error::HostError;
use crate::hand_over::{self, HandedOver};
use crate::orchestrate::{self, End, Role, Told};
use crate::orders;
use crate::payload::Payload;
use crate::report::{Report, TreeReport};
use crate::run::Run;
use crate::scripts::{STATE_PART, State, UNTRUSTED};
use crate::words;

/// What the orchestrator's task is made of.
pub(crate) struct Start {
    pub(crate) text: String,
    pub(crate) with_argument: bool,
    pub(crate) is_trusted: bool,
    pub(crate) state: Option<State>,
}

/// Starts the orchestrator, prints what it gives, hands over the files, and reports.
pub(crate) async fn conduct(
    run: &Arc<Run>,
    workflow: &Workflow,
    entered: Entered,
    start: Start,
) -> Result<Report, HostError> {
    let plugin = run.plugins.get(&workflow.plugin).ok_or_else(|| {
        HostError::plugin(&workflow.plugin, "the policy uses it, but it is not there")
    })?;
    let Entered {
        facts,
        payload,
        refused,
    } = entered;
    let (instance, handle) = admit(run, workflow, facts, payload, &start)?;
    let task = task(run, instance, handle, start)?;
    let role = Role {
        step: 0,
        told: if run.scripts.is_script {
            run.told_by_scripts()
        } else {
            Told::Handles
        },
    };
    let end = tokio::select! {
        biased;
        end = orchestrate::run(run, plugin, &workflow.limits, instance, task, role) => end?,
        () = run.purse().overdue() => End::Waiting,
        error = orders::obey(run) => return Err(error),
    };
    orders::end(run);
    let result = give(run, instance, end).await;
    let (result, tree) = handed_over(run, instance, result).await?;
    let report = finish(run, result, &refused).await?;
    Ok(Report { tree, ..report })
}

fn admit(
    run: &Run,
    workflow: &Workflow,
    facts: Facts,
    payload: Payload,
    first: &Start,
) -> Result<(InstanceId, Handle), HostError> {
    // The orchestrator may see what is trusted, for those who may read the argument.
    let trusted = Label {
        readers: facts.labels.root().readers,
        ..Label::BOTTOM
    };
    let clearance = workflow.clearance.label(trusted);
    // A script whose arguments the operator typed, or left out, starts from nothing secret.
    let start = if first.with_argument {
        trusted
    } else {
        Label::BOTTOM
    };
    let start = if first.is_trusted {
        start
    } else {
        start.join(UNTRUSTED)
    };
    let mark = run.derive("root", 0, 0);
    let mut monitor = run.monitor();
    let instance = monitor.start_root(start, clearance, workflow.grants, mark);
    let handle = monitor
        .admit(instance, facts, payload)
        .map_err(|_denial| HostError::Internal("the first handle was refused"))?;
    Ok((instance, handle))
}

/// What the orchestrator is told first: a text, the run's argument, what an earlier round left.
fn task(
    run: &Run,
    instance: InstanceId,
    argument: Handle,
    start: Start,
) -> Result<Task, HostError> {
    let argument = start.with_argument.then(|| Part {
        name: "args".to_owned(),
        content: argument.0,
    });
    let state = start.state.map(|state| admit_state(run, instance, state));
    Ok(Task {
        text: start.text,
        parts: argument.into_iter().chain(state.transpose()?).collect(),
        options: "{}".to_owned(),
    })
}

/// Gives a script what an earlier round has left, at the label that it had.
fn admit_state(run: &Run, instance: InstanceId, state: State) -> Result<Part, HostError> {
    let label = run.label_of(&state.label);
    let facts = Facts::flat(label, Origins::NONE, Media::Json);
    let handle = run
        .monitor()
        .admit(instance, facts, Payload::json(state.value))
        .map_err(|_denial| HostError::Internal("the state was refused"))?;
    Ok(Part {
        name: STATE_PART.to_owned(),
        content: handle.0,
    })
}

/// The printed result with its label, or how the run ended without one and why.
pub(crate) type Printed = Result<(Value, Label), Unprinted>;

/// How a run ended that gave no result, and why.
#[derive(Debug)]
pub(crate) struct Unprinted {
    pub(crate) status: Status,
    pub(crate) message: String,
    /// The label of the message.
    pub(crate) label: Label,
}

impl Unprinted {
    /// What the host says.
    fn told(status: Status, message: String) -> Self {
        Self {
            status,
            message,
            label: Label::BOTTOM,
        }
    }

    /// What the orchestrator says, or another one that it has called.
    fn said(message: String, label: Label) -> Self {
        Self {
            status: status_of(&message),
            message,
            label,
        }
    }
}

/// Prints the result: an effect like any other, whose recipient is the operator.
async fn give(run: &Arc<Run>, instance: InstanceId, end: End) -> Printed {
    // That there is no result, and why, is the orchestrator's word: it carries what that knew.
    let own = || run.monitor().current(instance).unwrap_or(Label::TOP);
    let failed = |message| Unprinted {
        status: Status::Failed,
        message,
        label: own(),
    };
    let answer = match end {
        End::Answer(answer) => answer,
        End::Waiting => {
            return Err(match run.purse().spent() {
                Some(spent) => Unprinted::told(Status::BudgetExhausted, more_for(run, spent)),
                None => Unprinted::told(Status::Waiting, waiting_for(run)),
            });
        }
        End::Failure(failure) => return Err(Unprinted::said(failure.message, own())),
        End::Violation(failure, label) => {
            return Err(Unprinted::said(failure.message, own().join(label)));
        }
        End::Stopped(stopped) => {
            return Err(failed(format!("the workflow {}", stopped.sentence())));
        }
    };
    let caller = Caller::new(Arc::clone(run), instance, 0);
    let handle = match answer {
        Answer::Text(text) => caller.create_text(text),
        Answer::Json(json) => caller.create_json(&json),
        Answer::Content(handle) => Ok(Handle(handle)),
    };
    let printed = match handle {
        Ok(handle) => print(&caller, handle).await,
        Err(error) => Err(error),
    };
    printed.map_err(|error| {
        let reason = words::sentence(&error);
        failed(format!(
            "the result could not be printed: {reason}; a policy lets it with `print = true` in [workflow]"
        ))
    })
}

/// Hands over the files, unless the run goes on: a person may have to say whether.
async fn handed_over(
    run: &Arc<Run>,
    instance: InstanceId,
    result: Printed,
) -> Result<(Printed, Option<TreeReport>), HostError> {
    let waits = (result.as_ref()).is_err_and(|end| end.status == Status::Waiting);
    // A run that a budget has stopped goes on later; one step alone is nobody's result.
    let is_part =
        run.purse().spent().is_some() || matches!(run.replay().settings().steps, Steps::Only(_));
    if waits || is_part {
        return Ok((result, None));
    }
    let told = Box::pin(hand_over::hand_over(run, instance, result.is_ok())).await?;
    Ok(match told {
        HandedOver::Nothing => (result, None),
        HandedOver::Told(tree) => (result, Some(tree)),
        HandedOver::Waiting => {
            let waits = Unprinted::told(Status::Waiting, waiting_for(run));
            (Err(waits), None)
        }
    })
}

/// Says what is spent, and what to type.
pub(crate) fn more_for(run: &Run, spent: &Spent) -> String {
    let (key, section) = spent.key();
    let id = run.writer.id();
    if spent.is_of_run_tokens() && run.scripts.launched_tokens == Some(spent.limit) {
        return format!("{spent}; go on with more: `lazaret resume {id} --tokens N`");
    }
    format!(
        "{spent}; raise `{key}` in {section} and go on with `lazaret resume {id} --policy FILE`"
    )
}

/// Says what waits, and what to type.
fn waiting_for(run: &Run) -> String {
    let id = run.writer.id();
    let now = run.approvals.now_ms();
    let all = run.approvals.all();
    let waiting = all
        .iter()
        .filter(|item| item.standing(now) == Standing::Waiting);
    let count = waiting.count();
    format!("{count} call(s) wait for a person; `lazaret approve {id}` shows them")
}

async fn print(caller: &Caller, handle: Handle) -> Result<(Value, Label), GuestError> {
    let run = caller.run();
    let name = run
        .compiled
        .functions
        .iter()
        .find(|function| function.kind == FunctionKind::Print)
        .map_or("run.print", |function| function.name.as_str());
    let (_, label) = caller.describe(handle)?;
    // Which content is the result is the word of the one who gives it.
    let own = run.monitor().current(caller.instance());
    let label = label.join(own.unwrap_or(Label::TOP));
    let arguments = vec![("value".to_owned(), Given::Content(handle))];
    caller.effect(name, arguments).await?;
    let value = run.take_printed().unwrap_or_default();
    Ok((value, label))
}

/// A quarantine violation names itself; nothing that a script can catch or fake makes
/// the run look better than it is.
fn status_of(message: &str) -> Status {
    if message.starts_with("quarantine-violation:") {
        Status::QuarantineViolation
    } else if message.starts_with("budget:") {
        Status::BudgetExhausted
    } else {
        Status::Failed
    }
}
