//! What all instances of one run share: the monitor, the journal, the plugins, the mounts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use lazaret_journal::{Blob, Record, RunWriter, Status as JournalStatus};
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::Payer;
use lazaret_kernel::monitor::Monitor;
use lazaret_kernel::origins::Origins;
use lazaret_policy::compiled::Compiled;
use lazaret_workflow::event::{ContentRef, Event, LabelText};
use lazaret_workflow::status::Status;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::bindings::types;
use crate::error::HostError;
use crate::models::Model;
use crate::payload::Payload;
use crate::plugin::Plugin;
use crate::progress::{Observer, Progress};

/// One run, shared by all its instances.
pub(crate) struct Run {
    pub(crate) compiled: Compiled,
    pub(crate) plugins: BTreeMap<String, Arc<Plugin>>,
    pub(crate) mounts: BTreeMap<String, cap_std::fs::Dir>,
    /// The models, by alias.
    pub(crate) models: BTreeMap<String, Model>,
    /// One call at a time for each tool: its files are read, changed and written back.
    pub(crate) tool_turns: BTreeMap<String, tokio::sync::Mutex<()>>,
    pub(crate) seed: u64,
    pub(crate) started_ms: u64,
    pub(crate) writer: RunWriter,
    pub(crate) observer: Observer,
    monitor: Mutex<Monitor<Payload>>,
    tally: Mutex<Tally>,
    questions: Mutex<BTreeMap<String, u64>>,
    descriptions: OnceLock<BTreeMap<String, types::ToolDescription>>,
    printed: Mutex<Option<Payload>>,
}

/// What is counted while the run goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    pub(crate) failures: Vec<(u32, String, String)>,
    pub(crate) denials: Vec<DeniedAct>,
    pub(crate) denials_dropped: u64,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    /// In millionths of a US dollar, as far as prices are known.
    pub(crate) cost_micros: u64,
}

/// A call that the monitor refused, as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedAct {
    /// The step that asked for it.
    pub step: u32,
    /// What was asked.
    pub act: String,
    /// The code of the rule's kind.
    pub code: &'static str,
    /// The rule that decided.
    pub rule: String,
    /// The refusal in a sentence.
    pub message: String,
    /// What is allowed instead.
    pub remedy: String,
}

/// The most refusals that a run keeps; further ones are counted.
pub(crate) const MAX_DENIALS_KEPT: usize = 10_000;

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("id", self.writer.id())
            .finish_non_exhaustive()
    }
}

/// What a run is made of.
pub(crate) struct Parts {
    pub(crate) compiled: Compiled,
    pub(crate) plugins: BTreeMap<String, Arc<Plugin>>,
    pub(crate) mounts: BTreeMap<String, cap_std::fs::Dir>,
    pub(crate) models: BTreeMap<String, Model>,
    pub(crate) seed: u64,
    pub(crate) started_ms: u64,
    pub(crate) writer: RunWriter,
    pub(crate) observer: Observer,
}

impl Run {
    pub(crate) fn new(parts: Parts) -> Self {
        let monitor = Mutex::new(Monitor::new(parts.compiled.tables.clone()));
        let tool_turns = parts
            .compiled
            .tools
            .keys()
            .map(|name| (name.clone(), tokio::sync::Mutex::new(())))
            .collect();
        Self {
            compiled: parts.compiled,
            plugins: parts.plugins,
            mounts: parts.mounts,
            models: parts.models,
            tool_turns,
            seed: parts.seed,
            started_ms: parts.started_ms,
            writer: parts.writer,
            observer: parts.observer,
            monitor,
            tally: Mutex::new(Tally::default()),
            questions: Mutex::default(),
            descriptions: OnceLock::new(),
            printed: Mutex::default(),
        }
    }

    /// The monitor's state stays consistent when a holder of the lock panics: every
    /// method of it either refuses or completes.
    pub(crate) fn monitor(&self) -> MutexGuard<'_, Monitor<Payload>> {
        self.monitor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what the tools say of their functions. The first word counts.
    pub(crate) fn describe(&self, descriptions: BTreeMap<String, types::ToolDescription>) {
        drop(self.descriptions.set(descriptions));
    }

    /// Returns what the tools say of their functions, by full name.
    pub(crate) fn descriptions(&self) -> impl Iterator<Item = &types::ToolDescription> {
        self.descriptions
            .get()
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// Keeps the result for the operator, who is its permitted recipient.
    pub(crate) fn print(&self, result: Payload) {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        *printed = Some(result);
    }

    /// Takes the result that was printed.
    pub(crate) fn take_printed(&self) -> Option<Value> {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.take().map(|payload| payload.to_value())
    }

    /// Numbers the types that gates are asked for, in the order they come. A digest cut
    /// to 64 bits would let a guest look for two types that share one.
    pub(crate) fn question(&self, schema: String) -> u64 {
        let mut questions = self
            .questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let next = questions.len() as u64;
        *questions.entry(schema).or_insert(next)
    }

    /// Writes an event and waits until it is on the disk.
    pub(crate) async fn record(&self, event: &Event, blobs: Vec<Blob>) -> Result<(), HostError> {
        self.append(to_record(event, blobs)?).await
    }

    /// Writes an event without waiting: it is on the disk before any later effect is made.
    pub(crate) fn note(&self, event: &Event) -> Result<(), HostError> {
        drop(self.writer.append(to_record(event, Vec::new())?));
        Ok(())
    }

    /// Writes the run's last event and its status.
    pub(crate) async fn end(
        &self,
        event: &Event,
        status: Status,
        blobs: Vec<Blob>,
    ) -> Result<(), HostError> {
        let ended = JournalStatus::ended(status.as_str(), self.started_ms)?;
        let record = to_record(event, blobs)?.with_status(ended);
        self.append(record).await
    }

    async fn append(&self, record: Record) -> Result<(), HostError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.writer.append_then(
            record,
            Box::new(move |result| {
                // The receiver is gone where the step was stopped meanwhile.
                drop(sender.send(result));
            }),
        );
        receiver
            .await
            .map_err(|_gone| HostError::Internal("the journal's writer ended"))??;
        Ok(())
    }

    /// Tells the observer what happens.
    pub(crate) fn tell(&self, progress: &Progress) {
        (self.observer)(progress);
    }

    /// Puts a label into words.
    pub(crate) fn label_text(&self, label: Label) -> LabelText {
        LabelText {
            taint: self.compiled.names.tag_names(label.taint),
            readers: self.compiled.names.reader_names(label.readers),
        }
    }

    /// Stores a value in the content store and names it.
    pub(crate) fn store(
        &self,
        payload: &Payload,
        label: Label,
    ) -> Result<(ContentRef, Blob), HostError> {
        let label = self.label_text(label);
        let bytes = payload.to_value().to_string().into_bytes();
        let text = serde_json::to_string(&label)
            .map_err(|_never| HostError::Internal("a label could not be written"))?;
        let blob = Blob::new(bytes, text, "application/json")?;
        let digest = blob.digest().to_string();
        Ok((ContentRef { digest, label }, blob))
    }

    /// Returns a number that is the same in a replay and differs between steps and uses.
    pub(crate) fn derive(&self, purpose: &str, step: u32, index: u64) -> u64 {
        let mut hash = Sha256::new();
        hash.update(b"lazaret derive 1");
        hash.update(self.seed.to_le_bytes());
        hash.update(purpose.as_bytes());
        hash.update(step.to_le_bytes());
        hash.update(index.to_le_bytes());
        let digest = hash.finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    /// Records bits that came down through a gate.
    pub(crate) fn note_bits(
        &self,
        step: u32,
        channel: &str,
        origins: &Origins,
        bits: lazaret_kernel::capacity::Bits,
    ) -> Result<(), HostError> {
        let payers = lazaret_kernel::ledger::payers(origins)
            .map(payer_name)
            .collect();
        self.note(&Event::Gated {
            step,
            channel: channel.to_owned(),
            payers,
            bits: bits.thousandths(),
        })
    }

    /// Returns the label to which an instance has risen, for the journal.
    pub(crate) fn current_label(&self, instance: InstanceId) -> LabelText {
        let label = self.monitor().current(instance).unwrap_or(Label::TOP);
        self.label_text(label)
    }
}

/// Names a payer as the journal and the report do.
pub(crate) fn payer_name(payer: Payer) -> String {
    match payer {
        Payer::Item(origin) => format!("item:{}", origin.0),
        Payer::Run => "run".to_owned(),
        Payer::Many => "many".to_owned(),
    }
}

fn to_record(event: &Event, blobs: Vec<Blob>) -> Result<Record, HostError> {
    let payload = serde_json::to_vec(event)
        .map_err(|_never| HostError::Internal("an event could not be written"))?;
    let mut record = Record::new(event.kind(), payload)?;
    for blob in blobs {
        record = record.with_blob(blob)?;
    }
    Ok(record)
}
