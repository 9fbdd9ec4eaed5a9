//! Drives an orchestrator, turn by turn: starts what it asks for, gives it batches of answers.
//!
//! One file each for what belongs together: [`agents`] starts children, [`nested`] runs other
//! scripts, [`batch`] answers a turn, [`pace`] says what goes into one, [`tell`] what a child
//! gave, [`tokens`] what it used.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::Label;
use lazaret_kernel::monitor::Ended;
use lazaret_policy::limits::Limits;
use lazaret_workflow::event::Event;
use lazaret_workflow::schedule::{Delivery, Number, Schedule};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime::Store;

use self::nested::Nested;
use crate::bindings::orchestrator::Orchestrator;
use crate::bindings::turns::{Outcome, Question, Reply, Request, Said, Turn};
use crate::bindings::types::{Answer, Error as GuestError, Failure, Task, ToolCall};
use crate::call::{Answered, Caller, Verdict};
use crate::capability::tools;
use crate::error::HostError;
use crate::instance::{self, Stopped};
use crate::payload::Payload;
use crate::plugin::{Linked, Plugin};
use crate::progress::Progress;
use crate::run::Run;
use crate::state::GuestState;
use crate::step::{self, Step};
use crate::waiting::{Counted, Load, Queue};
use crate::words::{self, Limit};

mod agents;
mod batch;
mod nested;
mod pace;
mod tell;
mod tokens;

/// The most requests of one turn.
const MAX_REQUESTS: usize = 100_000;

/// The longest that an orchestrator may wait at once, a week: longer is a schedule's task.
const MAX_WAIT_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// How the orchestrator itself ended.
#[derive(Debug)]
pub(crate) enum End {
    Answer(Answer),
    Failure(Failure),
    /// Another script that it called looked where it may not: what that says, at its label.
    Violation(Failure, Label),
    Stopped(Stopped),
    /// Nothing goes on until a person answers.
    Waiting,
}

/// How an orchestrator is told what its children gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// By handle: it reveals what it wants.
    Handles,
    /// As values, where that raises nothing; in the order of the starts.
    CleanValues,
    /// As values, and it rises with each; in the order of the ends.
    Values,
}

/// Which orchestrator of the run it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Role {
    /// Its step; 0 is the run's own.
    pub(crate) step: u32,
    pub(crate) told: Told,
}

impl Role {
    fn is_nested(self) -> bool {
        self.step != 0
    }

    /// When what a child gave may be delivered.
    fn delivery(self) -> Delivery {
        match self.told {
            Told::Values => Delivery::AtOnce,
            Told::Handles | Told::CleanValues => Delivery::InOrder,
        }
    }
}

/// A request that takes time, before it starts.
#[derive(Debug)]
enum Job {
    Agent(Box<Step>),
    Call(ToolCall),
    Ask(Question),
    Wait(u64),
    Workflow(Box<Nested>),
}

impl Job {
    /// The instance that was started for it.
    fn instance(&self) -> Option<InstanceId> {
        match self {
            Self::Agent(step) => Some(step.instance),
            Self::Workflow(nested) => Some(nested.instance()),
            Self::Call(_) | Self::Ask(_) | Self::Wait(_) => None,
        }
    }
}

/// What a job gave.
#[derive(Debug)]
enum Done {
    /// An agent, by its step.
    Agent(u32, Ended<Payload>),
    Workflow(Ended<Payload>),
    /// A nested script looked where it may not: no script can catch that.
    Violation(Failure, Label),
    Reply(Reply),
}

/// A job that ended: its number, what it gave, and that it went on until here.
type JobEnded = (Number, Result<Done, HostError>, Counted);

/// The state of the drive.
struct Drive {
    run: Arc<Run>,
    caller: Caller,
    role: Role,
    schedule: Schedule,
    waiting: BTreeMap<Number, Job>,
    /// Other scripts that wait until fewer of them run.
    scripts: VecDeque<(Number, Box<Nested>)>,
    scripts_running: usize,
    scripts_asked: u32,
    /// How many children were asked for.
    spawned: u32,
    /// How many turns asked for agents, this one included.
    wave: u32,
    /// The instances of the children that have no result yet.
    children: BTreeMap<Number, InstanceId>,
    /// Each goes on until its end was noticed here.
    running: JoinSet<JobEnded>,
    done: BTreeMap<Number, Done>,
    turn: u32,
    /// The output tokens that the orchestrator was last told of.
    told_tokens: u64,
    /// Steps that were answered from an earlier part of the run, since it was last noted.
    recalled: Vec<u32>,
    phase: String,
    load: watch::Receiver<Load>,
    queue: Queue,
    /// Whether nothing goes on until a person answers.
    parked: bool,
    /// What ends the orchestrator whatever it does.
    violation: Option<(Failure, Label)>,
}

/// Runs an orchestrator to its end. Requests that are still running then are abandoned.
pub(crate) async fn run(
    run: &Arc<Run>,
    plugin: &Plugin,
    limits: &Limits,
    instance: InstanceId,
    task: Task,
    role: Role,
) -> Result<End, HostError> {
    let Linked::Orchestrator(linked) = plugin.linked()? else {
        return Err(HostError::plugin(
            plugin.name(),
            "the plugin is no orchestrator",
        ));
    };
    let caller = Caller::new(Arc::clone(run), instance, role.step);
    let mut store = instance::store_of_turns(&caller, limits, linked.engine());
    let mut drive = Drive::new(run, caller, role);
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
    fn new(run: &Arc<Run>, caller: Caller, role: Role) -> Self {
        Self {
            run: Arc::clone(run),
            caller,
            role,
            schedule: Schedule::new(run.at_once()),
            waiting: BTreeMap::new(),
            scripts: VecDeque::new(),
            scripts_running: 0,
            scripts_asked: 0,
            spawned: 0,
            wave: 0,
            children: BTreeMap::new(),
            running: JoinSet::new(),
            done: BTreeMap::new(),
            turn: 0,
            told_tokens: 0,
            recalled: Vec::new(),
            phase: String::new(),
            load: run.waiting().watch(),
            queue: run.waiting().queue(),
            parked: false,
            violation: None,
        }
    }

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
            if let Some((violation, label)) = self.violation.take() {
                self.running.shutdown().await;
                return Ok(End::Violation(violation, label));
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
                Ok(Verdict::Part(own)) => Reply::Content(own.0),
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
            Request::Workflow(asked) => return self.nest(number, &asked),
            // When a person answers is as much the person's word as what the answer is.
            Request::Ask(question) => {
                return self.queue(number, Job::Ask(question), Delivery::AtOnce);
            }
        })
    }

    fn queue(&mut self, number: Number, job: Job, delivery: Delivery) -> Option<Reply> {
        if !self.schedule.request(number, delivery) {
            return Some(taken(number));
        }
        if let Some(instance) = job.instance() {
            self.children.insert(number, instance);
        }
        self.waiting.insert(number, job);
        None
    }

    fn phase(&mut self, title: String) -> Reply {
        self.phase.clone_from(&title);
        self.caller = self.caller.clone().named("", &title, "");
        self.run.tell(&Progress::Phase(title.clone()));
        match self.run.note(&Event::Phase { title }) {
            Ok(()) => Reply::Done,
            Err(error) => refused(words::host_failed(&error)),
        }
    }

    /// A request that has not started is answered as none; one that runs goes on.
    fn cancel(&mut self, number: Number) -> Reply {
        let queued = self.waiting.remove(&number).or_else(|| {
            let at = self.scripts.iter().position(|(one, _)| *one == number)?;
            let (_, nested) = self.scripts.remove(at)?;
            Some(Job::Workflow(nested))
        });
        if let Some(job) = queued {
            if let Some(instance) = job.instance() {
                self.run.monitor().end(instance);
            }
            self.children.remove(&number);
            self.done
                .insert(number, Done::Reply(Reply::Outcome(Outcome::None)));
            self.schedule.finish(number);
        }
        Reply::Done
    }

    /// Waits, unless an earlier part of the run has waited.
    fn sleep(&mut self, number: Number, milliseconds: u64) -> Option<Reply> {
        if milliseconds > MAX_WAIT_MS {
            let limit = words::limit(Limit::WaitMs, MAX_WAIT_MS);
            return Some(refused(self.caller.refuse("wait", &limit)));
        }
        let step = self.role.step;
        let is_past = self.run.makes_up() || self.run.replay().was_answered(step, number.0);
        if is_past && self.schedule.recall(number, Delivery::AtOnce) {
            self.done.insert(number, Done::Reply(Reply::Done));
            return None;
        }
        self.queue(number, Job::Wait(milliseconds), Delivery::AtOnce)
    }

    /// Starts what there is room for: the run's places are all its orchestrators'.
    fn start(&mut self) {
        self.schedule.lend(self.load.borrow().asked());
        if self.run.purse().spent().is_some() {
            // Nothing new starts, and what waits does not keep the run from ending.
            self.queue.set(0);
            return;
        }
        while self.schedule.can_start() {
            let place = self.run.waiting().begin_in_place(self.run.at_once());
            let Some(going_on) = place else { break };
            let Some(number) = self.schedule.next_to_start() else {
                break;
            };
            if let Some(job) = self.waiting.remove(&number) {
                self.go(number, job, going_on);
            }
        }
        self.queue.set(self.waiting.len());
        self.start_scripts();
    }

    fn go(&mut self, number: Number, job: Job, going_on: Counted) {
        let run = Arc::clone(&self.run);
        let caller = self.caller.request(number.0);
        self.running.spawn(async move {
            let done = perform(run, caller, job).await;
            (number, done, going_on)
        });
    }
}

fn taken(number: Number) -> Reply {
    let id = number.0;
    Reply::Failed(format!("the request number {id} is taken"))
}

async fn perform(run: Arc<Run>, caller: Caller, job: Job) -> Result<Done, HostError> {
    Ok(match job {
        Job::Agent(step) => {
            let number = step.number;
            Done::Agent(number, step::run(run, *step).await?)
        }
        Job::Workflow(nested) => nested::run(run, *nested).await?,
        Job::Call(call) => Done::Reply(content(tools::make(&caller, call).await)),
        Job::Ask(question) => Done::Reply(match Box::pin(caller.ask_about(question)).await {
            Ok(answered) => Reply::Said(said(answered)),
            Err(error) => refused(error),
        }),
        Job::Wait(milliseconds) => {
            let time = std::time::Duration::from_millis(milliseconds);
            tokio::select! {
                () = tokio::time::sleep(time) => Done::Reply(Reply::Done),
                () = run.purse().exhausted() => caller.stand_still().await,
            }
        }
    })
}

fn said(answered: Answered) -> Said {
    match answered {
        Answered::Approved => Said::Approved,
        Answered::Denied => Said::Denied,
        Answered::Expired => Said::Expired,
        Answered::Edited(handle) => Said::Edited(handle.0),
    }
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
