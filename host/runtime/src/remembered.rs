//! Between the journal's words and the monitor's values: labels, facts and contents of
//! earlier parts of a run.

use std::sync::Arc;

use lazaret_journal::Digest;
use lazaret_kernel::capacity::Bits;
use lazaret_kernel::content::{Facts, ItemOrigins, Media, Vouched};
use lazaret_kernel::label::{Label, Readers, TagSet};
use lazaret_kernel::ledger::{Channel, PastCharge, Payer, Subject};
use lazaret_kernel::names::Names;
use lazaret_kernel::origins::{Origin, Origins};
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tree::LabelTree;
use lazaret_policy::channel::ChannelName;
use lazaret_policy::compiled::FunctionKind;
use lazaret_workflow::event::{FactsText, LabelText, OriginsText, VouchedText};
use lazaret_workflow::replay::PastBits;

use crate::error::HostError;
use crate::payload::Payload;
use crate::run::Run;

/// How many steps' answers are read at a time, and how many bytes of them.
const STEPS_AHEAD: usize = 512;
const BYTES_AHEAD: usize = 8 << 20;

impl Run {
    /// Reads a label of an earlier part.
    pub(crate) fn label_of(&self, text: &LabelText) -> Label {
        label_of(&self.compiled.names, text).join(self.foreign())
    }

    /// What contents carry besides where the run was taken in without trust: nobody says where
    /// they came from, or who may read them.
    pub(crate) fn foreign(&self) -> Label {
        if !self.is_foreign {
            return Label::BOTTOM;
        }
        let reader = |name| self.compiled.names.find_reader(name);
        let private = [reader("operator"), reader("models")].into_iter().flatten();
        Label {
            taint: TagSet::UNKNOWN,
            readers: private.fold(Readers::NOBODY, |all, one| all | one),
        }
    }

    /// Puts what is known of a content into the journal's words.
    pub(crate) fn facts_text(&self, facts: &Facts) -> FactsText {
        let fields = facts.labels.fields().iter();
        FactsText {
            is_text: facts.media == Media::Text,
            root: self.label_text(facts.labels.root()),
            fields: fields
                .map(|(pointer, label)| (pointer.to_string(), self.label_text(*label)))
                .collect(),
            origins: origins_text(&facts.origins),
            items: (facts.items.as_ref()).map(|items| (items.list.to_string(), items.first.0)),
            vouched: facts.items.as_ref().and_then(|items| {
                let vouched = items.vouched.as_ref()?;
                Some(VouchedText {
                    items: vouched.items.iter().copied().collect(),
                    tags: self.compiled.names.tag_names(vouched.tags),
                    floor: self.label_text(vouched.floor),
                })
            }),
        }
    }

    /// Reads what is known of a content. A pointer that cannot be read makes everything
    /// carry what stood there.
    pub(crate) fn facts_of(&self, text: &FactsText) -> Facts {
        let fields = text.fields.iter().map(|(pointer, label)| {
            let pointer = Pointer::parse(pointer).unwrap_or_default();
            (pointer, self.label_of(label))
        });
        let items = text.items.as_ref().and_then(|(list, first)| {
            let list = Pointer::parse(list).ok()?;
            let first = Origin(*first);
            // A tag that the policy does not name any more is not taken off.
            let vouched = text.vouched.as_ref().map(|vouched| Vouched {
                items: Arc::new(vouched.items.iter().copied().collect()),
                tags: (vouched.tags.iter())
                    .filter_map(|tag| self.compiled.names.find_tag(tag))
                    .fold(TagSet::EMPTY, |all, tag| all | tag),
                floor: self.label_of(&vouched.floor),
            });
            Some(ItemOrigins {
                list,
                first,
                vouched,
            })
        });
        Facts {
            labels: LabelTree::declared(self.label_of(&text.root), fields.collect()),
            origins: origins_of(&text.origins),
            items,
            media: media(text.is_text),
        }
    }

    /// Loads what a finished step gave. The next steps will most likely be asked for next: what
    /// they gave is read with it.
    pub(crate) fn load_given(&self, step: u32, digest: &str) -> Result<Payload, HostError> {
        let mut ahead = self.ahead();
        if let Some(payload) = ahead.get(digest) {
            return Ok(payload.clone());
        }
        let mut digests: Vec<Digest> = vec![digest.parse()?];
        {
            let replay = self.replay();
            let next = replay.past().steps.range(step + 1..).take(STEPS_AHEAD);
            for ending in next.filter_map(|(_, step)| step.ending.as_ref()) {
                let digest = ending.given.content.parse()?;
                if !digests.contains(&digest) {
                    digests.push(digest);
                }
            }
        }
        let journal = self.writer.journal();
        let blobs = match journal.read_blobs(&digests, BYTES_AHEAD) {
            Ok(blobs) => blobs,
            // One that is missing is told when it is needed.
            Err(_missing) => return self.load(digest),
        };
        ahead.clear();
        for (bytes, digest) in blobs.iter().zip(&digests) {
            if let Some(payload) = Payload::stored(bytes) {
                ahead.insert(digest.to_string(), payload);
            }
        }
        match ahead.get(digest) {
            Some(payload) => Ok(payload.clone()),
            None => Err(HostError::Internal("a stored value is no JSON")),
        }
    }

    /// Loads a value from the content store, which checks its digest.
    pub(crate) fn load(&self, digest: &str) -> Result<Payload, HostError> {
        let digest = digest.parse()?;
        let bytes = self.writer.journal().read_blob(digest)?;
        Payload::stored(&bytes).ok_or(HostError::Internal("a stored value is no JSON"))
    }

    /// Names who performs a function where the policy gives a name a meaning, so that an
    /// answer of another model is not taken for this one's.
    pub(crate) fn target(&self, function: &str) -> String {
        let compiled = &self.compiled;
        let function = compiled
            .function_id(function)
            .and_then(|id| compiled.function(id));
        let Some(FunctionKind::Model { target, .. }) = function.map(|function| &function.kind)
        else {
            return String::new();
        };
        let provider = compiled.providers.get(&target.provider);
        provider.map_or_else(String::new, |provider| {
            let address = provider.base_url.as_deref().unwrap_or_default();
            let model = target.model.as_deref().unwrap_or_default();
            format!("{:?} {model} {address}", provider.service)
        })
    }

    /// Reads a charge of an earlier part. One through a rule that the policy does not have
    /// any more counts in the run's sum alone.
    pub(crate) fn charge_of(&self, past: &PastBits) -> PastCharge {
        let number = || past.question.parse().unwrap_or(0);
        let numbered = || self.question(past.question.clone());
        let (channel, question) = match &past.channel {
            ChannelName::Count => (Some(Channel::Count), number()),
            ChannelName::Outcome => (Some(Channel::Outcome), number()),
            ChannelName::Order => (Some(Channel::Order), number()),
            ChannelName::Endorsement => (Some(Channel::Endorsement), 0),
            ChannelName::Decision => (Some(Channel::Decision), numbered()),
            ChannelName::Until => (None, 0),
            ChannelName::Gate(rule) => {
                let gate = self.compiled.gate_id(rule);
                (gate.map(Channel::Gate), numbered())
            }
        };
        let subject = past.subject.parse::<lazaret_journal::Digest>();
        PastCharge {
            channel,
            payers: past.payers.iter().map(|payer| payer_of(payer)).collect(),
            bits: Bits::from_thousandths(past.bits),
            subject: Subject {
                content: subject.map_or([0; 32], |digest| *digest.as_bytes()),
                question,
            },
            reserved: past.reserved,
        }
    }
}

/// Reads a label. A tag that the policy does not name any more is `unknown`, and a reader
/// that it does not name may not read: what is forgotten makes a label higher, never lower.
pub(crate) fn label_of(names: &Names, text: &LabelText) -> Label {
    let tag = |name: &String| names.find_tag(name).unwrap_or(TagSet::UNKNOWN);
    let taint = text.taint.iter().map(tag);
    let readers = text.readers.as_ref().map(|readers| {
        let readers = readers.iter().filter_map(|name| names.find_reader(name));
        readers.fold(Readers::NOBODY, |all, one| all | one)
    });
    Label {
        taint: taint.fold(TagSet::EMPTY, |all, one| all | one),
        readers: readers.unwrap_or(Readers::PUBLIC),
    }
}

/// Puts a label into words.
pub(crate) fn label_text(names: &Names, label: Label) -> LabelText {
    LabelText {
        taint: names.tag_names(label.taint),
        readers: names.reader_names(label.readers),
    }
}

pub(crate) fn media(is_text: bool) -> Media {
    if is_text { Media::Text } else { Media::Json }
}

pub(crate) fn origins_text(origins: &Origins) -> OriginsText {
    OriginsText {
        items: origins.items().iter().map(|origin| origin.0).collect(),
        many: origins.is_many(),
    }
}

pub(crate) fn origins_of(text: &OriginsText) -> Origins {
    if text.many {
        return Origins::many();
    }
    let items = text.items.iter().map(|item| Origins::of(Origin(*item)));
    items.fold(Origins::NONE, |all, one| all.union(&one))
}

fn payer_of(text: &str) -> Payer {
    let item = text
        .strip_prefix("item:")
        .and_then(|item| item.parse().ok());
    match (item, text) {
        (Some(item), _) => Payer::Item(Origin(item)),
        (None, "run") => Payer::Run,
        (None, _) => Payer::Many,
    }
}
