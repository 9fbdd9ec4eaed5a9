//! Drives one orchestrator: turn by turn, a batch of replies for a batch of requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::monitor::{Delivery as Told, Ended, EndingKind};
use lazaret_kernel::tables::ProfileId;
use lazaret_policy::limits::Limits;
use lazaret_workflow::event::Event;
use lazaret_workflow::schedule::{Delivery, Number, Schedule};
use tokio::task::JoinSet;
use wasmtime::Store;

use crate::bindings::orchestrator::Orchestrator;
use crate::bindings::turns::{
    Batch, NumberedReply, NumberedRequest, Outcome, Reply, Request, Spawning, Turn,
};
use crate::bindings::types::{Answer, Error as GuestError, Failure, Task, ToolCall};
use crate::call::{Caller, Verdict};
use crate::capability::tools;
use crate::error::HostError;
use crate::instance::{self, Stopped};
use crate::payload::Payload;
use crate::plugin::{Linked, Plugin};
use crate::progress::Progress;
use crate::run::Run;
use crate::state::GuestState;
use crate::step::{self, Step};
use crate::words;

/// The most requests of one turn.
const MAX_REQUESTS: usize = 100_000;

/// The profile of an agent for which none was named.
const DEFAULT_PROFILE: &str = "general-purpose";

/// How the orchestrator itself ended.
#[derive(Debug)]
pub(crate) enum End {
    Answer(Answer),
    Failure(Failure),
    Stopped(Stopped),
}

/// A request that takes time, before it starts.
#[derive(Debug)]
enum Job {
    Agent(Step),
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
    running: JoinSet<(Number, Result<Done, HostError>)>,
    done: BTreeMap<Number, Done>,
    next_step: u32,
    turn: u32,
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
        next_step: 1,
        turn: 0,
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
            let replies = self.answer(turn.requests).await?;
            if replies.is_empty() {
                let message = "the orchestrator asks for nothing and is not done".to_owned();
                return Ok(End::Failure(Failure { message }));
            }
            self.record_batch(&replies).await?;
            let output_tokens = self.run.tally().output_tokens;
            let batch = Batch {
                replies,
                output_tokens,
            };
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

    /// Answers what can be answered at once, starts the rest, and waits until there is
    /// something to tell.
    async fn answer(
        &mut self,
        requests: Vec<NumberedRequest>,
    ) -> Result<Vec<NumberedReply>, HostError> {
        let mut replies = Vec::new();
        for (index, NumberedRequest { id, request }) in requests.into_iter().enumerate() {
            let reply = if index < MAX_REQUESTS {
                self.take(Number(id), request)
            } else {
                let limit = words::limit("requests", MAX_REQUESTS as u64);
                Some(refused(self.caller.refuse("turn", &limit)))
            };
            if let Some(reply) = reply {
                replies.push(NumberedReply { id, reply });
            }
        }
        let planned = u64::from(self.next_step.saturating_sub(1));
        self.run.tell(&Progress::Planned(planned));
        loop {
            self.start();
            for number in self.schedule.deliverable() {
                if let Some(done) = self.done.remove(&number) {
                    let reply = self.tell(done)?;
                    replies.push(NumberedReply {
                        id: number.0,
                        reply,
                    });
                }
            }
            if !replies.is_empty() {
                return Ok(replies);
            }
            let Some(ended) = self.running.join_next().await else {
                return Ok(replies);
            };
            let (number, done) =
                ended.map_err(|_panic| HostError::Internal("a step's task ended"))?;
            self.done.insert(number, done?);
            self.schedule.finish(number);
        }
    }

    /// Answers a request that takes no time, or queues one that does.
    fn take(&mut self, number: Number, request: Request) -> Option<Reply> {
        let caller = &self.caller;
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
            Request::Spawn(spawning) => return self.spawn(number, spawning),
            Request::Open(call) | Request::Call(call) => {
                return self.queue(number, Job::Call(call), Delivery::InOrder);
            }
            Request::Wait(milliseconds) => {
                return self.queue(number, Job::Wait(milliseconds), Delivery::AtOnce);
            }
            Request::Workflow(_) => Reply::Failed("nested workflows need a script".to_owned()),
            Request::Ask(_) => Reply::Failed("nobody can be asked in this run".to_owned()),
        })
    }

    fn queue(&mut self, number: Number, job: Job, delivery: Delivery) -> Option<Reply> {
        if !self.schedule.request(number, delivery) {
            let id = number.0;
            return Some(Reply::Failed(format!("the request number {id} is taken")));
        }
        self.waiting.insert(number, job);
        None
    }

    fn phase(&self, title: String) -> Reply {
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

    fn spawn(&mut self, number: Number, spawning: Spawning) -> Option<Reply> {
        let compiled = &self.run.compiled;
        let name = match spawning.profile.as_str() {
            "" => DEFAULT_PROFILE,
            name => name,
        };
        let Some(profile) = compiled.profile_id(name) else {
            let explained = compiled.explain_unknown_profile(name);
            return Some(refused(self.caller.refuse("spawn", &explained)));
        };
        if u64::from(self.next_step) > compiled.budget.agents {
            let most = compiled.budget.agents;
            return Some(refused(
                self.caller.refuse("spawn", &words::no_more_agents(most)),
            ));
        }
        match self.prepare(profile, spawning) {
            Ok(step) => {
                self.next_step += 1;
                self.queue(number, Job::Agent(step), Delivery::InOrder)
            }
            Err(error) => Some(refused(error)),
        }
    }

    fn prepare(&self, profile: ProfileId, spawning: Spawning) -> Result<Step, GuestError> {
        let number = self.next_step;
        let rule = self.run.compiled.profile(profile);
        let rule = rule.ok_or_else(|| GuestError::Failed("the profile is gone".to_owned()))?;
        let (instance, text, handles) = self.caller.spawn(profile, number, &spawning)?;
        let names = spawning.parts.into_iter().map(|part| part.name);
        Ok(Step {
            number,
            name: spawning.name,
            profile: rule.clone(),
            instance,
            text,
            options: spawning.options,
            parts: names.zip(handles).collect(),
        })
    }

    fn start(&mut self) {
        while let Some(number) = self.schedule.next_to_start() {
            let Some(job) = self.waiting.remove(&number) else {
                continue;
            };
            let run = Arc::clone(&self.run);
            let caller = self.caller.clone();
            self.running
                .spawn(async move { (number, perform(run, caller, job).await) });
        }
    }

    /// What the orchestrator may know of a result.
    fn tell(&self, done: Done) -> Result<Reply, HostError> {
        let ended = match done {
            Done::Reply(reply) => return Ok(reply),
            Done::Agent(ended) => ended,
        };
        let origins = *ended.origins();
        let told = self.run.monitor().deliver(self.caller.instance(), ended);
        Ok(match told {
            Ok(Told::Outcome(kind, handle, bits)) => {
                if bits.thousandths() > 0 {
                    self.run.note_bits(0, "outcome", &origins, bits)?;
                }
                Reply::Outcome(outcome(kind, handle))
            }
            Ok(Told::Sealed(handle)) => Reply::Content(handle.0),
            Err(denial) => refused(self.caller.deny("spawn", denial)),
        })
    }

    async fn record_batch(&mut self, replies: &[NumberedReply]) -> Result<(), HostError> {
        let event = Event::Batch {
            turn: self.turn,
            numbers: replies.iter().map(|reply| reply.id).collect(),
        };
        self.turn += 1;
        self.run.record(&event, Vec::new()).await
    }
}

/// Trap, timeout, excess and a dead model look alike: why it failed is for the operator.
fn outcome(kind: EndingKind, handle: Handle) -> Outcome {
    match kind {
        EndingKind::Value => Outcome::Value(handle.0),
        EndingKind::None => Outcome::None,
        EndingKind::Failed => Outcome::Failed("the agent failed".to_owned()),
    }
}

async fn perform(run: Arc<Run>, caller: Caller, job: Job) -> Result<Done, HostError> {
    Ok(match job {
        Job::Agent(step) => Done::Agent(step::run(run, step).await?),
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
