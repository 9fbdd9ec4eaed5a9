//! Drives one orchestrator: turn by turn, a batch of replies for a batch of requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::monitor::{Delivery as Told, Ended, EndingKind};
use lazaret_kernel::tables::ProfileId;
use lazaret_policy::limits::Limits;
use lazaret_workflow::event::Event;
use lazaret_workflow::replay::Found;
use lazaret_workflow::schedule::{Delivery, Number, Schedule};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime::Store;

use crate::bindings::orchestrator::Orchestrator;
use crate::bindings::turns::{Outcome, Reply, Request, Spawning, Turn};
use crate::bindings::types::{Answer, Error as GuestError, Failure, Task, ToolCall};
use crate::call::{Caller, Verdict};
use crate::capability::tools;
use crate::error::HostError;
use crate::instance::{self, Stopped};
use crate::payload::Payload;
use crate::plugin::{Linked, Plugin};
use crate::progress::Progress;
use crate::recall;
use crate::run::{Asked, Run};
use crate::state::GuestState;
use crate::step::{self, Step};
use crate::waiting::{Counted, Load};
use crate::words;

mod batch;

/// The most requests of one turn.
const MAX_REQUESTS: usize = 100_000;

/// The longest that an orchestrator may wait at once, a week: longer is a schedule's task.
const MAX_WAIT_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// The profile of an agent for which none was named.
const DEFAULT_PROFILE: &str = "general-purpose";

/// How the orchestrator itself ended.
#[derive(Debug)]
pub(crate) enum End {
    Answer(Answer),
    Failure(Failure),
    Stopped(Stopped),
    /// Nothing goes on until a person answers.
    Waiting,
}

/// A request that takes time, before it starts.
#[derive(Debug)]
enum Job {
    Agent(Box<Step>),
    Call(ToolCall),
    Wait(u64),
}

/// What a job gave.
#[derive(Debug)]
enum Done {
    Agent(Ended<Payload>),
    Reply(Reply),
}

/// The state of the drive.
struct Drive {
    run: Arc<Run>,
    caller: Caller,
    schedule: Schedule,
    waiting: BTreeMap<Number, Job>,
    /// Each goes on until its end was noticed here.
    running: JoinSet<(Number, Result<Done, HostError>, Counted)>,
    done: BTreeMap<Number, Done>,
    turn: u32,
    /// Steps that were answered from an earlier part of the run, since it was last noted.
    recalled: Vec<u32>,
    phase: String,
    load: watch::Receiver<Load>,
    /// Whether nothing goes on until a person answers.
    parked: bool,
}

/// Runs an orchestrator to its end. Requests that are still running then are abandoned.
pub(crate) async fn run(
    run: &Arc<Run>,
    plugin: &Plugin,
    limits: &Limits,
    instance: InstanceId,
    task: Task,
    at_once: usize,
) -> Result<End, HostError> {
    let Linked::Orchestrator(linked) = plugin.linked() else {
        return Err(HostError::plugin(
            plugin.name(),
            "the plugin is no orchestrator",
        ));
    };
    let caller = Caller::new(Arc::clone(run), instance, 0);
    let mut store = instance::store(&caller, limits, linked.engine());
    let mut drive = Drive {
        run: Arc::clone(run),
        caller,
        schedule: Schedule::new(at_once),
        waiting: BTreeMap::new(),
        running: JoinSet::new(),
        done: BTreeMap::new(),
        turn: 0,
        recalled: Vec::new(),
        phase: String::new(),
        load: run.waiting().watch(),
        parked: false,
    };
    let started = instance::bounded(&mut store, limits, async |mut store| {
        instance::refuel(store, limits)?;
        let guest = linked.instantiate_async(&mut store).await?;
        let turn = guest.call_start(&mut store, &task).await?;
        Ok((guest, turn))
    })
    .await;
    let (guest, turn) = match started {
        Ok(started) => started,
        Err(stopped) => return Ok(End::Stopped(stopped)),
    };
    drive.turns(&guest, &mut store, limits, turn).await
}

impl Drive {
    async fn turns(
        &mut self,
        guest: &Orchestrator,
        store: &mut Store<GuestState>,
        limits: &Limits,
        mut turn: Turn,
    ) -> Result<End, HostError> {
        loop {
            if let Some(finished) = turn.finished {
                self.running.shutdown().await;
                return Ok(match finished {
                    Ok(answer) => End::Answer(answer),
                    Err(failure) => End::Failure(failure),
                });
            }
            let batch = self.batch(turn.requests).await?;
            if self.parked {
                self.running.shutdown().await;
                return Ok(End::Waiting);
            }
            if batch.replies.is_empty() {
                let message = "the orchestrator asks for nothing and is not done".to_owned();
                return Ok(End::Failure(Failure { message }));
            }
            let next = instance::bounded(store, limits, async |mut store| {
                instance::refuel(store, limits)?;
                guest.call_resume(&mut store, &batch).await
            })
            .await;
            turn = match next {
                Ok(turn) => turn,
                Err(stopped) => return Ok(End::Stopped(stopped)),
            };
        }
    }

    /// Answers a request that takes no time, or queues one that does.
    fn take(&mut self, number: Number, request: Request) -> Option<Reply> {
        let caller = self.caller.clone();
        Some(match request {
            Request::Project(of) => content(caller.project(Handle(of.content), &of.pointer)),
            Request::ComposeText(pieces) => content(caller.compose_text(pieces)),
            Request::ComposeJson(of) => content(caller.compose_json(&of.skeleton, &of.leaves)),
            Request::Split(of) => match caller.split(Handle(of.content), of.max) {
                Ok(handles) => Reply::Contents(handles.into_iter().map(|one| one.0).collect()),
                Err(error) => refused(error),
            },
            Request::Gate(of) => match caller.gate(Handle(of.content), &of.schema, &of.rule) {
                Ok(Verdict::Value(value)) => Reply::Value(value),
                Ok(Verdict::Invalid) => Reply::Invalid,
                Err(error) => refused(error),
            },
            Request::Reveal(handle) => match caller.read(Handle(handle)) {
                Ok(text) => Reply::Value(text),
                Err(error) => refused(error),
            },
            Request::Phase(title) => self.phase(title),
            Request::Cancel(other) => self.cancel(Number(other)),
            Request::Spawn(spawning) => return self.spawn(number, &spawning),
            Request::Open(call) | Request::Call(call) => {
                return self.queue(number, Job::Call(call), Delivery::InOrder);
            }
            Request::Wait(milliseconds) => return self.sleep(number, milliseconds),
            Request::Workflow(_) => Reply::Failed("nested workflows need a script".to_owned()),
            Request::Ask(_) => Reply::Failed("nobody can be asked in this run".to_owned()),
        })
    }

    fn queue(&mut self, number: Number, job: Job, delivery: Delivery) -> Option<Reply> {
        if !self.schedule.request(number, delivery) {
            return Some(taken(number));
        }
        self.waiting.insert(number, job);
        None
    }

    fn phase(&mut self, title: String) -> Reply {
        self.phase.clone_from(&title);
        self.run.tell(&Progress::Phase(title.clone()));
        match self.run.note(&Event::Phase { title }) {
            Ok(()) => Reply::Done,
            Err(error) => refused(words::host_failed(&error)),
        }
    }

    /// A request that has not started is answered as none; one that runs goes on.
    fn cancel(&mut self, number: Number) -> Reply {
        if let Some(job) = self.waiting.remove(&number) {
            if let Job::Agent(step) = job {
                self.run.monitor().end(step.instance);
            }
            self.done
                .insert(number, Done::Reply(Reply::Outcome(Outcome::None)));
            self.schedule.finish(number);
        }
        Reply::Done
    }

    fn spawn(&mut self, number: Number, spawning: &Spawning) -> Option<Reply> {
        let compiled = &self.run.compiled;
        let name = match spawning.profile.as_str() {
            "" => DEFAULT_PROFILE,
            name => name,
        };
        let Some(profile) = compiled.profile_id(name) else {
            let explained = compiled.explain_unknown_profile(name);
            return Some(refused(self.caller.refuse("spawn", &explained)));
        };
        if u64::from(self.run.replay().asked()) >= compiled.budget.agents {
            let most = compiled.budget.agents;
            return Some(refused(
                self.caller.refuse("spawn", &words::no_more_agents(most)),
            ));
        }
        match self.prepare(profile, spawning) {
            Ok((step, None)) => self.queue(number, Job::Agent(Box::new(step)), Delivery::InOrder),
            Ok((step, Some(ended))) => self.answered(number, step.number, ended),
            Err(error) => Some(refused(error)),
        }
    }

    /// Starts a child, and finds what an earlier part of the run has of it.
    fn prepare(
        &self,
        profile: ProfileId,
        spawning: &Spawning,
    ) -> Result<(Step, Option<Ended<Payload>>), GuestError> {
        let run = &self.run;
        let rule = run.compiled.profile(profile);
        let rule = rule.ok_or_else(|| GuestError::Failed("the profile is gone".to_owned()))?;
        let asked = run.replay().asked() + 1;
        let child = self.caller.spawn(profile, asked, spawning)?;
        let key = recall::key(run, rule, &child, spawning);
        let (mut number, found) = run.replay().step(&key);
        let mut ended = None;
        if let Found::Done(past) = found {
            ended = recall::recall(run, profile, number, &child, &past)
                .map_err(|error| words::host_failed(&error))?;
            if ended.is_none() {
                number = run.replay().new_step();
            }
        }
        let names = spawning.parts.iter().map(|part| part.name.clone());
        let step = Step {
            number,
            key,
            name: spawning.name.clone(),
            phase: if spawning.phase.is_empty() {
                self.phase.clone()
            } else {
                spawning.phase.clone()
            },
            profile: rule.clone(),
            instance: child.instance,
            text: child.text,
            options: spawning.options.clone(),
            parts: names.zip(child.handles).collect(),
        };
        Ok((step, ended))
    }

    /// Takes the answer of a step that an earlier part of the run has finished.
    fn answered(&mut self, number: Number, step: u32, ended: Ended<Payload>) -> Option<Reply> {
        if !self.schedule.recall(number, Delivery::InOrder) {
            return Some(taken(number));
        }
        self.recalled.push(step);
        self.done.insert(number, Done::Agent(ended));
        None
    }

    /// Waits, unless an earlier part of the run has waited.
    fn sleep(&mut self, number: Number, milliseconds: u64) -> Option<Reply> {
        if milliseconds > MAX_WAIT_MS {
            let limit = words::limit("wait-ms", MAX_WAIT_MS);
            return Some(refused(self.caller.refuse("wait", &limit)));
        }
        if self.run.replay().was_answered(number.0)
            && self.schedule.recall(number, Delivery::AtOnce)
        {
            self.done.insert(number, Done::Reply(Reply::Done));
            return None;
        }
        self.queue(number, Job::Wait(milliseconds), Delivery::AtOnce)
    }

    /// Whether nothing goes on, and nothing more can start, until a person answers.
    fn waits_for_a_person(&mut self) -> bool {
        let load = *self.load.borrow_and_update();
        self.schedule.lend(load.asked());
        load.is_stuck() && !self.schedule.can_start()
    }

    fn start(&mut self) {
        self.schedule.lend(self.load.borrow().asked());
        while let Some(number) = self.schedule.next_to_start() {
            let Some(job) = self.waiting.remove(&number) else {
                continue;
            };
            let run = Arc::clone(&self.run);
            let caller = self.caller.request();
            let going_on = run.waiting().begin();
            self.running.spawn(async move {
                let done = perform(run, caller, job).await;
                (number, done, going_on)
            });
        }
    }

    /// What the orchestrator may know of a result.
    fn tell(&self, done: Done) -> Result<Reply, HostError> {
        let ended = match done {
            Done::Reply(reply) => return Ok(reply),
            Done::Agent(ended) => ended,
        };
        let (origins, mark) = (*ended.origins(), ended.mark());
        let told = self.run.monitor().deliver(self.caller.instance(), ended);
        Ok(match told {
            Ok(Told::Outcome(kind, handle, bits)) => {
                if bits.thousandths() > 0 {
                    let asked = Asked {
                        subject: String::new(),
                        question: mark.to_string(),
                    };
                    self.run.note_bits(0, "outcome", &origins, bits, asked)?;
                }
                Reply::Outcome(outcome(kind, handle))
            }
            Ok(Told::Sealed(handle)) => Reply::Content(handle.0),
            Err(denial) => refused(self.caller.deny("spawn", denial)),
        })
    }
}

fn taken(number: Number) -> Reply {
    let id = number.0;
    Reply::Failed(format!("the request number {id} is taken"))
}

/// Told of an agent none of whose answers satisfied its schema.
const UNFIT: &str = "schema: no answer of the agent satisfied its schema";

/// Trap, timeout, excess and a dead model look alike: why it failed is for the operator.
fn outcome(kind: EndingKind, handle: Handle) -> Outcome {
    match kind {
        EndingKind::Value => Outcome::Value(handle.0),
        EndingKind::None => Outcome::None,
        EndingKind::Unfit => Outcome::Failed(UNFIT.to_owned()),
        EndingKind::Failed => Outcome::Failed("the agent failed".to_owned()),
    }
}

async fn perform(run: Arc<Run>, caller: Caller, job: Job) -> Result<Done, HostError> {
    Ok(match job {
        Job::Agent(step) => Done::Agent(step::run(run, *step).await?),
        Job::Call(call) => Done::Reply(content(tools::make(&caller, call).await)),
        Job::Wait(milliseconds) => {
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
            Done::Reply(Reply::Done)
        }
    })
}

fn content(answer: Result<Handle, GuestError>) -> Reply {
    match answer {
        Ok(handle) => Reply::Content(handle.0),
        Err(error) => refused(error),
    }
}

fn refused(error: GuestError) -> Reply {
    match error {
        GuestError::Denied(denial) => Reply::Denied(denial),
        GuestError::Invalid(message) | GuestError::Failed(message) => Reply::Failed(message),
    }
}
