//! The choke point: every act of every guest passes here — decide, perform, record, answer.
//!
//! Nothing else in this crate asks the monitor on behalf of a guest, and nothing else
//! performs an effect. One file an act: [`content`], [`gate`], [`effect`], [`spawn`];
//! [`doors`] and [`web`] are the typed doors to the one effect, [`refusal`] asks the monitor and puts
//! its refusals into words, [`meter`] counts what an instance makes the host keep, [`afford`] keeps to the budgets,
//! [`answered`] takes answers from earlier parts of the run, [`tree`] says what commands can send.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};

use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::pointer::Pointer;
use lazaret_workflow::event::Counted;
use serde_json::Value;

pub(crate) use self::answered::{above_recorded, offer};
pub(crate) use self::effect::Given;
pub(crate) use self::gate::Verdict;
pub(crate) use self::meter::MAX_CREATE_BYTES;
pub(crate) use self::question::Answered;
pub(crate) use self::spawn::Child;
use crate::bindings::types::Error as GuestError;
use crate::run::Run;
use crate::tree::Tree;
use crate::waiting::Flight;
use crate::watch::Watch;

mod afford;
mod answered;
mod ask;
mod content;
mod declared;
mod doors;
mod doubt;
mod effect;
mod gate;
mod instead;
mod meter;
mod question;
mod refusal;
mod ruled;
mod shown;
mod spawn;
mod tree;
mod web;

/// One instance, as the one who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    run: Arc<Run>,
    instance: InstanceId,
    step: u32,
    /// The effect that is being made for this caller.
    making: Option<u32>,
    /// The effect whose tool this caller is.
    within: Option<u32>,
    /// The number of the orchestrator's request that it makes, if it makes one.
    question: Option<u32>,
    /// How many questions it has put to a person.
    asked: Arc<AtomicU32>,
    /// How many of its calls were decided by their number.
    ruled: Arc<AtomicU32>,
    /// What the journal notes of the call that is being made, where its function's are counted.
    counted: Option<Arc<Counted>>,
    /// The effects that it has in flight.
    flight: Flight,
    kept: Arc<AtomicU64>,
    held: Arc<AtomicU64>,
    /// Whether it was noted what it was told of its tools.
    offered: Arc<AtomicBool>,
    watch: Arc<Watch>,
    /// The agent's own, where this is a tool that it called.
    outer: Option<Arc<Watch>>,
    /// The most tokens that an answer may have, where that is limited.
    most_tokens: Option<u64>,
    /// Tokens that models may write for it.
    tokens: Option<u64>,
    about: Arc<About>,
    /// Its own worktree, where it has one.
    worktree: Option<Arc<Tree>>,
}

/// What the operator calls an instance, by which its model may be chosen.
#[derive(Debug, Default)]
struct About {
    name: String,
    phase: String,
    /// The profile; empty for the orchestrator.
    profile: String,
}

impl Caller {
    pub(crate) fn new(run: Arc<Run>, instance: InstanceId, step: u32) -> Self {
        Self {
            run,
            instance,
            step,
            making: None,
            within: None,
            question: None,
            asked: Arc::default(),
            ruled: Arc::default(),
            counted: None,
            flight: Flight::default(),
            kept: Arc::default(),
            held: Arc::default(),
            offered: Arc::default(),
            watch: Arc::new(Watch::new(u64::MAX / 1_000_000, u64::MAX / 1_000_000)),
            outer: None,
            most_tokens: None,
            tokens: None,
            about: Arc::default(),
            worktree: None,
        }
    }

    /// The same caller under its name, in its phase.
    pub(crate) fn named(self, name: &str, phase: &str, profile: &str) -> Self {
        let about = About {
            name: name.to_owned(),
            phase: phase.to_owned(),
            profile: profile.to_owned(),
        };
        Self {
            about: Arc::new(about),
            ..self
        }
    }

    /// The same caller, at work in a worktree of its own.
    pub(crate) fn working_in(self, worktree: Option<Arc<Tree>>) -> Self {
        Self { worktree, ..self }
    }

    /// The same caller with a limit on the tokens that models write for it.
    pub(crate) fn allowed(self, tokens: Option<u64>) -> Self {
        Self { tokens, ..self }
    }

    /// The same caller under a watch.
    pub(crate) fn watched(&self, watch: &Arc<Watch>) -> Self {
        Self {
            watch: Arc::clone(watch),
            ..self.clone()
        }
    }

    /// The caller for the instance of a tool that this one called.
    pub(crate) fn tool(&self, instance: InstanceId) -> Self {
        Self {
            instance,
            making: None,
            within: self.making,
            question: None,
            outer: Some(Arc::clone(self.outer.as_ref().unwrap_or(&self.watch))),
            flight: Flight::default(),
            kept: Arc::default(),
            held: Arc::default(),
            ..self.clone()
        }
    }

    /// The caller for one of several requests that an orchestrator makes at the same time.
    pub(crate) fn request(&self, number: u32) -> Self {
        Self {
            question: Some(number),
            flight: Flight::default(),
            ..self.clone()
        }
    }

    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// Returns the tree that this caller works on.
    pub(crate) async fn tree(&self) -> Result<Arc<Tree>, String> {
        match &self.worktree {
            Some(own) => Ok(Arc::clone(own)),
            None => self.run.tree().await,
        }
    }

    pub(crate) fn instance(&self) -> InstanceId {
        self.instance
    }

    pub(crate) fn tokens(&self) -> Option<u64> {
        self.tokens
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Returns the watch over the agent itself.
    pub(crate) fn agent_watch(&self) -> &Watch {
        self.outer.as_deref().unwrap_or(&self.watch)
    }

    pub(crate) fn most_tokens(&self) -> Option<u64> {
        self.most_tokens
    }

    pub(crate) fn step(&self) -> u32 {
        self.step
    }

    pub(crate) fn derive(&self, purpose: &str, index: u64) -> u64 {
        // The number of the effect and not of the instance: that one depends on what else
        // ran at the same time.
        let made = self.making.or(self.within);
        let own = made.map_or(0, |effect| u64::from(effect) + 1) << 32 | index;
        self.run.derive(purpose, self.step, own)
    }
}

fn parse_json(text: &str) -> Result<Value, GuestError> {
    serde_json::from_str(text)
        .map_err(|error| GuestError::Invalid(format!("malformed JSON: {error}")))
}

fn parse_pointer(text: &str) -> Result<Pointer, GuestError> {
    Pointer::parse(text).map_err(|error| GuestError::Invalid(error.to_string()))
}
