//! The run's pen: how what happens becomes records and contents of its journal.

use lazaret_journal::{Blob, Record, Status as JournalStatus};
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::instance::InstanceId;
use lazaret_kernel::label::Label;
use lazaret_kernel::ledger::{self, Payer};
use lazaret_kernel::monitor::Ended;
use lazaret_kernel::origins::Origins;
use lazaret_workflow::budget::Who;
use lazaret_workflow::event::{Basis, ContentRef, Event, LabelText};
use lazaret_workflow::status::Status;

use super::Run;
use crate::error::HostError;
use crate::payload::Payload;
use crate::remembered::label_text;

/// What a charge of bits was for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// The digest of the content, if there is one.
    pub(crate) subject: String,
    /// What was asked of it.
    pub(crate) question: String,
    /// Whether it was set aside for the one who asks.
    pub(crate) reserved: bool,
    /// From what its price follows where the question does not say it.
    pub(crate) basis: Option<Basis>,
    /// The text of the type, where there is one.
    pub(crate) schema: Option<Blob>,
}

impl Run {
    /// Writes an event and waits until it is on the disk.
    pub(crate) async fn record(&self, event: &Event, blobs: Vec<Blob>) -> Result<(), HostError> {
        self.append(to_record(event, blobs)?).await
    }

    /// Writes an event without waiting: it is on the disk before any later effect is made.
    ///
    /// A remark that an earlier part of the run has made is not written again.
    pub(crate) fn note(&self, event: &Event) -> Result<(), HostError> {
        if self.replay().noted(event) {
            return Ok(());
        }
        self.queue(event, Vec::new())
    }

    /// Writes an event with contents without waiting.
    pub(crate) fn queue(&self, event: &Event, blobs: Vec<Blob>) -> Result<(), HostError> {
        drop(self.writer.append(to_record(event, blobs)?));
        Ok(())
    }

    /// Writes that the run goes on; it may have ended before.
    pub(crate) async fn reopen(&self, event: &Event, blobs: Vec<Blob>) -> Result<(), HostError> {
        let open = JournalStatus::open(Status::Running.as_str())?;
        self.append(to_record(event, blobs)?.with_status(open))
            .await
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

    /// Stores a value in the content store and names it.
    pub(crate) fn store(
        &self,
        payload: &Payload,
        label: Label,
    ) -> Result<(ContentRef, Blob), HostError> {
        let label = self.label_text(label);
        let text = serde_json::to_string(&label)
            .map_err(|_never| HostError::Internal("a label could not be written"))?;
        let blob = payload.to_blob(text)?;
        let digest = blob.digest().to_string();
        Ok((ContentRef { digest, label }, blob))
    }

    /// Records bits that came down through a gate.
    pub(crate) fn note_bits(
        &self,
        who: Who<'_>,
        channel: &str,
        origins: &Origins,
        bits: Bits,
        asked: Asked,
    ) -> Result<(), HostError> {
        let event = Event::Gated {
            step: who.step,
            phase: who.phase.to_owned(),
            channel: channel.to_owned(),
            payers: ledger::payers(origins).map(payer_name).collect(),
            bits: bits.thousandths(),
            reserved: asked.reserved,
            subject: asked.subject,
            question: asked.question,
            basis: asked.basis,
        };
        self.queue(&event, asked.schema.into_iter().collect())
    }

    /// Puts a label into words.
    pub(crate) fn label_text(&self, label: Label) -> LabelText {
        label_text(&self.compiled.names, label)
    }

    /// Returns the label to which an instance has risen, for the journal.
    pub(crate) fn current_label(&self, instance: InstanceId) -> LabelText {
        let label = self.monitor().current(instance).unwrap_or(Label::TOP);
        self.label_text(label)
    }

    /// Names the tags of what a child gave, or of why it gave nothing.
    pub(crate) fn taint_of(&self, ended: &Ended<Payload>) -> Vec<String> {
        let labels = &ended.content().facts().labels;
        self.label_text(labels.joined()).taint
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

pub(crate) fn to_record(event: &Event, blobs: Vec<Blob>) -> Result<Record, HostError> {
    let payload = serde_json::to_vec(event)
        .map_err(|_never| HostError::Internal("an event could not be written"))?;
    let mut record = Record::new(event.kind(), payload)?;
    for blob in blobs {
        record = record.with_blob(blob)?;
    }
    Ok(record)
}
