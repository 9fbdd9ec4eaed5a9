//! The choke point: every act of every guest passes here — decide, perform, record, answer.
//!
//! Nothing else in this crate asks the monitor on behalf of a guest, and nothing else
//! performs an effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use lazaret_kernel::content::{Facts, Media};
use lazaret_kernel::denial::Denial;
use lazaret_kernel::instance::{Handle, InstanceId};
use lazaret_kernel::label::{Label, Readers};
use lazaret_kernel::monitor::{Argument, EffectPermit, Monitor};
use lazaret_kernel::origins::Origins;
use lazaret_kernel::pointer::Pointer;
use lazaret_kernel::tables::{ArgumentId, ProfileId};
use lazaret_policy::closed;
use lazaret_policy::compiled::FunctionKind;
use lazaret_policy::explain::Explained;
use lazaret_workflow::event::{ArgumentRef, Event};
use serde_json::Value;

use crate::bindings::turns::Spawning;
use crate::bindings::types::{self, Error as GuestError};
use crate::error::HostError;
use crate::payload::{self, Payload, Piece};
use crate::perform;
use crate::run::{DeniedAct, MAX_DENIALS_KEPT, Run};
use crate::words;

mod doors;

/// The most bytes that one call may hand over as text or JSON.
pub(crate) const MAX_CREATE_BYTES: usize = 8 << 20;

/// The most bytes that one instance may have the host keep.
pub(crate) const MAX_KEPT_BYTES: u64 = 256 << 20;

/// The most bytes of answers that one instance may be given: its handles keep them all.
pub(crate) const MAX_HELD_BYTES: u64 = 512 << 20;

/// What a piece or a leaf of a composition counts for besides its text: without it a
/// list of handles would be free.
const PART_BYTES: usize = 64;

/// The most characters of an act that a refusal repeats: a guest may name any.
const MAX_ACT_CHARS: usize = 80;

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

/// An argument of an effect.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    /// Written by the caller.
    Plain(Value),
    /// A content that the caller holds.
    Content(Handle),
}

/// What a gate answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Value(String),
    Invalid,
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

    /// Makes a text at the caller's label.
    pub(crate) fn create_text(&self, text: String) -> Result<Handle, GuestError> {
        self.keep(text.len())?;
        self.act("content.create-text", |monitor, caller| {
            monitor.create(caller, Media::Text, Payload::text(text))
        })
    }

    /// Makes a JSON value at the caller's label.
    pub(crate) fn create_json(&self, json: &str) -> Result<Handle, GuestError> {
        self.keep_as(json.len(), json_bytes(json))?;
        let value = parse_json(json)?;
        self.act("content.create-json", |monitor, caller| {
            monitor.create(caller, Media::Json, Payload::json(value))
        })
    }

    pub(crate) fn describe(&self, handle: Handle) -> Result<(Media, Label), GuestError> {
        self.act("content.describe", |monitor, caller| {
            monitor.describe(caller, handle)
        })
    }

    /// Raises the caller's label and gives the value.
    pub(crate) fn read(&self, handle: Handle) -> Result<String, GuestError> {
        let content = self.act("content.read", |monitor, caller| {
            monitor.read(caller, handle)
        })?;
        Ok(match content.facts().media {
            Media::Text => content.payload().to_text(),
            Media::Json => content.payload().to_value().to_string(),
        })
    }

    pub(crate) fn project(&self, handle: Handle, pointer: &str) -> Result<Handle, GuestError> {
        self.keep(pointer.len())?;
        let pointer = parse_pointer(pointer)?;
        self.act("content.project", |monitor, caller| {
            monitor.project(caller, handle, &pointer, |payload| {
                payload.project(&pointer)
            })
        })
    }

    pub(crate) fn compose_text(&self, pieces: Vec<types::Piece>) -> Result<Handle, GuestError> {
        let kept = pieces.iter().map(|piece| match piece {
            types::Piece::Literal(text) => PART_BYTES + text.len(),
            types::Piece::Content(_) => PART_BYTES,
        });
        self.keep(kept.sum())?;
        let leaves: Vec<_> = words::handles_of(&pieces)
            .map(|handle| (None, handle))
            .collect();
        self.act("content.compose-text", |monitor, caller| {
            monitor.compose(caller, Media::Text, &leaves, |contents| {
                let mut contents = contents.iter();
                let pieces = pieces.into_iter().filter_map(|piece| match piece {
                    types::Piece::Literal(text) => Some(Piece::Literal(text)),
                    types::Piece::Content(_) => contents
                        .next()
                        .map(|content| Piece::Content(content.payload().clone())),
                });
                Payload::pieces(pieces.collect())
            })
        })
    }

    pub(crate) fn compose_json(
        &self,
        skeleton: &str,
        leaves: &[types::Leaf],
    ) -> Result<Handle, GuestError> {
        let kept = leaves.iter().map(|leaf| PART_BYTES + leaf.pointer.len());
        self.keep(kept.sum())?;
        self.keep_as(skeleton.len(), json_bytes(skeleton))?;
        let skeleton = parse_json(skeleton)?;
        let mut placed = Vec::new();
        for leaf in leaves {
            let pointer = parse_pointer(&leaf.pointer)?;
            if skeleton.pointer(&leaf.pointer).is_none() {
                let place = &leaf.pointer;
                return Err(GuestError::Invalid(format!(
                    "the skeleton has nothing at `{place}`"
                )));
            }
            placed.push((Some(pointer), Handle(leaf.content)));
        }
        self.act("content.compose-json", |monitor, caller| {
            monitor.compose(caller, Media::Json, &placed, |contents| {
                let payloads = contents.iter().map(|content| content.payload().clone());
                let pointers = placed.iter().filter_map(|(pointer, _)| pointer.clone());
                Payload::composition(skeleton, pointers.zip(payloads).collect())
            })
        })
    }

    pub(crate) fn split(&self, handle: Handle, max: u32) -> Result<Vec<Handle>, GuestError> {
        let mut origins = Origins::NONE;
        let (handles, bits) = self.act("content.split", |monitor, caller| {
            origins = monitor.origins(caller, handle)?;
            monitor.split(caller, handle, max, |payload| payload.items(max as usize))
        })?;
        self.note_bits("count", &origins, bits)?;
        Ok(handles)
    }

    /// Lets a content through a gate, as a value of a closed type.
    pub(crate) fn gate(
        &self,
        handle: Handle,
        schema: &str,
        rule: &str,
    ) -> Result<Verdict, GuestError> {
        self.keep(schema.len())?;
        let written = parse_json(schema)?;
        let schema = closed::from_schema(&written)
            .map_err(|problem| self.refuse("gate.pass", &words::not_closed(&problem)))?;
        let Some(gate) = self.run.compiled.gate_id(rule) else {
            return Err(self.refuse(
                "gate.pass",
                &self.run.compiled.explain_gate_not_granted(rule),
            ));
        };
        let question = self.run.question(written.to_string());
        let permit = self.act("gate.pass", |monitor, caller| {
            monitor.gate(caller, handle, gate, question, schema.capacity())
        })?;
        self.note_bits(rule, &permit.content().facts().origins, permit.charged())?;
        let value = permit.content().payload().to_value();
        Ok(match closed::normalise(&schema, &value) {
            Some(value) => Verdict::Value(value.to_string()),
            None => Verdict::Invalid,
        })
    }

    /// Makes one effect: decide, record the intent, perform, record the result, answer.
    pub(crate) async fn effect(
        &self,
        function: &str,
        arguments: Vec<(String, Given)>,
    ) -> Result<Handle, GuestError> {
        for (name, given) in &arguments {
            if let Given::Plain(value) = given {
                self.keep(name.len() + payload::size_of_json(value))?;
            }
        }
        let permit = self.permit(function, &arguments)?;
        let inputs = self.dereference(&permit, &arguments)?;
        let effect = self.effects.fetch_add(1, Ordering::Relaxed);
        self.intend(function, effect, &permit, &inputs)
            .await
            .map_err(|error| words::host_failed(&error))?;
        let result = perform::perform(self, &permit, inputs).await;
        let (ok, payload, facts) = match result {
            Ok(output) if self.holds_too_much(&output.payload) => {
                let failure = format!("the answers are more than `held-bytes` of {MAX_HELD_BYTES}");
                (false, Payload::failure(&failure), None)
            }
            Ok(output) => (true, output.payload, output.facts),
            Err(failure) => (false, Payload::failure(&failure), None),
        };
        let media = self.declared_media(&permit);
        let label = self.run.monitor().answer_label(&permit);
        let (answer, blob) = self
            .run
            .store(&payload, label)
            .map_err(|error| words::host_failed(&error))?;
        let event = Event::EffectDone {
            step: self.step,
            effect,
            ok,
            answer,
        };
        self.run
            .record(&event, vec![blob])
            .await
            .map_err(|error| words::host_failed(&error))?;
        if !ok && !permit.is_sealed() {
            return Err(GuestError::Failed(
                payload.project(&error_field()).to_text(),
            ));
        }
        let facts = facts.unwrap_or_else(|| Facts::flat(Label::BOTTOM, Origins::NONE, media));
        self.act(function, |monitor, _| {
            monitor.answer(&permit, facts, payload)
        })
    }

    /// Starts a child of a profile, and gives its instance, its task's text and its own
    /// handles of the parts.
    pub(crate) fn spawn(
        &self,
        profile: ProfileId,
        step: u32,
        spawning: &Spawning,
    ) -> Result<(InstanceId, String, Vec<Handle>), GuestError> {
        let text: Vec<Handle> = words::handles_of(&spawning.text).collect();
        let parts: Vec<Handle> = spawning
            .parts
            .iter()
            .map(|part| Handle(part.content))
            .collect();
        let mark = self.run.derive("agent", step, 0);
        let spawned = self.act("spawn", |monitor, caller| {
            monitor.spawn(caller, profile, &text, &parts, mark)
        })?;
        let mut contents = spawned.text.iter();
        let text = spawning.text.iter().map(|piece| match piece {
            types::Piece::Literal(text) => text.clone(),
            types::Piece::Content(_) => contents
                .next()
                .map_or_else(String::new, |content| content.payload().to_text()),
        });
        Ok((spawned.child, text.collect(), spawned.parts))
    }

    /// Decides an effect, by names.
    fn permit(
        &self,
        function: &str,
        arguments: &[(String, Given)],
    ) -> Result<EffectPermit, GuestError> {
        let compiled = &self.run.compiled;
        let Some(id) = compiled.function_id(function) else {
            return Err(self.refuse(function, &compiled.explain_not_granted(function)));
        };
        let mut judged: Vec<(ArgumentId, Argument)> = Vec::new();
        for (name, given) in arguments {
            let Some(argument) = compiled.argument_id(id, name) else {
                return Err(self.deny(function, Denial::UnknownArgument(id)));
            };
            if judged.iter().any(|(other, _)| *other == argument) {
                return Err(GuestError::Invalid(format!(
                    "the argument `{name}` is given twice"
                )));
            }
            judged.push((
                argument,
                match given {
                    Given::Plain(_) => Argument::Plain,
                    Given::Content(handle) => Argument::Content(*handle),
                },
            ));
        }
        self.act(function, |monitor, caller| {
            monitor.effect(caller, id, &judged, Readers::NOBODY)
        })
    }

    /// A file is text and everything else is JSON, whatever the bytes are.
    fn declared_media(&self, permit: &EffectPermit) -> Media {
        let function = self.run.compiled.function(permit.function());
        match function.map(|function| &function.kind) {
            Some(FunctionKind::FilesRead { .. }) => Media::Text,
            _ => Media::Json,
        }
    }

    fn dereference(
        &self,
        permit: &EffectPermit,
        arguments: &[(String, Given)],
    ) -> Result<Vec<(String, Payload)>, GuestError> {
        let mut inputs = Vec::new();
        for (name, given) in arguments {
            let payload = match given {
                Given::Plain(value) => Payload::json(value.clone()),
                Given::Content(handle) => {
                    let content = self.act("dereference", |monitor, _| {
                        monitor.argument(permit, *handle)
                    })?;
                    content.payload().clone()
                }
            };
            inputs.push((name.clone(), payload));
        }
        Ok(inputs)
    }

    async fn intend(
        &self,
        function: &str,
        effect: u32,
        permit: &EffectPermit,
        inputs: &[(String, Payload)],
    ) -> Result<(), HostError> {
        let mut arguments = Vec::new();
        let mut blobs = Vec::new();
        for (name, payload) in inputs {
            let (content, blob) = self.run.store(payload, permit.inputs())?;
            arguments.push(ArgumentRef {
                name: name.clone(),
                content,
            });
            blobs.push(blob);
        }
        blobs.sort_by_key(|blob| *blob.digest().as_bytes());
        blobs.dedup_by_key(|blob| blob.digest());
        let event = Event::EffectIntended {
            step: self.step,
            effect,
            function: function.to_owned(),
            arguments,
        };
        self.run.record(&event, blobs).await
    }

    /// Asks the monitor; a refusal is recorded and put into words.
    fn act<T>(
        &self,
        act: &str,
        decide: impl FnOnce(&mut Monitor<Payload>, InstanceId) -> Result<T, Denial>,
    ) -> Result<T, GuestError> {
        let decision = decide(&mut self.run.monitor(), self.instance);
        decision.map_err(|denial| self.deny(act, denial))
    }

    pub(crate) fn deny(&self, act: &str, denial: Denial) -> GuestError {
        self.refuse(act, &self.run.compiled.explain(&denial))
    }

    /// Records a refusal and gives it to the guest as a value.
    pub(crate) fn refuse(&self, act: &str, explained: &Explained) -> GuestError {
        let act: String = act.chars().take(MAX_ACT_CHARS).collect();
        let kept = {
            let mut tally = self.run.tally();
            let kept = tally.denials.len() < MAX_DENIALS_KEPT;
            if kept {
                tally.denials.push(DeniedAct {
                    step: self.step,
                    act: act.clone(),
                    code: explained.code,
                    rule: explained.rule.clone(),
                    message: explained.message.clone(),
                    remedy: explained.remedy.clone(),
                });
            } else {
                tally.denials_dropped += 1;
            }
            kept
        };
        if kept {
            let event = Event::Denied {
                step: self.step,
                act,
                code: explained.code.to_owned(),
                rule: explained.rule.clone(),
            };
            if let Err(error) = self.run.note(&event) {
                return words::host_failed(&error);
            }
        }
        GuestError::Denied(words::denial(explained))
    }

    fn note_bits(
        &self,
        channel: &str,
        origins: &Origins,
        bits: lazaret_kernel::capacity::Bits,
    ) -> Result<(), GuestError> {
        if bits == lazaret_kernel::capacity::Bits::ZERO {
            return Ok(());
        }
        self.run
            .note_bits(self.step, channel, origins, bits)
            .map_err(|error| words::host_failed(&error))
    }

    /// Counts the bytes of an answer. Their number is the answer's secret: past the limit
    /// the call has failed, and that goes where its success would have gone.
    fn holds_too_much(&self, answer: &Payload) -> bool {
        let bytes = answer.bytes() as u64;
        self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_HELD_BYTES
    }

    /// Counts bytes that the caller makes the host keep. It knows their number itself.
    fn keep(&self, bytes: usize) -> Result<(), GuestError> {
        self.keep_as(bytes, bytes)
    }

    /// The same for bytes that take more room with the host than where they come from.
    fn keep_as(&self, given: usize, kept: usize) -> Result<(), GuestError> {
        let sum = self.kept.fetch_add(kept as u64, Ordering::Relaxed) + kept as u64;
        let limit = if given > MAX_CREATE_BYTES {
            words::limit("create-bytes", MAX_CREATE_BYTES as u64)
        } else if sum > MAX_KEPT_BYTES {
            words::limit("kept-bytes", MAX_KEPT_BYTES)
        } else {
            return Ok(());
        };
        Err(self.refuse("content.create", &limit))
    }
}

/// About the room that a JSON text takes once it is parsed: each value has its node.
fn json_bytes(text: &str) -> usize {
    let separators = text.bytes().filter(|byte| b",[{".contains(byte));
    text.len() + separators.count() * size_of::<Value>()
}

fn error_field() -> Pointer {
    std::iter::once("error".to_owned()).collect()
}

fn parse_json(text: &str) -> Result<Value, GuestError> {
    serde_json::from_str(text)
        .map_err(|error| GuestError::Invalid(format!("malformed JSON: {error}")))
}

fn parse_pointer(text: &str) -> Result<Pointer, GuestError> {
    Pointer::parse(text).map_err(|error| GuestError::Invalid(error.to_string()))
}
