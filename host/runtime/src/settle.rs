//! Effects in doubt: begun, and interrupted before their result was on the disk.
//!
//! Where the host can look whether one was made, it looks, before anything else runs. A tool
//! that is a component does nothing but what its own effects do: where none of them changed
//! anything, its call is made anew; else it is led through what it has done and goes on.

use std::io::Read as _;

use lazaret_policy::compiled::{FilesAct, FunctionKind};
use lazaret_workflow::event::{Elsewhere, Event};
use lazaret_workflow::replay::{Answer, Past, PastEffect};

use crate::call::MAX_CREATE_BYTES;
use crate::error::HostError;
use crate::payload::Payload;
use crate::place::Place;
use crate::run::Run;

/// Settles what can be settled by looking.
pub(crate) async fn settle(run: &Run) -> Result<(), HostError> {
    let doubtful: Vec<((u32, u32), PastEffect)> = {
        let replay = run.replay();
        let effects = replay.past().effects.iter();
        effects
            .filter(|(_, effect)| effect.answer.is_none())
            .map(|(place, effect)| (*place, effect.clone()))
            .collect()
    };
    for ((step, number), effect) in &doubtful {
        if was_written(run, effect)? {
            note_written(run, *step, *number).await?;
        }
    }
    let mut replay = run.replay();
    for ((step, number), effect) in &doubtful {
        let is_tool = matches!(kind(run, effect), Some(FunctionKind::Tool { .. }));
        if is_tool && !changed(run, replay.past(), *step, *number) {
            replay.forget_within(*step, *number);
        }
    }
    Ok(())
}

fn kind<'a>(run: &'a Run, effect: &PastEffect) -> Option<&'a FunctionKind> {
    let id = run.compiled.function_id(&effect.function)?;
    run.compiled.function(id).map(|function| &function.kind)
}

/// Returns whether anything that a tool did within a call has changed anything.
fn changed(run: &Run, past: &Past, step: u32, within: u32) -> bool {
    let of_step = past.effects.range((step, 0)..=(step, u32::MAX));
    let mut inside = of_step.filter(|(_, effect)| effect.within == Some(within));
    inside.any(|((_, number), effect)| match kind(run, effect) {
        Some(FunctionKind::Files {
            act: FilesAct::Write | FilesAct::Edit,
            ..
        }) => effect.answer.is_some(),
        Some(FunctionKind::Tool { .. }) => changed(run, past, step, *number),
        _ => false,
    })
}

/// A file is replaced as a whole, so that it has the intended text or the old one.
fn was_written(run: &Run, effect: &PastEffect) -> Result<bool, HostError> {
    let Some(FunctionKind::Files {
        mount,
        act: FilesAct::Write,
    }) = kind(run, effect)
    else {
        return Ok(false);
    };
    let argument = |name: &str| {
        let found = effect.arguments.iter().find(|(other, _)| other == name);
        found.map(|(_, digest)| run.load(digest)).transpose()
    };
    let (Some(path), Some(content)) = (argument("path")?, argument("content")?) else {
        return Ok(false);
    };
    let there = run.mounts.get(mount).map(|mount| read(mount, &path));
    Ok(there
        .flatten()
        .is_some_and(|there| there == content.to_text()))
}

fn read(place: &Place, path: &Payload) -> Option<String> {
    let at = place.inside(&path.to_text()).ok()?;
    let mut text = String::new();
    let most = MAX_CREATE_BYTES as u64;
    let mut file = place.file(&at).ok()?.take(most);
    file.read_to_string(&mut text).ok()?;
    Some(text)
}

async fn note_written(run: &Run, step: u32, effect: u32) -> Result<(), HostError> {
    let payload = Payload::json(serde_json::Value::Null);
    let (answer, blob) = run.store(&payload, lazaret_kernel::label::Label::BOTTOM)?;
    let past = Answer {
        ok: true,
        digest: answer.digest.clone(),
        label: answer.label.clone(),
        facts: None,
        elsewhere: Elsewhere::No,
    };
    let event = Event::EffectDone {
        step,
        effect,
        ok: true,
        answer,
        facts: None,
        usage: None,
        elsewhere: Elsewhere::No,
        at_ms: run.now_ms(),
    };
    run.record(&event, vec![blob]).await?;
    run.replay().settle(step, effect, past);
    Ok(())
}
