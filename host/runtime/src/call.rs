//! The choke point: every act of every guest passes here — decide, perform, record, answer.
//!
//! Nothing else in this crate asks the monitor on behalf of a guest, and nothing else
//! performs an effect. One file an act: [`content`], [`gate`], [`effect`], [`spawn`];
//! [`doors`] are the typed doors to the one effect, [`refusal`] asks the monitor and puts
//! its refusals into words, [`meter`] counts what an instance makes the host keep.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64};

use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::pointer::Pointer;
use serde_json::Value;

pub(crate) use self::effect::Given;
pub(crate) use self::gate::Verdict;
use crate::bindings::types::Error as GuestError;
use crate::run::Run;

mod content;
mod doors;
mod effect;
mod gate;
mod meter;
mod refusal;
mod spawn;

/// One instance, as the one who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    run: Arc<Run>,
    instance: InstanceId,
    step: u32,
    effects: Arc<AtomicU32>,
    kept: Arc<AtomicU64>,
    held: Arc<AtomicU64>,
}

impl Caller {
    pub(crate) fn new(run: Arc<Run>, instance: InstanceId, step: u32) -> Self {
        Self {
            run,
            instance,
            step,
            effects: Arc::default(),
            kept: Arc::default(),
            held: Arc::default(),
        }
    }

    /// The caller for the instance of a tool that this one called. Its effects count
    /// with this one's.
    pub(crate) fn tool(&self, instance: InstanceId) -> Self {
        Self {
            instance,
            kept: Arc::default(),
            held: Arc::default(),
            ..self.clone()
        }
    }

    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.run
    }

    pub(crate) fn instance(&self) -> InstanceId {
        self.instance
    }

    pub(crate) fn step(&self) -> u32 {
        self.step
    }

    pub(crate) fn derive(&self, purpose: &str, index: u64) -> u64 {
        let own = self.instance.0 << 32 | index;
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
