//! What the policy declares of an answer: its labels by field, its items, whose are trusted.

use std::sync::Arc;

use lazaret_kernel::content::{Facts, ItemOrigins, Media};
use lazaret_kernel::label::{Label, TagSet};
use lazaret_kernel::monitor::EffectPermit;
use lazaret_kernel::origins::Origins;
use lazaret_kernel::tree::LabelTree;
use lazaret_policy::compiled::{FilesAct, Function, FunctionKind};

use super::Caller;
use crate::payload::Payload;
use crate::run::Run;

impl Caller {
    /// The facts of an answer of which the source declared nothing.
    pub(super) fn undeclared(&self, permit: &EffectPermit, label: Label) -> Facts {
        Facts::flat(label, Origins::NONE, self.declared_media(permit))
    }

    /// A file is text and everything else is JSON, whatever the bytes are.
    pub(super) fn declared_media(&self, permit: &EffectPermit) -> Media {
        let function = self.run.compiled.function(permit.function());
        match function.map(|function| &function.kind) {
            Some(FunctionKind::Files {
                act: FilesAct::Read,
                ..
            }) => Media::Text,
            _ => Media::Json,
        }
    }

    /// What the policy declares of an answer: its fields and its items. A failure is none.
    pub(super) fn declared_facts(
        &self,
        permit: &EffectPermit,
        ok: bool,
        payload: &Payload,
    ) -> Facts {
        let mut facts = self.undeclared(permit, Label::BOTTOM);
        let function = self.run.compiled.function(permit.function());
        let Some(answer) = function.map(|function| &function.answer).filter(|_| ok) else {
            return facts;
        };
        if let Some(labels) = &answer.labels {
            facts.labels = labels.clone();
        }
        if let Some(list) = &answer.items {
            let value = payload.project(list).to_value();
            let items = value.as_array().map_or(&[][..], Vec::as_slice);
            let count = items.len();
            let labels = &facts.labels;
            let trusted = answer.trusted_if.as_ref();
            let vouched = trusted.map(|trusted| trusted.vouched(items, labels));
            facts.items = Some(ItemOrigins {
                list: list.clone(),
                first: self
                    .run
                    .new_origins(u32::try_from(count).unwrap_or(u32::MAX)),
                vouched,
            });
        }
        facts
    }
}

impl Run {
    /// The labels that the policy gives a function's answers, by field. What one answers that it
    /// does not name any more is content that nobody labelled.
    pub(super) fn answer_labels(&self, function: &str) -> LabelTree {
        let compiled = &self.compiled;
        let id = compiled.function_id(function);
        let Some(rule) = id.and_then(|id| compiled.tables.function(id)) else {
            return LabelTree::flat(Label {
                taint: TagSet::UNKNOWN,
                readers: compiled.private,
            });
        };
        let named = self.named(function);
        let fields = named.and_then(|one| one.answer.labels.clone());
        fields.unwrap_or_else(|| LabelTree::flat(rule.source))
    }

    /// Which items of a recorded answer are of trusted principals: those that were then and are
    /// now.
    pub(super) fn vouch_again(&self, function: &str, payload: &Payload, facts: &mut Facts) {
        let function = self.named(function);
        let trusted = function.and_then(|function| function.answer.trusted_if.as_ref());
        let Some(items) = &mut facts.items else {
            return;
        };
        let now = trusted.map(|trusted| {
            let value = payload.project(&items.list).to_value();
            let all = value.as_array().map_or(&[][..], Vec::as_slice);
            trusted.vouched(all, &facts.labels)
        });
        items.vouched = items.vouched.take().zip(now).map(|(mut was, now)| {
            was.items = Arc::new(was.items.intersection(&now.items).copied().collect());
            was.tags = was.tags & now.tags;
            was
        });
    }

    fn named(&self, function: &str) -> Option<&Function> {
        let id = self.compiled.function_id(function)?;
        self.compiled.function(id)
    }
}
