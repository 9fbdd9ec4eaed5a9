//! An effect that was begun and whose result was lost, and that is not safe to make again: a
//! person says what became of it. It is never repeated without a word.

use lazaret_kernel::ledger;
use lazaret_kernel::monitor::{EffectPermit, Terms};
use lazaret_workflow::approval::{AskedCall, Word};
use serde_json::json;

use super::Caller;
use super::ask::Heard;
use super::effect::Intent;
use super::shown::{Shown, digest_arguments, hash, hex};
use crate::approval::QUESTION_MS;
use crate::error::HostError;
use crate::payload::Payload;
use crate::run::payer_name;

/// What becomes of an effect in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// It was made; its answer is lost.
    Done,
    /// It is made again.
    Repeat,
    /// It counts as failed, and is not made again.
    Failed,
}

impl Caller {
    /// Asks a person what became of an effect. One that the person may not read counts as failed.
    pub(super) async fn settle_doubt(
        &self,
        permit: &EffectPermit,
        effect: u32,
        inputs: &[(String, Payload)],
        intent: &Intent,
    ) -> Result<Settled, HostError> {
        let run = &self.run;
        if !run.operator().is_subset(permit.inputs().readers) {
            return Ok(Settled::Failed);
        }
        let shown = self.doubt(permit, effect, inputs, intent)?;
        // Where no more can be asked, or nobody answered in time, it counts as failed.
        let Ok((item, Heard::Said(said))) = self.hear(&intent.function, &shown).await else {
            return Ok(Settled::Failed);
        };
        // Before it is made again: dying once more, it is asked about once more.
        if let Some(event) = run.approvals.used(&run.writer, item)? {
            run.record(&event, Vec::new()).await?;
        }
        Ok(match said.word {
            Word::Done => Settled::Done,
            Word::Repeat => Settled::Repeat,
            Word::Approved | Word::Endorsed | Word::Edited | Word::Denied => Settled::Failed,
        })
    }

    fn doubt(
        &self,
        permit: &EffectPermit,
        effect: u32,
        inputs: &[(String, Payload)],
        intent: &Intent,
    ) -> Result<Shown, HostError> {
        let run = &self.run;
        let repeats = run.approvals.repeats(&run.writer, self.step, effect)?;
        let terms = Terms {
            run: hash(&[run.writer.id().as_str()]),
            request: u64::from(self.step) << 32 | u64::from(effect),
            arguments: digest_arguments(&intent.arguments),
            rules: hash(&["in doubt"]),
        };
        let label = run.label_text(permit.inputs());
        let bound = json!([
            hex(terms.run),
            terms.request,
            hex(terms.arguments),
            "in doubt",
            repeats,
            intent.function,
            label,
        ]);
        let now = run.approvals.now_ms();
        let call = AskedCall {
            step: self.step,
            question: effect,
            function: intent.function.clone(),
            arguments: intent.arguments.clone(),
            label,
            recipients: run.principals(permit.recipients()),
            untolerated: Vec::new(),
            unread_by: Some(Vec::new()),
            origins: ledger::payers(permit.origins()).map(payer_name).collect(),
            rule: "it may have been made, and is not safe to make twice".to_owned(),
            binding: hex(hash(&[&bound.to_string()])),
            asked_ms: now,
            expires_ms: now.saturating_add(QUESTION_MS),
            addressed_by: None,
            editor: None,
            in_doubt: Some(effect),
        };
        Ok(Shown {
            values: inputs.to_vec(),
            call,
            terms,
            blobs: intent.blobs.clone(),
            number: effect,
        })
    }
}
